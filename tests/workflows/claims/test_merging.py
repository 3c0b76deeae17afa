"""Claims merged into each other on the real server (R48): concurrently, in rings, into closed or silent ones."""

import asyncio
import signal
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.workflow_ids import TAKE_OVER, TAKE_OVER_ANSWERED
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.linked_claims import TakeOver
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, BackgroundTaskKind, CloseReason
from records.database.engine import Records
from runtime.settings import Settings, load_settings
from tests.support.claims.people import CALLER, OPERATOR, order
from tests.support.polling import until
from tests.support.processes.forked_processes import FORKED
from tests.support.workflows.claim_play import Play, Stage
from tests.support.workflows.dying_worker import run_worker_until
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

pytestmark = pytest.mark.rule("R48")
WAIT = timedelta(minutes=DEFAULT_POLICY.merge_answer_minutes)


async def registered(stage: Stage, n: int) -> list[Play]:
    """Register several claims of one enterprise, in order."""
    plays = await asyncio.gather(*(stage.register() for _ in range(n)))
    return sorted(plays, key=lambda play: play.number)


async def merged_at_once(*pairs: tuple[Play, Play]) -> list[str]:
    """Merge claims concurrently; return whether each merge succeeded, and the claims. Checks that exactly the
    accepted merges happened.
    """
    outcomes = await asyncio.gather(*(a.do(Action.MERGE, OPERATOR, into=b.number) for a, b in pairs))
    for (a, b), outcome in zip(pairs, outcomes, strict=True):
        claim = await a.claim()
        is_merged = outcome.status == "accepted"
        assert claim.merged_into == (b.number if is_merged else "")
        assert (claim.closed is not None) == is_merged
        assert is_merged or (outcome.rule, bool(outcome.reason)) == ("R48", True)
    return [outcome.status for outcome in outcomes]


async def test_of_four_pairs_merged_crosswise_at_once_exactly_one_of_each_is_merged(stage: Stage) -> None:
    pairs = [await registered(stage, 2) for _ in range(4)]
    ends = await asyncio.gather(*(merged_at_once((a, b), (b, a)) for a, b in pairs))
    assert [sorted(statuses) for statuses in ends] == [["accepted", "refused"]] * 4


@pytest.mark.parametrize("n", [3, 4])
async def test_of_a_ring_merged_at_once_some_are_merged_and_one_stays(stage: Stage, n: int) -> None:
    for turn in (1, -1):
        ring = (await registered(stage, n))[::turn]
        statuses = await merged_at_once(*zip(ring, [*ring[1:], ring[0]], strict=True))
        assert 1 <= statuses.count("accepted") < n


async def test_the_claim_that_takes_over_is_told_once_and_the_merged_one_says_where_it_went(
    stage: Stage,
) -> None:
    into, play = await registered(stage, 2)
    await play.must(Action.MERGE, OPERATOR, into=into.number)
    closure = await play.handle.result()
    assert closure is not None
    assert closure.reason is CloseReason.MERGED
    kinds = [entry.kind for entry in await play.entries()]
    assert kinds[-3:] == [EventKind.MERGE_ASKED, EventKind.MERGED, EventKind.CLOSED]
    (reminder,) = await into.entries(EventKind.REMINDED)
    assert play.number in reminder.text
    assert reminder.actor == OPERATOR
    assert await merged_at_once((into, play)) == ["refused"]


async def test_merging_into_a_claim_that_has_ended_is_refused_and_the_claim_goes_on(stage: Stage) -> None:
    other, play = await registered(stage, 2)
    await other.must(Action.WITHDRAW, CALLER)
    await other.handle.result()
    assert await merged_at_once((play, other)) == ["refused"]
    await play.dispatched()


async def test_merging_into_a_claim_that_ends_at_the_same_time_is_answered_either_way(stage: Stage) -> None:
    for _ in range(4):
        other, play = await registered(stage, 2)
        statuses, _ = await asyncio.gather(merged_at_once((play, other)), other.must(Action.WITHDRAW, CALLER))
        if statuses == ["accepted"]:
            assert (await other.claim()).reminders == 1


async def test_two_accounts_of_an_equal_name_are_two_enterprises_to_the_claims_themselves(
    stage: Stage,
) -> None:
    """§1: also if nobody has checked before the signal is sent."""
    one, other, again = [
        await stage.register(order=order().model_copy(update={"credit_code": "", "account": account}))
        for account in ("phone-1", "phone-2", "phone-1")
    ]
    assert await merged_at_once((one, other)) == ["refused"]
    assert await merged_at_once((again, one)) == ["accepted"]


async def test_merging_into_nothing_is_refused(stage: Stage) -> None:
    (play,) = await registered(stage, 1)
    for into in ("QH209901010001", "x" * 200, "../", "枣庄"):
        outcome = await play.do(Action.MERGE, OPERATOR, into=into)
        assert (outcome.status, outcome.rule) == ("refused", "R48")
    assert (await play.claim()).merging is None


