"""Merging over HTTP, and later messages to a merged number (R48, R46, R39)."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client

from claims.model.terms import Action, Role
from records.database.engine import open_records
from records.queries import claims
from runtime.settings import Settings
from service_layer.clock import now
from service_layer.services import Services
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.people import ENTERPRISE, POWER, usual
from tests.support.polling import PATIENCE, eventually
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

pytestmark = pytest.mark.rule("R48")
PHONE = "5550004"
QUEUE = "api-merging"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(
    server: DevServer, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Caller]:
    home = tmp_path_factory.mktemp("city")
    settings = Settings(home=home, temporal_address=server.target, task_queue=QUEUE, action_timeout=PATIENCE)
    with open_records(settings.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


async def registered(city: Caller, n: int = 2) -> list[str]:
    answers = [await city.register(external_id="") for _ in range(n)]
    assert {answer.status_code for answer in answers} == {201}
    return [str(answer.json()["number"]) for answer in answers]


async def act(
    city: Caller, number: str, action: Action, role: Role, *, request_id: str = "", **fields: object
) -> httpx.Response:
    body = {"request_id": request_id or f"{action}-{role}", **usual(action, now()), **fields}
    at, called = (POWER, "") if role is Role.HANDLER else ("", ENTERPRISE.name)
    return await city.post(f"/claims/{number}/{action}", body, role, at=at, called=called)


async def merge(city: Caller, number: str, into: str, request_id: str = "m") -> httpx.Response:
    return await act(city, number, Action.MERGE, Role.OPERATOR, request_id=request_id, into=into)


async def view(city: Caller, number: str) -> dict[str, object]:
    found: dict[str, object] = (await city.get(f"/claims/{number}", Role.OPERATOR)).json()
    return found


async def merged(city: Caller, number: str, into: str) -> None:
    """Merge a claim and wait for the records: until then the claim itself refuses later messages and names
    the other.
    """
    assert (await merge(city, number, into)).status_code == 200
    services: Services = city.app.state.services
    await eventually(
        lambda: services.records.run(claims.snapshot, number),
        lambda claim: claim is not None and claim.merged_into == into,
    )


async def chain(city: Caller, n: int = 2) -> list[str]:
    """Return several claims, each merged into the next; the last one is open."""
    numbers = await registered(city, n)
    for number, into in pairwise(numbers):
        await merged(city, number, into)
    return numbers


async def test_of_pairs_merged_crosswise_at_once_one_is_merged_and_the_other_says_why_not(
    city: Caller,
) -> None:
    pairs = [await registered(city) for _ in range(6)]
    ways = [way for a, b in pairs for way in ((a, b), (b, a))]
    answers = await asyncio.gather(*(merge(city, a, b) for a, b in ways))
    for n, (a, b) in enumerate(pairs):
        both = answers[2 * n : 2 * n + 2]
        assert sorted(answer.status_code for answer in both) == [200, 409]
        (refused,) = [answer.json() for answer in both if answer.status_code == 409]
        assert refused["rule"] == "R48"
        assert refused["detail"]
        views = [await view(city, number) for number in (a, b)]
        assert sorted(str(seen["merged_into"]) for seen in views) == sorted(
            ["", b if views[0]["closed"] else a]
        )


async def test_a_ring_of_three_leaves_at_least_one_open(city: Caller) -> None:
    for _ in range(3):
        a, b, c = await registered(city, 3)
        answers = await asyncio.gather(merge(city, a, b), merge(city, b, c), merge(city, c, a))
        closed = [(await view(city, number))["closed"] for number in (a, b, c)]
        assert [answer.status_code == 200 for answer in answers] == [one is not None for one in closed]
        assert 1 <= sum(one is not None for one in closed) < 3


async def test_a_merge_sent_twice_is_done_once_and_answers_the_same(city: Caller) -> None:
    a, b = await registered(city)
    answers = await asyncio.gather(*(merge(city, a, b) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["merged_into"] for answer in answers} == {b}
    assert (await view(city, b))["reminders"] == 1
    outcome = (await city.get(f"/claims/{a}/outcomes/m", Role.OPERATOR)).json()
    assert (outcome["status"], outcome["action"]) == ("accepted", "merge")


async def test_the_number_to_merge_into_may_be_typed_in_full_width(city: Caller) -> None:
    a, b = await registered(city)
    merged = await merge(city, a, " " + "".join(chr(ord(char) + 0xFEE0) for char in b))
    assert (merged.status_code, merged.json()["merged_into"]) == (200, b)


async def test_merging_into_a_merged_claim_names_the_living_one(city: Caller) -> None:
    a, b, c = await chain(city, 3)
    (d,) = await registered(city, 1)
    for into in (a, b):
        refused = await merge(city, d, into, f"into-{into}")
        assert (refused.status_code, refused.json()["rule"]) == (409, "R48")
        assert c in refused.text
    assert (await merge(city, c, a, "back")).status_code == 409


@pytest.mark.rule("R46")
async def test_words_to_a_merged_number_reach_the_living_one_once(city: Caller) -> None:
    a, _, living = await chain(city, 3)
    for _ in range(2):
        reminded = await act(city, a, Action.REMIND, Role.CALLER, text="又来催了")
        added = await act(city, a, Action.SUPPLEMENT, Role.ENTERPRISE, text="补充：影响二期投产")
        assert (reminded.status_code, added.status_code) == (200, 200)
        assert reminded.json()["number"] == added.json()["number"] == living
    journal = (await city.get(f"/claims/{living}/journal", Role.OPERATOR)).text
    assert (journal.count("又来催了"), journal.count("补充：影响二期投产")) == (1, 1)


async def test_what_was_said_before_the_merge_is_answered_as_it_was(city: Caller) -> None:
    a, b = await registered(city)
    first = await act(city, a, Action.REMIND, Role.CALLER, request_id="early", text="先催一次")
    await merged(city, a, b)
    again = await act(city, a, Action.REMIND, Role.CALLER, request_id="early", text="先催一次")
    assert (first.status_code, again.status_code, again.json()["number"]) == (200, 200, a)
    assert "先催一次" not in (await city.get(f"/claims/{b}/journal", Role.OPERATOR)).text


@pytest.mark.parametrize(
    ("action", "role"),
    [
        (Action.WITHDRAW, Role.CALLER),
        (Action.WITHDRAW, Role.ENTERPRISE),
        (Action.PROGRESS, Role.HANDLER),
        (Action.CONTACT, Role.HANDLER),
        (Action.DISPATCH, Role.OPERATOR),
        (Action.REOPEN, Role.ENTERPRISE),
    ],
)
async def test_any_other_act_on_a_merged_number_is_refused_and_names_the_living_one(
    city: Caller, action: Action, role: Role
) -> None:
    a, b = await registered(city)
    dispatched = await act(city, a, Action.DISPATCH, Role.OPERATOR, request_id="d", unit=POWER)
    assert dispatched.status_code == 200
    await merged(city, a, b)
    refused = await act(city, a, action, role, request_id="later")
    assert (refused.status_code, refused.json()["rule"]) == (409, "R48")
    assert b in refused.json()["detail"]
    assert b in refused.json()["instead"]


async def test_words_to_a_claim_that_was_merged_into_one_that_has_ended_name_it(city: Caller) -> None:
    a, b = await chain(city)
    assert (await act(city, b, Action.WITHDRAW, Role.CALLER)).status_code == 200
    await eventually(lambda: view(city, b), lambda seen: seen["closed"] is not None)
    refused = await act(city, a, Action.REMIND, Role.CALLER)
    assert (refused.status_code, b in refused.json()["detail"]) == (409, True)
    assert "登记新的诉求" in refused.json()["instead"]


@pytest.mark.rule("R39")
async def test_tracking_a_merged_number_says_where_it_went_and_whose_it_is_to_nobody(city: Caller) -> None:
    a, _, living = await chain(city, 3)
    tracked = await eventually(
        lambda: city.get(f"/track/{a}", phone=PHONE), lambda found: found.json().get("merged_into") == living
    )
    assert ENTERPRISE.name not in tracked.text
    assert PHONE not in tracked.text
    assert (await city.get(f"/track/{living}", phone=PHONE)).json()["merged_into"] == ""


async def test_a_merge_whose_answer_is_slow_is_202_and_its_outcome_can_be_read(
    city: Caller, client: Client
) -> None:
    """The asked claim's worker is not running yet."""
    slow = city.settings.model_copy(update={"task_queue": f"{QUEUE}-slow", "action_timeout": 1.0})
    async with calling(slow) as elsewhere:
        (silent,) = await registered(elsewhere, 1)
    async with calling(city.settings.model_copy(update={"action_timeout": 1.0})) as brief:
        (a,) = await registered(brief, 1)
        answer = await merge(brief, a, silent)
        assert answer.status_code == 202
        url = answer.headers["location"]
        assert (await brief.get(url, Role.OPERATOR)).status_code == 202
        assert (await merge(brief, a, silent)).status_code == 202
        other = await merge(brief, a, silent, "another")
        assert (other.status_code, other.json()["rule"]) == (409, "R48")
        assert (await view(brief, a))["merging_into"] == silent
        with open_records(slow.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
            async with build_worker(client, slow, records, threads):
                told = await eventually(
                    lambda: brief.get(url, Role.OPERATOR), lambda found: found.status_code == 200
                )
    assert told.json()["status"] == "accepted"
