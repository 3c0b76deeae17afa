"""Repeated, concurrent and invalid messages, and accidents: the claim stays consistent and loses nothing."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus

from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.terms import Action, LimitKind
from claims.model.values import Actor
from runtime.data_converter import decode_history
from tests.support.claims.later_actions import LATER_LAW, bring_with
from tests.support.claims.people import CALLER, HANDLER, OPERATOR, SUPERVISOR, WATER
from tests.support.payload_keys import converter
from tests.support.records.sqlite_lock import locked
from tests.support.workflows.claim_play import Stage


def kinds(entries: list[Entry], *wanted: EventKind) -> list[EventKind]:
    """Return the wanted kinds in order."""
    return [entry.kind for entry in entries if entry.kind in wanted]


async def test_the_same_request_twice_is_done_once(stage: Stage) -> None:
    play = await stage.register()
    now = (await play.look()).now
    for _ in range(3):
        await play.send(Action.DISPATCH, OPERATOR, request_id="same", now=now)
    claim = (await play.look("same")).claim
    assert len(claim.dispatches) == 1
    assert kinds(await play.entries(), EventKind.DISPATCHED, EventKind.REFUSED) == [EventKind.DISPATCHED]


async def test_of_two_people_acting_at_once_one_is_told_why_not(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.REJECT, HANDLER)
    first, second = await asyncio.gather(
        play.do(Action.REDETERMINE, SUPERVISOR, decision="redispatch", unit=WATER),
        play.do(Action.REFER, SUPERVISOR),
    )
    assert sorted([first.status, second.status]) == ["accepted", "refused"]
    refused = first if first.status == "refused" else second
    assert refused.reason
    assert refused.instead


@pytest.mark.rule("R3", "R31")
@pytest.mark.parametrize(
    ("received", "arrives", "lights"),
    [
        (timedelta(seconds=-1), timedelta(seconds=5), 0),  # in transit when the limit ended
        (timedelta(seconds=0), timedelta(seconds=5), 1),  # the limit is over at its end
        (timedelta(seconds=-1), timedelta(seconds=30), 1),  # longer in transit than the claim waits
    ],
)
async def test_an_act_received_before_the_end_counts_although_it_arrives_after_it(
    stage: Stage, received: timedelta, arrives: timedelta, lights: int
) -> None:
    play = await (await stage.register()).dispatched()
    due = await play.due(LimitKind.CONTACT)
    await play.until(due + arrives)
    now = due - timedelta(hours=1)
    await play.must(Action.CONTACT, HANDLER, due + received, at=now.isoformat())
    given = (await play.claim()).lights
    assert [light.at for light in given] == [due] * lights
    await play.until(due + timedelta(minutes=2))
    assert (await play.claim()).lights == given


@pytest.mark.rule("R7")
async def test_to_a_claim_of_an_earlier_law_a_later_action_is_an_unknown_signal(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_with(monkeypatch, Action.PROGRESS)
    earlier = await (await stage.register()).dispatched()
    later = await (await stage.register(policy=LATER_LAW)).dispatched()
    assert (await later.do(Action.PROGRESS, HANDLER)).status == "accepted"
    outcome = await earlier.do(Action.PROGRESS, HANDLER)
    assert (outcome.status, outcome.reason) == ("refused", "没有名为“progress”的操作")
    assert [one.text for one in await earlier.entries()][-1] == "没有名为“progress”的操作，工单未变"


def person(n: int) -> Actor:
    return HANDLER.model_copy(update={"sub": f"handler-{n}"})


async def test_forty_people_at_once_each_get_their_answer(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    outcomes = await asyncio.gather(
        *(play.do(Action.PROGRESS, person(n), summary=f"第{n}次") for n in range(40))
    )
    assert {outcome.status for outcome in outcomes} == {"accepted"}
    assert [entry.seq for entry in await play.entries()] == list(range(1, 45))


@pytest.mark.rule("R17", "R43")
async def test_an_administrators_signals_need_no_fields(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.REQUEST_EXTENSION, HANDLER)
    await play.handle.signal("approve_extension")
    claim = await play.claim()
    assert claim.extension is not None
    assert claim.extension.approved is True
    await play.handled()
    await play.handle.signal("dissatisfied", {"remark": "企业来电"})
    claim = await play.claim()
    assert claim.stage == "redo"
    approved = (await play.entries(EventKind.EXTENSION_APPROVED))[0]
    assert approved.actor is not None
    assert approved.actor.sub == "console"


@pytest.mark.parametrize(
    ("signal", "argument"),
    [
        ("dispach", {"unit": "ZZ-GD"}),
        ("contact", "not even an object"),
        ("contact", {"at": "yesterday"}),
        ("contact", {"actor": 7, "body": {"at": []}}),
        ("decide_extension", None),
        ("call_back", [1, 2, 3]),
    ],
)
async def test_nonsense_typed_in_the_temporal_ui_is_on_record_and_changes_nothing(
    stage: Stage, signal: str, argument: object
) -> None:
    play = await (await stage.register()).dispatched()
    before = await play.claim()
    await play.handle.signal(signal, argument)
    after = await play.claim()
    assert after.model_copy(update={"seq": before.seq, "refusals": before.refusals}) == before
    refused = await play.entries(EventKind.REFUSED)
    assert len(refused) == 1
    description = await play.handle.describe()
    assert description.status is WorkflowExecutionStatus.RUNNING


async def test_an_action_that_reaches_a_closing_claim_is_answered(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.handled()
    now = (await play.look()).now
    await asyncio.gather(
        play.send(Action.CALL_BACK, CALLER, request_id="first", now=now),
        play.send(Action.REMIND, CALLER, request_id="second", now=now),
    )
    outcomes = [(await play.look(name)).outcome for name in ("first", "second")]
    assert all(outcomes)
    await play.handle.result()


@pytest.mark.rule("R15")
async def test_the_instant_of_receipt_counts_not_that_of_a_late_worker(stage: Stage) -> None:
    early = datetime.now(UTC) - timedelta(hours=2)
    play = await stage.register(received_at=early)
    received_at = early + timedelta(hours=1)
    await play.must(Action.DISPATCH, OPERATOR, received_at)
    claim = await play.claim()
    assert claim.registered_at == early
    assert claim.dispatches[0].delivered_at == received_at


async def test_a_dead_database_delays_the_records_and_nothing_else(stage: Stage, tmp_path: Path) -> None:
    play = await stage.register()
    await play.look()
    async with locked(tmp_path / "records.db"):
        await play.dispatched()
        await play.handled()
        assert (await play.claim()).stage == "call-back"
    assert [entry.seq for entry in await play.entries()] == list(range(1, (await play.claim()).seq + 1))


@pytest.mark.rule("R6")
async def test_due_instants_are_in_the_claims_history(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    resolve = (await play.claim()).limit(LimitKind.RESOLVE)
    assert resolve is not None
    assert resolve.schedule is not None
    history = await decode_history((await play.handle.fetch_history()).to_json_dict(), converter())
    payloads = [
        base64.b64decode(payload["data"]).decode()
        for event in json.loads(json.dumps(history))["events"]
        for payload in event.get("activityTaskCompletedEventAttributes", {})
        .get("result", {})
        .get("payloads", [])
    ]
    assert any(resolve.schedule.due_at.strftime("%Y-%m-%dT%H:%M:%SZ") in text for text in payloads)
    assert any(resolve.schedule.calendar_version in text for text in payloads)
