"""Invalid requests to a running system: refused with rule and reason, without changes."""

from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client

from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Role
from claims.model.unit_account import MeasureKind, UnitAccount, measure_id
from records.claim_writer import write_step
from records.database.engine import open_records
from runtime.settings import Settings
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.api.claim_uploads import upload
from tests.support.claims.offline_claim import Paper
from tests.support.claims.offline_unit_account import light
from tests.support.claims.people import POWER, PROMISES, usual
from tests.support.polling import PATIENCE, until
from tests.support.workflows.unit_play import report
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

UNIT, UNHEARD_OF = "ZZ-SJJ", "ZZ-DSJ"
FIRST, SECOND = (
    light(day, number).model_copy(update={"unit": UNIT})
    for day, number in (("Mon 2026-11-02", "QH1"), ("Mon 2026-11-09", "QH2"))
)
INTERVIEW = measure_id(UnitAccount(unit=UNIT), MeasureKind.INTERVIEW, FIRST.id, SECOND.id)

Json = dict[str, object]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(
    server: DevServer, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Caller]:
    """An API and a worker with their own records."""
    home = tmp_path_factory.mktemp("bad-input")
    settings = Settings(
        home=home, temporal_address=server.target, task_queue=home.name, action_timeout=PATIENCE
    )
    with open_records(settings.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


class Desk:
    """One claim over HTTP."""

    def __init__(self, town: Caller, number: str) -> None:
        self._town = town
        self.number = number
        self._acts = 0

    async def act(self, action: Action, role: Role, at: str = "", **fields: object) -> httpx.Response:
        self._acts += 1
        body = {"request_id": f"r{self._acts}", **usual(action, now()), **fields}
        return await self._town.post(f"/claims/{self.number}/{action}", body, role, at=at)

    async def must(self, action: Action, role: Role, at: str = "", **fields: object) -> None:
        answer = await self.act(action, role, at, **fields)
        assert answer.status_code == httpx.codes.OK, answer.text

    async def view(self) -> Json:
        """Return the view without the time of day and without journal lines of refusals."""
        shown: Json = (await self._town.get(f"/claims/{self.number}", Role.SUPERVISOR)).json()
        return {name: value for name, value in shown.items() if name not in ("now", "seq")}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def verifying(town: Caller) -> Desk:
    """A claim whose sealed form is with the platform."""
    desk = Desk(town, str((await town.register(external_id="")).json()["number"]))
    await desk.must(Action.DISPATCH, Role.OPERATOR)
    for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        await desk.must(action, Role.HANDLER, POWER)
    await desk.must(Action.CALL_BACK, Role.CALLER, grade="dissatisfied")
    await desk.must(Action.FEEDBACK, Role.HANDLER, POWER)
    await desk.must(Action.CALL_BACK, Role.CALLER, grade="dissatisfied")
    seal = (await upload(town, claim=desk.number)).json()["id"]
    await desk.must(Action.REVIEW_FORM, Role.HEAD, POWER, signature=None, seal=seal)
    return desk


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("days", "status"), [(0, 409), (400, 409), (16, 409), (-1, 409), (10**30, 409), ("下周", 422), (1.5, 422)]
)
async def test_an_order_of_no_or_too_many_days_is_refused(verifying: Desk, days: object, status: int) -> None:
    before = await verifying.view()
    answer = await verifying.act(Action.VERIFY, Role.SUPERVISOR, compliant=False, order_days=days)
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status), problem
    if status == httpx.codes.CONFLICT:
        assert (problem["rule"], "1至15个工作日" in problem["detail"]) == ("R45", True)
        assert problem["instead"]
    else:
        assert [error["field"] for error in problem["errors"]] == ["order_days"]
    assert await verifying.view() == before
    assert before["stage"] == "verification"


async def unit_view(town: Caller) -> Json:
    shown: Json = (await town.get(f"/units/{UNIT}", Role.INSPECTOR)).json()
    return shown


async def act(town: Caller, action: str, role: Role, **body: object) -> httpx.Response:
    return await town.post(f"/units/{UNIT}/{action}", body, role)


async def refused(town: Caller, action: str, role: Role, rule: str, **body: object) -> str:
    """Check for a 409 with this rule and an unchanged unit; return the error."""
    before = await unit_view(town)
    answer = await act(town, action, role, **body)
    problem: Mapping[str, str] = answer.json()
    assert (answer.status_code, problem["rule"]) == (httpx.codes.CONFLICT, rule), problem
    assert await unit_view(town) == before
    return problem["detail"]


@pytest.mark.rule("R35", "R37")
async def test_no_interview_is_recorded_before_it_is_opened_and_no_light_revoked_twice(
    town: Caller, client: Client
) -> None:
    record = {"measure": INTERVIEW, "person": "王局长", "record": "已约谈", "measures": PROMISES}
    await report(client, town.settings.task_queue, FIRST)
    assert "约谈" in await refused(town, "record-interview", Role.INSPECTOR, "R35", request_id="i1", **record)
    await report(client, town.settings.task_queue, SECOND)

    async def is_opened() -> bool:
        return bool((await unit_view(town))["measures"])

    await until(is_opened)
    answer = await act(town, "record-interview", Role.INSPECTOR, request_id="i2", **record)
    assert answer.status_code == httpx.codes.OK, answer.text
    for request_id, light_id in (("v1", FIRST.id), ("v2", SECOND.id)):
        word = {"request_id": request_id, "light": light_id, "reason": "平台责任"}
        answer = await act(town, "revoke-light", Role.SUPERVISOR, **word)
        assert answer.status_code == httpx.codes.OK, answer.text
    again = await refused(
        town, "revoke-light", Role.SUPERVISOR, "R37", request_id="v3", light=FIRST.id, reason="再撤一次"
    )
    assert "撤销" in again


@pytest.mark.rule("R37")
async def test_a_light_that_its_units_account_has_not_heard_of_yet_is_to_be_revoked_later(
    town: Caller,
) -> None:
    paper = Paper().dispatched(UNHEARD_OF)
    paper.wait(timedelta(days=7))
    given = paper.claim.lights[0]
    with open_records(town.settings.records_url) as records:
        write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))
    word = {"request_id": "v", "reason": "系统故障"}
    path = f"/units/{UNHEARD_OF}/revoke-light"
    answer = await town.post(path, {**word, "light": given.id}, Role.SUPERVISOR)
    assert (answer.status_code, "尚未登记" in answer.json()["detail"]) == (503, True), answer.text
    never = await town.post(path, {**word, "light": f"{given.id}-"}, Role.SUPERVISOR)
    assert (never.status_code, never.json()["rule"]) == (409, "R37")
