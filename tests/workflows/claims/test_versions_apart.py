"""An API newer or older than the worker: messages unknown to one side get a clear answer."""

import pytest
from temporalio.api.enums.v1 import EventType

from activities.workflow_ids import workflow_id
from claims.model.events import EventKind
from claims.model.terms import Action, Stage
from claims.model.values import Actor
from records.queries.claims import journal
from tests.support.claims.people import HANDLER, OPERATOR, order
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Play
from tests.support.workflows.claim_play import Stage as Worker
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


async def _kinds(stage: Worker, number: str) -> list[EventKind]:
    return [entry.kind for entry in journal(stage.records, number)]
