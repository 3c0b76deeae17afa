"""An action on the real server: signalled, performed by the claim, answered."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import TimeSkipper

from activities.workflow_ids import workflow_id
from claims.model.terms import Action, Role
from records.database.engine import open_records
from records.intake import intake_of
from records.tables import NUMBER_SEQUENCE
from runtime.data_converter import decode_history
from runtime.settings import Settings
from service_layer.background.claim_start_sweep import sweep
from service_layer.clock import now
from tests.support.api.api_caller import ORDER, Caller, calling
from tests.support.claims.credit_codes import code_of
from tests.support.claims.later_actions import bring_with
from tests.support.claims.people import ENTERPRISE, POWER, WATER, usual
from tests.support.polling import PATIENCE, eventually, until
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

MOST_EVENTS: Final = 41
"""Events of a claim with six actions (`docs/performance.md`), each sent after the previous one is recorded:
an earlier action comes without schedules and adds nine events. On a Saturday or Sunday there are 39, as two
limits end at the same instant and share a timer.
"""
MOST_BYTES: Final = 24_000

# One home for all tests: numbers must be unique, like the server's workflow ids.


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("city")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(server: DevServer, client: Client, home: Path) -> AsyncIterator[Caller]:
    """The API with a real server and a worker."""
    settings = Settings(
        home=home, temporal_address=server.target, task_queue="api-manned", action_timeout=PATIENCE
    )
    records = open_records(settings.records_url)
    with records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


@pytest_asyncio.fixture(loop_scope="session")
async def unmanned(server: DevServer, home: Path, request: pytest.FixtureRequest) -> AsyncIterator[Caller]:
    """The API with a real server whose task queue has no worker."""
    queue = f"api-{request.node.name}"
    settings = Settings(home=home, temporal_address=server.target, task_queue=queue, action_timeout=0.5)
    async with calling(settings) as caller:
        yield caller


async def registered(api: Caller) -> str:
    """Register a claim, retrying if the database is busy; return its number."""
    answer = await eventually(lambda: api.register(external_id=""), lambda found: found.status_code != 503)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


async def act(
    api: Caller,
    number: str,
    action: Action,
    role: Role,
    at: str = "",
    *,
    request_id: str = "",
    fields: Mapping[str, object] | None = None,
) -> httpx.Response:
    body = {"request_id": request_id or f"{action}-{number}", **usual(action, now()), **(fields or {})}
    return await api.post(f"/claims/{number}/{action}", body, role, at=at)


async def dispatched(api: Caller) -> str:
    number = await registered(api)
    answer = await act(api, number, Action.DISPATCH, Role.OPERATOR)
    assert answer.status_code == 200, answer.text
    return number


async def test_a_claim_goes_its_whole_way_over_http(city: Caller, client: Client) -> None:
    number = await registered(city)
    await on_record(city, number, "registered")
    way = [
        (Action.DISPATCH, Role.OPERATOR, "", "handling"),
        (Action.SIGN_FOR, Role.HANDLER, POWER, "handling"),
        (Action.CONTACT, Role.HANDLER, POWER, "handling"),
        (Action.REPLY, Role.HANDLER, POWER, "handling"),
        (Action.FEEDBACK, Role.HANDLER, POWER, "call-back"),
        (Action.CALL_BACK, Role.CALLER, "", "closed"),
    ]
    for action, role, at, stage in way:
        answer = await act(city, number, action, role, at)
        assert (answer.status_code, answer.json()["stage"]) == (200, stage), answer.text
        assert answer.json()["stale"] is False
        await on_record(city, number, f"{action}-{number}")
    view = (await city.get(f"/claims/{number}", Role.AUDITOR)).json()
    assert (view["closed"]["reason"], view["allowed_actions"]) == ("satisfied", [])
    page = (await city.get(f"/track/{number}", phone="0004")).json()
    assert page["events"][-1]["text"] == "办结：满意办结"
    ready = await city.get("/health/ready")
    assert (ready.status_code, ready.json()["worker"]) == (200, True)
    events, size = await size_of_history(client, number)
    assert events <= MOST_EVENTS
    assert size <= MOST_BYTES


async def test_whoever_acts_finds_it_in_lists_and_journal_at_once(city: Caller) -> None:
    for _ in range(3):
        number = await registered(city)
        found = (await city.get("/claims", Role.OPERATOR, number=number)).json()["claims"]
        assert [claim["stage"] for claim in found] == ["registered"]
        await act(city, number, Action.DISPATCH, Role.OPERATOR)
        journal = (await city.get(f"/claims/{number}/journal", Role.OPERATOR)).json()["entries"]
        assert "dispatched" in {entry["kind"] for entry in journal}
        found = (await city.get("/claims", Role.HANDLER, at=POWER, number=number)).json()["claims"]
        assert [claim["stage"] for claim in found] == ["handling"]


async def test_an_enterprise_that_enquires_at_once_reads_the_last_act(city: Caller) -> None:
    for _ in range(3):
        number = await dispatched(city)
        page = (await city.http.post(f"/track/{number}", json={"phone": "0004"})).json()
        assert [event["text"] for event in page["events"]][1:] == ["第1次派单，送达枣庄供电公司（首接单位）"]


async def on_record(api: Caller, number: str, wanted: str) -> None:
    """Wait until the records have an entry of this kind, or of this request."""

    async def has_it() -> bool:
        answer = await api.get(f"/claims/{number}/journal", Role.COORDINATOR)
        entries = answer.json().get("entries", [])
        return any(wanted in (entry["kind"], entry["request_id"]) for entry in entries)

    await until(has_it)


async def size_of_history(client: Client, number: str) -> tuple[int, int]:
    """Return events and bytes, without encryption, compression and the engine's own tasks, of which a busy
    machine has more.
    """
    history = await client.get_workflow_handle(workflow_id(number)).fetch_history()
    decoded = await decode_history(history.to_json_dict(), client.data_converter)
    events = [
        event
        for event in WorkflowHistory.from_json(history.workflow_id, decoded).events
        if "WORKFLOW_TASK" not in EventType.Name(event.event_type)
    ]
    return len(events), sum(event.ByteSize() for event in events)


@pytest.mark.rule("R14")
async def test_the_directorys_entry_is_the_basis_where_none_is_written(city: Caller) -> None:
    number = await registered(city)
    answer = await act(city, number, Action.DISPATCH, Role.OPERATOR, fields={"basis": ""})
    assert answer.json()["dispatches"][0]["basis"].startswith("派单目录PD-")


async def test_a_refused_action_is_409_with_rule_and_reason_and_stays_so(city: Caller) -> None:
    number = await registered(city)
    for _ in range(2):
        answer = await act(city, number, Action.ANSWER, Role.OPERATOR, request_id="r1")
        assert (answer.status_code, answer.json()["rule"], answer.json()["request_id"]) == (409, "R12", "r1")
    outcome = (await city.get(f"/claims/{number}/outcomes/r1", Role.OPERATOR)).json()
    assert (outcome["status"], outcome["rule"]) == ("refused", "R12")


@pytest.mark.rule("R15")
async def test_an_incomplete_return_is_409(city: Caller) -> None:
    number = await dispatched(city)
    answer = await act(
        city, number, Action.REJECT, Role.HANDLER, POWER, fields={"basis": "", "signature": None}
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:zaoying:problem:incomplete")
    assert "退单依据、主要负责人签字" in answer.json()["detail"]


async def test_an_action_sent_twice_is_done_once(city: Caller) -> None:
    number = await dispatched(city)
    answers = await asyncio.gather(
        *(act(city, number, Action.REMIND, Role.CALLER, request_id="once") for _ in range(5))
    )
    assert {(answer.status_code, answer.json()["reminders"]) for answer in answers} == {(200, 1)}


@pytest.mark.rule("§1")
async def test_a_claim_of_the_hotline_is_the_enterprises_once_its_code_is_added(city: Caller) -> None:
    sent = {**ORDER, "external_id": "HOT-CODE", "credit_code": ""}
    number = str((await city.post("/claims", sent, Role.OPERATOR)).json()["number"])
    owner = city.headers(Role.ENTERPRISE, name=ENTERPRISE.name)
    assert (await city.http.get(f"/claims/{number}", headers=owner)).status_code == 404
    wrong = f"{ENTERPRISE.credit_code[:-1]}{'0' if ENTERPRISE.credit_code[-1] != '0' else '1'}"
    answer = await act(
        city, number, Action.SUPPLEMENT, Role.CALLER, request_id="c1", fields={"credit_code": wrong}
    )
    assert (answer.status_code, answer.json()["rule"]) == (422, "§1")
    spaced = f" {ENTERPRISE.credit_code[:8]} {ENTERPRISE.credit_code[8:].lower()}"
    answer = await act(
        city, number, Action.SUPPLEMENT, Role.CALLER, request_id="c2", fields={"credit_code": spaced}
    )
    assert answer.status_code == 200, answer.text

    async def read() -> int:
        return (await city.http.get(f"/claims/{number}", headers=owner)).status_code

    assert await eventually(read, lambda status: status == 200) == 200
    listed = (await city.http.get("/claims", headers=owner)).json()["claims"]
    assert number in [one["number"] for one in listed]


async def test_a_request_id_is_for_one_action(city: Caller) -> None:
    number = await dispatched(city)
    await act(city, number, Action.REMIND, Role.CALLER, request_id="r1")
    answer = await act(city, number, Action.SUPPLEMENT, Role.CALLER, request_id="r1")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:zaoying:problem:conflict")


async def test_a_strange_request_id_finds_its_outcome(city: Caller) -> None:
    number = await dispatched(city)
    request_id = "催办/2026 第1次?&#%"
    assert (await act(city, number, Action.REMIND, Role.CALLER, request_id=request_id)).status_code == 200
    path = httpx.URL(f"/claims/{number}/outcomes/").join(
        "%E5%82%AC%E5%8A%9E%2F2026%20%E7%AC%AC1%E6%AC%A1%3F%26%23%25"
    )
    answer = await city.http.get(path, headers=city.headers(Role.OPERATOR))
    assert (answer.status_code, answer.json()["request_id"]) == (200, request_id)


async def test_a_request_that_the_claim_never_got_is_404(city: Caller) -> None:
    number = await registered(city)
    assert (await city.get(f"/claims/{number}/outcomes/never", Role.OPERATOR)).status_code == 404


async def test_the_actor_comes_from_the_token(city: Caller) -> None:
    number = await registered(city)
    forged = {"actor": {"sub": "mayor", "roles": ["admin"]}, "received_at": "2020-01-01T00:00:00Z"}
    answer = await act(city, number, Action.DISPATCH, Role.OPERATOR, fields=forged)
    assert [error["field"] for error in answer.json()["errors"]] == ["actor", "received_at"]
    await act(city, number, Action.DISPATCH, Role.OPERATOR)
    journal = await eventually(  # the records follow the claim
        lambda: city.get(f"/claims/{number}/journal", Role.AUDITOR),
        lambda found: '"dispatched"' in found.text,
    )
    sent = next(entry for entry in journal.json()["entries"] if entry["kind"] == "dispatched")
    assert sent["actor"]["roles"] == ["operator"]
    assert datetime.fromisoformat(sent["at"]) > now() - timedelta(minutes=5)


async def test_what_one_api_saw_lately_hides_no_act_that_another_took(city: Caller) -> None:
    number = await registered(city)
    async with calling(city.settings) as other:
        assert (await act(other, number, Action.DISPATCH, Role.OPERATOR)).status_code == 200
    answer = await act(city, number, Action.SIGN_FOR, Role.HANDLER, POWER)
    assert answer.status_code == 200, answer.text
    assert answer.json()["dispatches"][0]["signed_for_at"] is not None


async def test_co_units_may_not_do_the_leads_work(city: Caller) -> None:
    number = await registered(city)
    await act(city, number, Action.DISPATCH, Role.OPERATOR, fields={"co_units": [WATER]})
    answer = await act(city, number, Action.CONTACT, Role.HANDLER, WATER)
    assert (answer.status_code, answer.json()["rule"]) == (403, "R14")
    assert (await act(city, number, Action.PROGRESS, Role.HANDLER, WATER)).status_code == 200


@pytest.mark.rule("R7")
async def test_an_action_of_a_later_law_is_refused_where_the_claims_law_lacks_it(
    city: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await registered(city)
    await act(city, number, Action.DISPATCH, Role.OPERATOR)
    bring_with(monkeypatch, Action.PROGRESS)
    answer = await act(city, number, Action.PROGRESS, Role.HANDLER, POWER)
    assert (answer.status_code, answer.json()["rule"]) == (409, "R18")
    assert answer.json()["detail"] == "本工单适用的规定没有“登记进展”"
    assert (
        "progress"
        not in (await city.get(f"/claims/{number}", Role.HANDLER, at=POWER)).json()["allowed_actions"]
    )


@pytest.mark.rule("R47")
async def test_a_closed_claim_takes_nothing_more_but_repeats_its_answers(city: Caller) -> None:
    number = await registered(city)
    for _ in range(2):
        answer = await act(city, number, Action.WITHDRAW, Role.CALLER, request_id="w")
        assert (answer.status_code, answer.json()["closed"]["reason"]) == (200, "withdrawn")
    answer = await act(city, number, Action.REMIND, Role.CALLER)
    assert (answer.status_code, answer.json()["detail"]) == (409, "工单已办结，不能再催办")


async def test_an_enterprise_sees_and_reminds_its_own(city: Caller) -> None:
    number = await registered(city)
    body = {"request_id": "r1", "text": "请尽快"}
    own = await city.post(f"/claims/{number}/remind", body, Role.ENTERPRISE, called=ENTERPRISE.name)
    assert own.status_code == 200
    other = await city.post(f"/claims/{number}/remind", body, Role.ENTERPRISE, called="另一家公司")
    assert other.status_code == 404


async def test_many_at_once_are_all_answered(city: Caller) -> None:
    numbers = await asyncio.gather(*(registered(city) for _ in range(20)))
    assert len(set(numbers)) == 20
    answers = await asyncio.gather(*(act(city, number, Action.DISPATCH, Role.OPERATOR) for number in numbers))
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        limits = {limit["kind"]: limit["due_at"] for limit in answer.json()["limits"]}
        assert None not in limits.values()
        assert {"contact", "reply", "resolve"} <= limits.keys()


async def test_while_the_database_is_away_claims_go_on(city: Caller, home: Path) -> None:
    number = await dispatched(city)
    held = sqlite3.connect(home / "records.db", isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    answer = await act(city, number, Action.CONTACT, Role.HANDLER, POWER)
    held.execute("ROLLBACK")
    held.close()
    assert (answer.status_code, len(answer.json()["contacts"])) == (200, 1)


async def test_without_a_worker_a_claim_still_gets_its_number(unmanned: Caller) -> None:
    answer = await unmanned.register(external_id="")
    assert (answer.status_code, answer.json()["stage"]) == (201, "registered")
    ready = (await unmanned.get("/health/ready")).json()
    assert {name: ready[name] for name in ("status", "temporal", "worker", "records")} == {
        "status": "not-ready",
        "temporal": True,
        "worker": False,
        "records": True,
    }


async def test_without_a_worker_an_action_is_202_and_done_when_one_comes(
    unmanned: Caller, client: Client
) -> None:
    number = await registered(unmanned)
    answer = await act(unmanned, number, Action.DISPATCH, Role.OPERATOR, request_id="r/1")
    url = f"/claims/{number}/outcomes/r%2F1"
    assert (answer.status_code, answer.headers["location"]) == (202, url)
    assert answer.json() == {"status": "pending", "request_id": "r/1", "status_url": url}
    headers = unmanned.headers(Role.OPERATOR)
    assert (await unmanned.http.get(url, headers=headers)).status_code == 202
    records = open_records(unmanned.settings.records_url)
    with records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, unmanned.settings, records, threads):
            told = await eventually(
                lambda: unmanned.http.get(url, headers=headers), lambda found: found.status_code == 200
            )
            assert told.json()["status"] == "accepted"
            again = await eventually(
                lambda: act(unmanned, number, Action.DISPATCH, Role.OPERATOR, request_id="r/1"),
                lambda found: found.status_code == 200,
            )
            assert (again.status_code, len(again.json()["dispatches"])) == (200, 1)


@pytest.mark.rule("R10")
async def test_what_a_dead_api_left_behind_is_started_by_the_next(
    city: Caller, home: Path, server: DevServer
) -> None:
    away = city.settings.model_copy(update={"temporal_address": "127.0.0.1:1", "action_timeout": 0.5})
    async with calling(away) as dying:
        number = await registered(dying)
    records = open_records(city.settings.records_url)
    with records:
        line = intake_of(records, number)
        assert line is not None
        assert line.started_at is None
        assert await sweep(city.app.state.services, settled=timedelta()) >= 1
        line = intake_of(records, number)
        assert line is not None
        assert line.started_at is not None
    view = (await city.get(f"/claims/{number}", Role.OPERATOR)).json()
    assert (view["stale"], view["stage"]) == (False, "registered")
    assert view["registered_at"] == line.received_at.isoformat().replace("+00:00", "Z")


@pytest.mark.rule("R10")
async def test_an_action_on_a_claim_that_has_not_started_starts_it(city: Caller) -> None:
    away = city.settings.model_copy(update={"temporal_address": "127.0.0.1:1", "action_timeout": 0.5})
    async with calling(away) as dying:
        number = await registered(dying)
    answer = await act(city, number, Action.DISPATCH, Role.OPERATOR)
    assert (answer.status_code, answer.json()["stage"]) == (200, "handling")


@pytest.mark.rule("R10")
async def test_a_claim_that_cannot_be_started_yet_is_not_called_closed(city: Caller) -> None:
    refused_by_the_server = city.settings.model_copy(update={"task_queue": "q" * 2000})
    async with calling(refused_by_the_server) as api:
        number = await registered(api)
        answer = await act(api, number, Action.DISPATCH, Role.OPERATOR)
        assert (answer.status_code, "未确认送达" in answer.json()["detail"]) == (503, True), answer.text
    answer = await act(city, number, Action.DISPATCH, Role.OPERATOR)
    assert (answer.status_code, answer.json()["stage"]) == (200, "handling")


@pytest.mark.rule("R10")
async def test_a_claim_whose_start_cannot_be_noted_is_started_all_the_same(city: Caller, home: Path) -> None:
    away = city.settings.model_copy(update={"temporal_address": "127.0.0.1:1", "action_timeout": 0.5})
    async with calling(away) as dying:
        number = await registered(dying)
    other_writer = sqlite3.connect(home / "records.db", isolation_level=None)
    other_writer.execute("BEGIN IMMEDIATE")
    try:
        answer = await act(city, number, Action.DISPATCH, Role.OPERATOR)
    finally:
        other_writer.close()
    assert (answer.status_code, answer.json()["stage"]) == (200, "handling"), answer.text


async def test_in_virtual_time_the_claims_clock_is_its_own(city: Caller, client: Client) -> None:
    virtual = city.settings.model_copy(update={"virtual_time": True})
    async with calling(virtual) as api:
        number = await dispatched(api)
        handle = client.get_workflow_handle(workflow_id(number))
        await TimeSkipper(client).fast_forward(handle, timedelta(days=12))
        view = (await act(api, number, Action.CONTACT, Role.HANDLER, POWER)).json()
    limits = {limit["kind"]: limit["status"] for limit in view["limits"]}
    assert limits["contact"] == "missed"
    assert [light["colour"] for light in view["lights"] if light["limit"] == "contact"] == ["yellow", "red"]
    assert view["now"] > (now() + timedelta(days=11)).isoformat()


@pytest.mark.rule("R10")
async def test_a_number_that_another_claim_has_is_not_given_out_again_when_the_records_were_lost(
    city: Caller, server: DevServer, tmp_path: Path
) -> None:
    old = [await registered(city) for _ in range(3)]
    settings = city.settings.model_copy(update={"home": tmp_path})
    async with calling(settings) as caller:
        new = [await registered(caller) for _ in range(3)]
        assert not set(old) & set(new)
        again = await caller.register(external_id="HOT-77")
        assert again.status_code == 201
        assert (await caller.register(external_id="HOT-77")).json()["number"] == again.json()["number"]
        seen = (await caller.get(f"/claims/{again.json()['number']}", Role.AUDITOR)).json()
    assert seen["external_id"] == "HOT-77"


@pytest.mark.rule("R10")
async def test_what_a_dead_api_left_under_another_claims_number_is_started_under_a_free_one(
    city: Caller, tmp_path: Path
) -> None:
    old = [await registered(city) for _ in range(3)]
    lost = city.settings.model_copy(update={"home": tmp_path})
    with open_records(lost.records_url) as records, records.writing() as connection:
        before = {"day": date.fromisoformat(old[0][2:10]), "last": int(old[0][10:]) - 1}
        connection.execute(NUMBER_SEQUENCE.insert(), before)
    away = lost.model_copy(update={"temporal_address": "127.0.0.1:1", "action_timeout": 0.5})
    async with calling(away) as dying:
        assert (await dying.register(external_id="HOT-79")).json()["number"] == old[0]
    async with calling(lost) as caller:
        assert await sweep(caller.app.state.services, settled=timedelta()) == 1
        again = await caller.register(external_id="HOT-79")
    assert (again.status_code, again.json()["external_id"]) == (200, "HOT-79")
    assert again.json()["number"] not in old


@pytest.mark.rule("R10")
async def test_a_claim_that_is_registered_twice_at_once_has_one_number_when_the_records_were_lost(
    city: Caller, tmp_path: Path
) -> None:
    old = {await registered(city) for _ in range(3)}
    async with calling(city.settings.model_copy(update={"home": tmp_path})) as caller:
        answers = await asyncio.gather(*(caller.register(external_id="HOT-78") for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    [(number, external_id)] = {(found["number"], found["external_id"]) for found in map(_json, answers)}
    assert (number not in old, external_id) == (True, "HOT-78")


def _json(answer: httpx.Response) -> dict[str, str]:
    found: dict[str, str] = answer.json()
    return found


@pytest.mark.rule("R48")
async def test_a_likely_duplicate_is_shown_to_the_operator_and_merged_into_the_open_claim(
    city: Caller,
) -> None:
    enterprise = "枣庄重复诉求有限公司"
    own = {"enterprise": enterprise, "credit_code": code_of(enterprise), "external_id": ""}
    sent = [await city.post("/claims", {**ORDER, **own}, Role.OPERATOR) for _ in range(2)]
    first, second = [answer.json() for answer in sent]
    assert [found["number"] for found in second["possible_duplicates"]] == [first["number"]]
    for into, status in (("QH202601010001", 422), (second["number"], 409), (first["number"], 200)):
        answer = await act(
            city,
            second["number"],
            Action.MERGE,
            Role.OPERATOR,
            request_id=f"m{status}",
            fields={"into": into},
        )
        assert answer.status_code == status, answer.text
    assert answer.json()["closed"]["reason"] == "merged"
    await eventually(
        lambda: city.get(f"/claims/{first['number']}", Role.OPERATOR),
        lambda found: found.json()["reminders"] > 0,
    )
    again = await act(city, first["number"], Action.MERGE, Role.OPERATOR, fields={"into": second["number"]})
    assert (again.status_code, again.json()["rule"]) == (409, "R48")
