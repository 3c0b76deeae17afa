"""An API newer or older than the worker: messages unknown to one side get a clear answer."""

import pytest

from claims.model.events import EventKind
from claims.model.terms import Action, Stage
from claims.model.values import Actor
from tests.support.claims.people import HANDLER, OPERATOR
from tests.support.workflows.claim_play import Play
from tests.support.workflows.claim_play import Stage as Worker


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
