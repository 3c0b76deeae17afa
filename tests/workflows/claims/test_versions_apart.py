"""An API newer or older than the worker: messages unknown to one side get a clear answer."""

from collections.abc import AsyncIterator

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.common import RawValue

from activities.workflow_ids import workflow_id
from audit.problems import NeedsLaterVersion
from audit.release.check import Blame, Subject, check_histories
from audit.replay.replayer import replay_run
from claims.model.events import EventKind
from claims.model.terms import Action, Stage
from claims.model.values import Actor
from records.queries.claims import journal
from runtime.connection import FrontendAddress, connect
from runtime.payloads import message_version
from runtime.payloads.origin import ORIGIN
from tests.support.claims.people import HANDLER, OPERATOR, envelope, order
from tests.support.keyless import later_programs
from tests.support.payload_keys import converter
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Play
from tests.support.workflows.claim_play import Stage as Worker
from tools.dev_server import DevServer
from workflows.incoming import openings
from workflows.messages import CURRENT_PROTOCOL, Opening


def sent(play: Play, signal: str, actor: Actor, **body: object) -> dict[str, object]:
    """Return an envelope of a later API."""
    known = actor.model_dump(mode="json")
    return {
        "actor": {**known, "roles": [*known["roles"], "assessor"], "delegation": {"by": "x"}},
        "units": {},
        "body": {"request_id": "later", **body},
        "content": "",
        "trace": {"id": "x"},
        "addressee": f"{play.handle.id}/{signal}",
    }


@pytest.mark.rule("§1")
async def test_an_action_that_only_the_api_knows_is_refused_and_answered(stage: Worker) -> None:
    play = await (await stage.register()).dispatched()
    before = await play.claim()
    await play.handle.signal("co_sign", sent(play, "co_sign", HANDLER))
    look = await play.look("later")
    assert look.outcome is not None
    assert (look.outcome.status, look.outcome.rule) == ("refused", "§1")
    assert look.claim.stage is before.stage
    assert len(await play.entries(EventKind.REFUSED)) == 1


async def test_an_unknown_signal_changes_no_outcome(stage: Worker) -> None:
    play = await stage.register()
    now = (await play.look()).now
    await play.send(Action.DISPATCH, OPERATOR, request_id="later", now=now)
    await play.handle.signal("co_sign", sent(play, "co_sign", OPERATOR))
    outcome = (await play.look("later")).outcome
    assert outcome is not None
    assert outcome.status == "accepted"


async def test_fields_and_roles_that_only_the_api_knows_are_passed_over(stage: Worker) -> None:
    play = await (await stage.register()).dispatched()
    await play.handle.signal("progress", sent(play, "progress", HANDLER, summary="已到现场", mood="good"))
    outcome = (await play.look("later")).outcome
    assert outcome is not None
    assert outcome.status == "accepted"


async def test_an_envelope_with_fewer_fields_is_read(stage: Worker) -> None:
    play = await (await stage.register()).dispatched()
    actor = HANDLER.model_dump(mode="json", include={"sub", "roles", "unit"})
    body = {"request_id": "earlier", "summary": "已到现场"}
    addressee = f"{play.handle.id}/progress"
    await play.handle.signal("progress", {"actor": actor, "body": body, "addressee": addressee})
    look = await play.look("earlier")
    assert look.outcome is not None
    assert look.outcome.status == "accepted"
    assert look.claim.stage is Stage.HANDLING


@pytest.mark.rule("R10")
async def test_a_claim_of_a_later_protocol_waits_for_its_worker_and_then_goes_on(
    stage: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = "QH202611248801"
    opening = Opening(number=number, order=order(), actor=OPERATOR, protocol=CURRENT_PROTOCOL + 1)
    handle = await stage.client.start_workflow(
        "Claim", opening, id=workflow_id(number), task_queue=stage.task_queue
    )

    async def happened() -> set[EventType.ValueType]:
        return {event.event_type for event in (await handle.fetch_history()).events}

    found = await eventually(
        happened,
        lambda kinds: bool(
            kinds & {EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED}
        ),
    )
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED not in found
    monkeypatch.setattr(openings, "CURRENT_PROTOCOL", CURRENT_PROTOCOL + 1)
    await eventually(happened, lambda kinds: EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED in kinds)
    await eventually(lambda: _kinds(stage, number), lambda kinds: EventKind.REGISTERED in kinds)


@pytest.mark.rule("R10")
async def test_messages_of_a_later_version_wait_for_its_worker_and_are_done_once(
    stage: Worker, server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = await (await stage.register()).dispatched()
    later = await connect(FrontendAddress(server.target, stage.client.namespace, later_programs()))
    body: dict[str, object] = {"request_id": "later", "summary": "已到现场"}
    sealed = envelope(Action.PROGRESS, HANDLER, body).addressed(play.handle.id, "progress")
    await later.get_workflow_handle(play.handle.id).signal("progress", sealed)

    async def failures() -> list[str]:
        events = (await play.handle.fetch_history()).events
        failed = [event.workflow_task_failed_event_attributes.failure for event in events]
        return [failure.application_failure_info.type for failure in failed if failure.message]

    assert "UnknownMessages" in await eventually(failures, bool)
    monkeypatch.setattr(message_version, "VERSION", message_version.VERSION + 1)
    outcome = (await play.look("later")).outcome
    assert outcome is not None
    assert outcome.status == "accepted"
    assert len(await play.entries(EventKind.PROGRESSED)) == 1
    assert not await play.entries(EventKind.REFUSED)


@pytest.mark.rule("R70")
async def test_an_older_audit_says_that_a_history_needs_a_later_version(
    stage: Worker, server: DevServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = await (await stage.register()).dispatched()
    later = await connect(FrontendAddress(server.target, stage.client.namespace, later_programs()))
    sealed = envelope(Action.PROGRESS, HANDLER, {"request_id": "later", "summary": "已到现场"})
    with monkeypatch.context() as newer:
        newer.setattr(message_version, "VERSION", message_version.VERSION + 1)
        addressed = sealed.addressed(play.handle.id, "progress")
        await later.get_workflow_handle(play.handle.id).signal("progress", addressed)
        assert (await play.look("later")).outcome is not None
        history = await play.handle.fetch_history()
        assert (await replay_run(history, converter())).outcomes[-1].request_id == "later"
    with pytest.raises(NeedsLaterVersion, match=r"第2版，本程序只认识到第1版.*不等于历史曾被改动"):
        await replay_run(history, converter())
    [(_, finding)] = [one async for one in check_histories(_only(history), converter())]
    assert finding is not None
    assert (finding.blame, finding.differences) == (Blame.NEW, ())


@pytest.mark.rule("§1")
async def test_nobody_else_stops_a_claim_by_a_later_version(stage: Worker, stranger: Client) -> None:
    """The mark counts in what our programs have encrypted alone."""
    play = await (await stage.register()).dispatched()
    marked = Payload(
        metadata={"encoding": b"json/plain", message_version.MARK: b"99", ORIGIN: b"program"}, data=b"{}"
    )
    await stranger.get_workflow_handle(play.handle.id).signal("progress", RawValue(marked))
    await play.must(Action.PROGRESS, HANDLER)


async def _only(history: WorkflowHistory) -> AsyncIterator[Subject]:
    yield Subject(history.workflow_id, history)


async def _kinds(stage: Worker, number: str) -> list[EventKind]:
    return [entry.kind for entry in journal(stage.records, number)]
