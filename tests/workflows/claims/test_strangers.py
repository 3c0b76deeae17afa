"""Somebody with access to the Temporal server but without our keys is an administrator, with the rights of
the console.
"""

from datetime import date, timedelta
from typing import Final

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from activities.delivery import DELIVER, Delivery
from activities.workflow_ids import TAKE_OVER, signal_name, workflow_id
from audit.replay.replayer import replay_run
from claims.deadlines.recalculation import NewEdition
from claims.model.claim_parts import Closure
from claims.model.events import EventKind
from claims.model.linked_claims import TakeOver
from claims.model.messages.envelopes import Envelope
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Channel
from records.intake import register_intake
from records.queries.claims import journal
from runtime.payloads.key_registry import check_keys
from tests.support.claims.people import HANDLER, OPERATOR, SUPERVISOR, envelope, order, usual
from tests.support.dates import beijing
from tests.support.payload_keys import UNDER_A_MADE_UP_KEY, converter
from tests.support.workflows.claim_play import Play, Stage
from workflows.messages import Opening

pytestmark = pytest.mark.rule("§1")


def made_up(action: Action, play: Play, **fields: object) -> Envelope:
    """Return an envelope like the API's, for a supervisor who never sent it."""
    signal = signal_name(action)
    return envelope(action, SUPERVISOR, {"request_id": "made-up", **fields}).addressed(play.handle.id, signal)


async def test_a_made_up_supervisor_is_not_believed(stage: Stage, stranger: Client) -> None:
    play = await stage.register()
    before = await play.claim()
    handle = stranger.get_workflow_handle(play.handle.id)
    now = (await play.look()).now
    await handle.signal("dispatch", made_up(Action.DISPATCH, play, **usual(Action.DISPATCH, now)))
    look = await play.look("made-up")
    assert look.claim.stage is before.stage
    assert look.outcome is not None
    assert look.outcome.status == "refused"
    [refused] = await play.entries(EventKind.REFUSED)
    assert refused.actor is not None
    assert refused.actor.sub == "console"
    await play.dispatched()


async def test_an_act_that_was_copied_from_another_claim_is_not_believed(stage: Stage) -> None:
    play, other = await stage.register(), await stage.register()
    now = (await play.look()).now
    for_other = made_up(Action.DISPATCH, other, **usual(Action.DISPATCH, now))
    await play.handle.signal("dispatch", for_other)
    of_other_kind = made_up(Action.REMIND, play, **usual(Action.DISPATCH, now))
    await play.handle.signal("dispatch", of_other_kind)
    assert (await play.claim()).dispatches == []


async def test_an_administrator_acts_by_name_as_the_console_may(stage: Stage, administrator: Client) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.REQUEST_EXTENSION, HANDLER)
    handle = administrator.get_workflow_handle(play.handle.id)
    await handle.signal("withdraw", {"reason": "企业要求", "confirmed_by_call": True})
    await handle.signal("approve_extension", {"reason": "同意"})
    claim = await play.claim()
    assert claim.closed is None
    assert claim.extension is not None
    assert claim.extension.approved is True
    [approved] = await play.entries(EventKind.EXTENSION_APPROVED)
    assert approved.actor is not None
    assert approved.actor.name == "张三（Temporal 控制台）"


@pytest.mark.parametrize("name", ["take_over", "revoke_light", "adopt_edition", "matters_registered"])
async def test_what_only_programs_say_is_noted_and_not_believed(
    stage: Stage, stranger: Client, name: str
) -> None:
    play = await stage.register()
    before = await play.claim()
    await stranger.get_workflow_handle(play.handle.id).signal(name, forged_word(name, play))
    after = await play.claim()
    counted = {"seq": 0, "refusals": 0}
    assert after.model_copy(update=counted) == before.model_copy(update=counted)
    [refused] = await play.entries(EventKind.REFUSED)
    assert "不是本系统的程序发出的" in refused.text


def forged_word(name: str, play: Play) -> object:
    """Return a message that would be accepted from a program."""
    match name:
        case "take_over":
            return TakeOver(
                request_id="x",
                number="QH202611230001",
                into=play.number,
                enterprise=order().enterprise,
                actor=SUPERVISOR,
            )
        case "adopt_edition":
            return NewEdition(edition="x", source="x", policy=DEFAULT_POLICY)
        case "revoke_light":
            return {"number": play.number, "light": "x", "reason": "x", "actor": {"sub": "x"}}
    return {"request_id": "x", "numbers": ["QH202611230001"]}


async def test_a_word_to_another_claim_says_nothing_here(stage: Stage) -> None:
    play, other = await stage.register(), await stage.register()
    await play.handle.signal(TAKE_OVER, forged_word("take_over", other))
    assert (await play.claim()).take_overs == []


async def test_updates_of_strangers_are_rejected(stage: Stage, stranger: Client) -> None:
    play = await stage.register()
    handle = stranger.get_workflow_handle(play.handle.id)
    word = TakeOver.model_validate(forged_word("take_over", play)).model_dump(mode="json")
    for update, argument in (
        ("take_edition", NewEdition(edition="x", source="x", policy=DEFAULT_POLICY)),
        ("retime", {"answers": []}),
        (DELIVER, Delivery(signal=TAKE_OVER, message=word)),
    ):
        with pytest.raises(WorkflowUpdateFailedError):
            await handle.execute_update(update, argument)
    now = (await play.look()).now
    act = made_up(Action.DISPATCH, play, **usual(Action.DISPATCH, now))
    delivery = Delivery(signal="dispatch", message=act.model_dump(mode="json"))
    await handle.execute_update(DELIVER, delivery)
    assert (await play.claim()).dispatches == []


