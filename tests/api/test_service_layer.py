"""The service layer without HTTP, as pages call it, with errors as `ServiceError`."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

from claims.model.messages.action_bodies import Reply
from claims.model.messages.unit_action_bodies import RevokeLight, UnitAction
from claims.model.terms import Action, Role
from claims.model.values import Actor
from records.contact_readings import ReadFilter, contact_reads
from runtime.settings import Settings
from service_layer.claims.claim_access import find
from service_layer.claims.claim_actions import perform
from service_layer.claims.contact_access import view_of
from service_layer.claims.registration import register
from service_layer.claims.registration_form import Registration
from service_layer.clock import now
from service_layer.enquiries import tracking
from service_layer.enquiries.tracking import track_claim
from service_layer.errors import ErrorKind, ServiceError
from service_layer.recent_claims import JUST_NOW, LATELY, RecentClaims
from service_layer.services import Services, make_services
from service_layer.units.unit_actions import perform_on_unit
from tests.support.api.api_caller import ORDER
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER

OPERATOR = Actor(sub="desk", name="王专员", roles=(Role.OPERATOR,))
INSPECTOR = Actor(sub="inspector", roles=(Role.INSPECTOR,))
AUDITOR = Actor(sub="auditor", roles=(Role.AUDITOR,))


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    services = make_services(settings)
    yield services
    services.records.close()


@pytest.fixture
async def number(services: Services) -> str:
    return (await register(services, Registration.model_validate(ORDER), OPERATOR)).number


async def test_a_claim_is_rendered_for_one_caller_and_the_reading_recorded(
    services: Services, number: str
) -> None:
    snapshot = await find(services, number, OPERATOR)
    assert (await view_of(services, snapshot, OPERATOR)).contact == "王经理"
    assert (await view_of(services, snapshot, INSPECTOR)).masked
    reads = await services.records.run(contact_reads, ReadFilter(number=number, limit=10))
    assert [read.sub for read in reads] == ["desk"]


async def test_a_role_that_may_not_is_refused_by_the_operation_itself(
    services: Services, number: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await perform(services, number, Action.REPLY, Reply(request_id="r", text="答复"), AUDITOR)
    assert (caught.value.kind, caught.value.rule) == (ErrorKind.FORBIDDEN, "§1")
    with pytest.raises(ServiceError, match="您的身份不能登记诉求"):
        await register(services, Registration.model_validate(ORDER), AUDITOR)
    body = RevokeLight(request_id="r", light="l", reason="系统故障")
    with pytest.raises(ServiceError, match="您的身份不能办理此事项") as caught:
        await perform_on_unit(services, POWER, UnitAction.REVOKE_LIGHT, body, INSPECTOR)
    assert caught.value.rule == "R37"


async def test_another_number_is_not_found(services: Services) -> None:
    with pytest.raises(ServiceError) as caught:
        await find(services, "QH1", OPERATOR)
    assert caught.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.rule("R39")
async def test_too_many_enquiries_say_when_to_try_again(
    services: Services, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = now()
    monkeypatch.setattr(tracking, "now", lambda: at)
    assert (await track_claim(services, number, "0004", client="a")).number == number
    for _ in range(10):
        with pytest.raises(ServiceError, match="后四位不符"):
            await track_claim(services, number, "9999", client="a")
    with pytest.raises(ServiceError) as caught:
        await track_claim(services, number, "9999", client="a")
    assert (caught.value.kind, caught.value.retry_after) == (ErrorKind.TOO_MANY, 60)


def test_the_service_layer_loads_no_web_framework() -> None:
    modules = (
        "service_layer.background.tasks, service_layer.attachments.uploads, service_layer.units.unit_actions"
    )
    check = f"import sys, {modules}; sys.exit(bool({{'fastapi', 'starlette', 'api'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_the_later_state_of_a_claim_that_was_seen_counts_and_few_are_kept() -> None:
    paper = Paper()
    registered = paper.claim
    dispatched = paper.dispatched().claim
    seen = RecentClaims()
    assert seen.latest(registered) is registered
    seen.note(dispatched)
    assert seen.latest(registered) is dispatched
    assert seen.latest(later := dispatched.model_copy(update={"seq": dispatched.seq + 1})) is later
    for n in range(200):
        seen.note(registered.model_copy(update={"number": f"QH{n}"}))
    assert seen.latest(registered) is registered


def test_a_claim_is_waited_for_until_it_is_on_record_but_not_for_long() -> None:
    time = 0.0
    paper = Paper()
    registered = paper.claim
    dispatched = paper.dispatched().claim
    seen = RecentClaims(lambda: time)
    assert seen.unrecorded() == {}
    seen.note(registered)
    seen.are_on_record({registered.number: registered.seq})
    assert seen.unrecorded() == {}
    seen.note(dispatched)
    seen.are_on_record({registered.number: registered.seq})
    assert seen.unrecorded() == {registered.number: dispatched.seq}
    time = JUST_NOW + 0.01
    assert seen.unrecorded() == {}
    assert seen.latest(registered) is dispatched
    time = LATELY
    assert seen.seen_lately(registered.number) is dispatched
    time = LATELY + 0.01
    assert seen.seen_lately(registered.number) is None


async def test_records_that_are_late_are_not_waited_for_without_end(services: Services, number: str) -> None:
    await services.caught_up()
    snapshot = await find(services, number, OPERATOR)
    services.recent_claims.note(snapshot.claim)
    async with asyncio.timeout(5):
        await services.caught_up()
