"""Actions that the API refuses itself: role, ownership, units, directory, articles; and Temporal is down."""

import httpx
import pytest

from api.schemas.examples import example_of
from claims.lifecycle import roles_for
from claims.model.messages.action_bodies import BODIES
from claims.model.terms import Action, Role
from records.database.engine import Records
from tests.support.api.api_caller import Caller
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import HOUSING, POWER, TENGZHOU, usual
from tests.support.dates import beijing
from tests.support.records.recorded_claims import keep

AT = beijing("Tue 2026-11-24 09:00")


@pytest.fixture
async def number(api: Caller) -> str:
    return str((await api.register()).json()["number"])


async def act(
    api: Caller,
    number: str,
    action: Action,
    role: Role,
    fields: dict[str, object] | None = None,
    at_unit: str = "",
) -> httpx.Response:
    body = {"request_id": "r1", **usual(action, AT), **(fields or {})}
    return await api.post(f"/claims/{number}/{action}", body, role, at=at_unit)


async def test_while_temporal_is_away_an_action_is_503_and_may_be_repeated(api: Caller, number: str) -> None:
    answer = await act(api, number, Action.DISPATCH, Role.OPERATOR)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "同一 request_id 重复提交是安全的" in answer.json()["detail"]


@pytest.mark.parametrize("action", list(BODIES))
async def test_a_role_that_may_never_do_it_is_403(api: Caller, action: Action) -> None:
    for role in set(Role) - {Role.CONSOLE}:
        body = {"request_id": "r1", **usual(action, AT)}
        answer = await api.post(f"/claims/QH1/{action}", body, role, at=POWER, called="甲")
        assert answer.status_code == (404 if role in roles_for(action) else 403), role


async def test_a_role_that_may_not_is_told_who_may(api: Caller, number: str) -> None:
    answer = await act(api, number, Action.DISPATCH, Role.HANDLER, at_unit=POWER)
    assert (answer.json()["rule"], answer.json()["instead"]) == ("§1", "请由受理专员办理")


async def test_another_units_claim_is_404(api: Caller, number: str) -> None:
    assert (await act(api, number, Action.CONTACT, Role.HANDLER, at_unit=POWER)).status_code == 404


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("action", "role", "fields"),
    [
        (Action.DISPATCH, Role.OPERATOR, {"unit": "ZZ-NONE"}),
        (Action.DISPATCH, Role.OPERATOR, {"co_units": ["ZZ-NONE"]}),
        (Action.DISPATCH, Role.OPERATOR, {"unit": "PF"}),
        (Action.DISPATCH, Role.OPERATOR, {"unit": "LG-DD"}),
        (Action.DISPATCH, Role.OPERATOR, {"co_units": ["LG"]}),
        (Action.REDETERMINE, Role.SUPERVISOR, {"unit": "PF"}),
        (Action.REDETERMINE, Role.SUPERVISOR, {"unit": "ZZ-NONE"}),
        (Action.ARBITRATE, Role.ARBITER, {"unit": f"{TENGZHOU}-PT"}),
    ],
)
async def test_a_unit_that_is_none_or_does_not_handle_is_refused(
    api: Caller, number: str, action: Action, role: Role, fields: dict[str, object]
) -> None:
    answer = await act(api, number, action, role, fields)
    assert (answer.status_code, answer.json()["rule"]) == (422, "R14")


@pytest.mark.rule("R14")
async def test_a_unit_outside_the_directory_needs_a_written_basis(api: Caller, number: str) -> None:
    town = next(unit.id for unit in api.app.state.services.organisation.towns_of(TENGZHOU))
    answer = await act(api, number, Action.DISPATCH, Role.OPERATOR, {"unit": town, "basis": ""})
    assert (answer.status_code, answer.json()["rule"]) == (409, "R14")
    assert "不在派单目录内" in answer.json()["detail"]
    written = await act(api, number, Action.DISPATCH, Role.OPERATOR, {"unit": town, "basis": "属地职责"})
    assert written.status_code == 503


@pytest.mark.rule("R14")
@pytest.mark.parametrize("unit", [POWER, HOUSING, TENGZHOU])
async def test_a_unit_in_the_directory_needs_none(api: Caller, number: str, unit: str) -> None:
    assert (
        await act(api, number, Action.DISPATCH, Role.OPERATOR, {"unit": unit, "basis": ""})
    ).status_code == 503


@pytest.mark.rule("R12")
async def test_an_article_that_is_not_in_the_knowledge_base_is_refused(api: Caller, number: str) -> None:
    answer = await act(api, number, Action.ANSWER, Role.OPERATOR, {"article": "KB-999"})
    assert (answer.status_code, answer.json()["rule"]) == (422, "R12")


@pytest.mark.parametrize(
    ("action", "fields", "field"),
    [
        (Action.CONTACT, {"at": "9999-12-31T23:59:59-10:00"}, "at"),
        (Action.CONTACT, {"at": "0001-01-01T00:00:00+14:00"}, "at"),
        (Action.CONTACT, {"at": "2026-11-24T09:00:00"}, "at"),
        (Action.CONTACT, {"at": "昨天"}, "at"),
        (Action.CONTACT, {"person": ""}, "person"),
        (Action.REJECT, {"signature": {"head": "李" * 201, "paper": "a"}}, "signature"),
        (Action.REJECT, {"signature": {"paper": "a"}}, "signature.head"),
        (Action.FEEDBACK, {"outcome": "done"}, "outcome"),
        (Action.FEEDBACK, {"request_id": ""}, "request_id"),
        (Action.FEEDBACK, {"request_id": "r" * 129}, "request_id"),
    ],
)
async def test_a_wrong_field_of_an_action_is_named(
    api: Caller, records: Records, action: Action, fields: dict[str, object], field: str
) -> None:
    keep(records, Paper().dispatched(POWER))
    answer = await act(api, "QH202611240001", action, Role.HANDLER, fields, at_unit=POWER)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("action", list(BODIES))
def test_every_example_is_a_valid_body(action: Action) -> None:
    BODIES[action].model_validate(example_of(action))


@pytest.mark.rule("R44")
async def test_a_sealed_form_that_was_never_uploaded_is_refused(api: Caller, records: Records) -> None:
    paper = Paper().in_review()
    keep(records, paper)
    answer = await act(api, paper.claim.number, Action.REVIEW_FORM, Role.HEAD, at_unit=POWER)
    assert (answer.status_code, answer.json()["rule"]) == (422, "R44")


@pytest.mark.rule("R46")
async def test_what_a_full_claim_would_refuse_is_not_sent_to_it(api: Caller, records: Records) -> None:
    paper = Paper().dispatched()
    paper.claim.seq = paper.claim.policy.journal_lines
    keep(records, paper)
    refused = await act(api, paper.claim.number, Action.REMIND, Role.CALLER)
    assert (refused.status_code, refused.json()["rule"]) == (409, "R46")
    elsewhere = await act(api, paper.claim.number, Action.REDETERMINE, Role.SUPERVISOR)
    assert (elsewhere.status_code, elsewhere.json()["rule"]) == (409, "R15")
    sent = await act(api, paper.claim.number, Action.CONTACT, Role.HANDLER, at_unit=POWER)
    assert sent.status_code == 503  # this one is sent to the claim, whose server is down here