async def test_a_claim_that_nobody_answers_goes_on_and_may_be_merged_later(
    stage: Stage, client: Client, records: Records, tmp_path: Path
) -> None:
    nobody = Stage(client, f"{stage.task_queue}-nobody", records)
    silent, play = await nobody.register(), await stage.register()
    await play.send_merge("first", silent.number)
    assert (await play.claim()).merging is not None
    await until(lambda: is_told(silent))
    await play.wait(WAIT + timedelta(minutes=1))
    outcome = (await play.look("first")).outcome
    assert outcome is not None
    assert (outcome.status, outcome.rule) == ("refused", "R48")
    assert silent.number in outcome.reason
    async with working(client, records, nobody.task_queue, tmp_path):
        assert (await silent.claim()).reminders == 1
        assert (await play.claim()).closed is None
        assert await merged_at_once((play, silent)) == ["accepted"]


async def is_told(play: Play) -> bool:
    history = await play.handle.fetch_history()
    return any(event.HasField("workflow_execution_signaled_event_attributes") for event in history.events)


@asynccontextmanager
async def working(client: Client, records: Records, queue: str, home: Path) -> AsyncIterator[None]:
    settings = load_settings().model_copy(update={"task_queue": queue, "home": home})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            yield


@pytest.mark.parametrize("message", [None, 7, "并案", [], {}, {"number": ""}, {"accepted": "?"}])
async def test_nonsense_typed_by_hand_is_noted_and_changes_nothing(stage: Stage, message: object) -> None:
    (play,) = await registered(stage, 1)
    before = await play.claim()
    for name in (TAKE_OVER, TAKE_OVER_ANSWERED):
        await play.handle.signal(name, args=[] if message is None else [message])
    entries = await play.entries()
    assert [entry.kind for entry in entries[-2:]] == [EventKind.REFUSED] * 2
    counted = {"seq": 0, "refusals": 0}
    assert (await play.claim()).model_copy(update=counted) == before.model_copy(update=counted)


async def test_messages_that_nobody_sent_change_nothing_and_doubled_ones_count_once(stage: Stage) -> None:
    into, play = await registered(stage, 2)
    request = TakeOver(
        request_id="by-hand",
        number=play.number,
        into=into.number,
        enterprise=(await into.claim()).order.enterprise,
        actor=OPERATOR,
    )
    for _ in range(3):
        await into.handle.signal(TAKE_OVER, request)
    claim = await into.claim()
    assert (claim.reminders, len(claim.take_overs)) == (1, 1)
    await into.asleep()
    assert (await play.claim()).closed is None, "it has not asked"
    stranger = request.model_copy(update={"request_id": "other", "enterprise": "另一家公司"})
    await into.handle.signal(TAKE_OVER, stranger)
    assert [answer.accepted for answer in (await into.claim()).take_overs] == [True, False]


async def test_a_claim_of_an_earlier_policy_closes_at_once_and_reminds_the_other(stage: Stage) -> None:
    other, play = await registered(stage, 2)
    old = await stage.register(policy=DEFAULT_POLICY.model_copy(update={"merge_answer_minutes": 0}))
    await old.must(Action.MERGE, OPERATOR, into=other.number)
    assert [entry.kind for entry in await old.entries()][-2:] == [EventKind.MERGED, EventKind.CLOSED]
    await old.handle.result()
    assert (await other.claim()).reminders == 1
    assert await merged_at_once((play, old)) == ["refused"]


KILLED_AFTER = (BackgroundTaskKind.ASK_TO_TAKE_OVER, BackgroundTaskKind.ANSWER_TAKE_OVER)


@pytest.mark.parametrize("name", KILLED_AFTER)
async def test_a_worker_killed_in_between_merges_each_pair_once(
    name: str, server: DevServer, client: Client, records: Records, tmp_path: Path
) -> None:
    queue = f"killed-{tmp_path.name}"
    settings = Settings(home=tmp_path, temporal_address=server.target, task_queue=queue)
    stage = Stage(client, queue, records)
    process = FORKED.Process(target=run_worker_until, args=(settings, name))
    process.start()
    older, newer = await registered(stage, 2)
    await asyncio.gather(older.send_merge("m", newer.number), newer.send_merge("m", older.number))
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode == -signal.SIGKILL
    async with working(client, records, queue, tmp_path):
        outcomes = [(await play.look("m")).outcome for play in (older, newer)]
        claims: list[Claim] = [await play.claim() for play in (older, newer)]
    assert sorted(outcome.status for outcome in outcomes if outcome) == ["accepted", "refused"]
    assert sorted(claim.closed is not None for claim in claims) == [False, True]
    (living,) = [claim for claim in claims if claim.closed is None]
    assert living.reminders == 1
