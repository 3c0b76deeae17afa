"""A flooded unit's account continues and counts the lights that claims report (R33, R46)."""

from datetime import timedelta
from typing import Final

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from activities.delivery import has_had_all_signals
from activities.lights import LightActivities
from activities.workflow_ids import unit_workflow_id
from claims.editions.edition import Edition
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import RevokeLight, UnitAction, UnitEnvelope
from claims.model.policy import DEFAULT_POLICY
from claims.model.unit_account import UnitAccount
from claims.units.limits import MOST_LIGHTS
from claims.units.transition import UnitTransition, post_light, update_measures
from records.accounts import unit_journal
from tests.support.claims.offline_unit_account import light
from tests.support.claims.people import SUPERVISOR
from tests.support.dates import beijing
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Stage
from tests.support.workflows.unit_play import Account
from workflows.unit_messages import UnitState

TEXT: Final = "𠮷" * 5000
FLOOD: Final = 200
MOST_SIGNALS_OF_A_RUN: Final = 150
"""The servers' `history.maximumSignalsPerExecution`."""
MORE: Final = 75
"""More lights than an account holds."""
NONSENSE: Final[tuple[tuple[str, object], ...]] = (
    ("post_light", "nonsense"),
    ("post_light", {"id": "x" * 1000}),
    ("post_cause", RawValue(Payload(metadata={"encoding": b"no/such"}, data=b"\x00"))),
    ("act", RawValue(Payload(metadata={"encoding": b"zaoying/none"}))),
    ("act", RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b'{"action": "\\ud800"}'))),
    ("act", {"action": "depose-the-head", "body": {}}),
    ("no_such_signal", {}),
    ("adopt_edition", {"edition": 7}),
    ("recompute_interviews", [1]),
)


async def started(stage: Stage, unit: str) -> Account:
    """Return an account with one light."""
    first = light("Mon 2026-11-16").model_copy(update={"unit": unit})
    await stage.client.start_workflow(
        "Unit",
        UnitState(account=UnitAccount(unit=unit, name=unit, policy=DEFAULT_POLICY)),
        id=unit_workflow_id(unit),
        task_queue=stage.task_queue,
        start_signal="post_light",
        start_signal_args=[first.model_dump(mode="json")],
    )
    return Account(stage, unit)


async def insist(account: Account, name: str, argument: object) -> None:
    """Signal, again if a new run is needed."""

    async def is_sent() -> bool:
        try:
            await account.handle.signal(name, argument)
        except RPCError as error:
            if not has_had_all_signals(error):
                raise
            return False
        return True

    await eventually(is_sent, bool)


@pytest.mark.rule("R33", "R46")
async def test_an_account_flooded_by_raw_signals_counts_the_next_light(stage: Stage) -> None:
    account = await started(stage, "ZZ-FLOOD-1")
    for n in range(FLOOD):
        await insist(account, *NONSENSE[n % len(NONSENSE)])
    second = light("Wed 2026-11-18").model_copy(update={"unit": account.unit})
    await insist(account, "post_light", second.model_dump(mode="json"))
    found = await eventually(account.look, lambda look: len(look.account.lights) == 2)
    assert found.account.refusals > 0
    assert (await account.handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert len((await account.with_measures()).measures) == 1


@pytest.mark.rule("R33")
async def test_a_light_that_an_account_cannot_take_yet_is_reported_again_soon(stage: Stage) -> None:
    """Nobody works on the account, which has had all its signals."""
    queue, unit = f"{stage.task_queue}-nobody", "ZZ-FLOOD-6"

    async def no_editions() -> list[Edition]:
        return []

    activities = LightActivities(stage.client, stage.records, queue, no_editions)
    environment = ActivityEnvironment()
    for n in range(MOST_SIGNALS_OF_A_RUN):
        one = light("Mon 2026-11-16", f"QH{n}").model_copy(update={"unit": unit})
        await environment.run(activities.report_light, one)
    one = light("Mon 2026-11-16", "QH-more").model_copy(update={"unit": unit})
    with pytest.raises(ApplicationError, match="稍后再计入") as refusal:
        await environment.run(activities.report_light, one)
    assert refusal.value.next_retry_delay == timedelta(seconds=10)
    assert refusal.value.category is ApplicationErrorCategory.BENIGN


@pytest.mark.rule("R33", "R34")
async def test_an_account_with_hundreds_of_lights_takes_many_that_come_at_once(stage: Stage) -> None:
    unit = "ZZ-FLOOD-5"
    lights = [
        light("Mon 2026-11-16", f"QH{n}").model_copy(update={"unit": unit}) for n in range(MOST_LIGHTS + MORE)
    ]
    held, to_come = lights[: -2 * MORE], lights[-2 * MORE :]
    transition = UnitTransition(
        UnitAccount(unit=unit, name=unit, policy=DEFAULT_POLICY), at=beijing("Mon 2026-11-16 09:00")
    )
    for one in held:
        post_light(transition, one)
    update_measures(transition)
    assert len(transition.account.measures) == len(held) // 2
    state = UnitState(account=transition.account, waiting=to_come)
    await stage.client.start_workflow("Unit", state, id=unit_workflow_id(unit), task_queue=stage.task_queue)
    account = Account(stage, unit)
    found = await eventually(account.look, lambda look: look.account.refusals == MORE)
    assert len(found.account.lights) == MOST_LIGHTS


@pytest.mark.rule("R37", "R46")
async def test_an_account_flooded_by_the_longest_acts_is_on_record_and_goes_on(stage: Stage) -> None:
    account = await started(stage, "ZZ-FLOOD-2")
    for n in range(FLOOD):
        body = RevokeLight(request_id=f"r{n}", light=f"none-{n}", reason=TEXT)
        envelope = UnitEnvelope(
            action=UnitAction.REVOKE_LIGHT, actor=SUPERVISOR, body=body.model_dump(mode="json")
        )
        await insist(account, "act", envelope.addressed(account.handle.id, "act"))
    real = (await account.look()).account.lights
    done = RevokeLight(request_id="real", light=next(iter(real)), reason=TEXT)
    envelope = UnitEnvelope(
        action=UnitAction.REVOKE_LIGHT, actor=SUPERVISOR, body=done.model_dump(mode="json")
    )
    await insist(account, "act", envelope.addressed(account.handle.id, "act"))
    found = await eventually(lambda: account.look("real"), lambda look: look.outcome is not None)
    assert found.outcome is not None
    assert found.outcome.status == "accepted"
    held = await account.recorded()
    refused = [line for line in unit_journal(stage.records, account.unit) if line.kind is EventKind.REFUSED]
    assert len(refused) == held.policy.refusals_recorded
    assert held.refusals == FLOOD