async def test_a_tampered_payload_is_noted_and_stops_nothing(stage: Stage, stranger: Client) -> None:
    play = await stage.register()
    [sealed] = await converter().encode([made_up(Action.REMIND, play, text="x")])
    torn = Payload(metadata=sealed.metadata, data=sealed.data[:-1] + b"x")
    await stranger.get_workflow_handle(play.handle.id).signal("remind", RawValue(torn))
    [refused] = await play.entries(EventKind.REFUSED)
    assert refused.text
    await play.dispatched()


@pytest.mark.parametrize(
    ("beside", "said"),
    [({"remark": "很急"}, "remark 应写在 body 里面"), ({"remrak": "很急"}, "是否想填 remark？")],
)
async def test_what_is_typed_beside_an_envelope_is_refused(
    stage: Stage, stranger: Client, beside: dict[str, object], said: str
) -> None:
    play = await stage.register()
    await (await play.dispatched()).handled()
    body = {"reached": True, "grade": "satisfied", "resolved": True, "contacted": True}
    handle = stranger.get_workflow_handle(play.handle.id)
    await handle.signal("call_back", {"actor": {"sub": "x"}, "body": body, **beside})
    [refused] = await play.entries(EventKind.REFUSED)
    assert refused.text.endswith(said)
    delivery = {"signal": "call_back", "message": body, "mesage": body}
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update(DELIVER, delivery)
    assert "没有名为 mesage 的字段" in str(failed.value.cause)
    assert (await play.claim()).closed is None
    await handle.signal("call_back", {"actor": {"sub": "x"}, "body": body})
    assert (await play.claim()).closed is not None


NOTHING: Final = Payload(metadata={"encoding": b"json/plain"}, data=b"{}")


@pytest.mark.parametrize("payloads", [[UNDER_A_MADE_UP_KEY], [NOTHING, NOTHING], [UNDER_A_MADE_UP_KEY] * 3])
async def test_a_signal_that_no_program_sends_is_noted_and_stops_nothing(
    stage: Stage, stranger: Client, payloads: list[Payload]
) -> None:
    await check_keys(stage.client)  # as every program does on starting
    play = await stage.register()
    handle = stranger.get_workflow_handle(play.handle.id)
    await handle.signal("remind", args=[RawValue(payload) for payload in payloads])
    [refused] = await play.entries(EventKind.REFUSED)
    assert "无法读取" in refused.text
    await play.dispatched()


async def open_before(client: Client, stage: Stage, number: str, *, is_registered: bool = True) -> Play:
    """Return a claim that a program of version 0.4 started after registering it."""
    opening = Opening(number=number, order=order(), actor=OPERATOR, protocol=2)
    if is_registered:
        taken = register_intake(
            stage.records,
            day=date(2026, 11, 24),
            channel=Channel.HOTLINE,
            external_id="",
            payload=lambda taken: {**opening.model_dump(mode="json"), "number": taken},
            received_at=beijing("Tue 2026-11-24 09:00"),
        )
        opening = opening.model_copy(update={"number": taken.number})
    number = opening.number
    handle = await client.start_workflow(
        "Claim", opening, id=workflow_id(number), task_queue=stage.task_queue, result_type=Closure
    )
    return Play(handle, stage.client, number, stage.records)


@pytest.mark.rule("R70")
async def test_a_claim_of_before_goes_on_and_replays_the_same(stage: Stage, stranger: Client) -> None:
    play = await open_before(stranger, stage, "")
    unmarked = stranger.get_workflow_handle(play.handle.id)
    now = (await play.look()).now
    sent = envelope(Action.DISPATCH, OPERATOR, {"request_id": "before", **usual(Action.DISPATCH, now)})
    await unmarked.signal("dispatch", sent)
    outcome = (await play.look("before")).outcome
    assert outcome is not None
    assert outcome.status == "accepted", "it began when nobody could tell"
    ours = Play(stage.client.get_workflow_handle(play.handle.id), stage.client, play.number, stage.records)
    await ours.must(Action.CONTACT, HANDLER)
    await unmarked.signal("withdraw", made_up(Action.WITHDRAW, play, **usual(Action.WITHDRAW, now)))
    look = await ours.look("made-up")
    assert look.outcome is not None
    assert look.outcome.status == "refused", "since our programs sign, nothing else is believed"
    await ours.wait(timedelta(hours=1))
    replayed = await replay_run(await ours.handle.fetch_history(), converter())
    assert replayed.claim == await ours.claim()


async def test_nothing_of_a_claim_can_be_read_without_the_keys(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    history = await play.handle.fetch_history()
    kinds = {event.event_type for event in history.events}
    assert EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED in kinds
    text = history.to_json()
    for secret in (order().enterprise, order().contact, order().phone, order().matter[:10]):
        assert secret not in text


@pytest.mark.rule("R10")
@pytest.mark.parametrize("protocol", [2, 3])
async def test_a_claim_that_nobody_registered_is_none(stage: Stage, stranger: Client, protocol: int) -> None:
    number = f"QH20261124{protocol}999"
    opening = Opening(number=number, order=order(), actor=OPERATOR, protocol=protocol)
    await refused(stranger, stage, workflow_id(number), opening)
    assert journal(stage.records, number) == []


@pytest.mark.rule("R10")
async def test_an_opening_that_was_copied_from_another_claim_is_none(stage: Stage) -> None:
    opening = Opening(number="QH202611249998", order=order(), actor=OPERATOR, protocol=3)
    await refused(stage.client, stage, workflow_id("QH202611249997"), opening)


async def refused(client: Client, stage: Stage, id: str, opening: Opening) -> None:
    handle = await client.start_workflow("Claim", opening, id=id, task_queue=stage.task_queue)
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "NotRegistered"
