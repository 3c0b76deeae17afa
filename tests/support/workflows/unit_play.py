"""A unit's account on the real server."""

import asyncio
from datetime import datetime

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from activities.workflow_ids import unit_workflow_id
from claims.model.messages.action_bodies import ActionBody
from claims.model.messages.unit_action_bodies import UnitAction, UnitEnvelope
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, LimitKind, Role
from claims.model.unit_account import AccountLight, Measure, UnitAccount
from claims.model.values import Actor
from claims.units.interviews import interviews_to_schedule
from records.accounts import unit_account, unit_journal
from tests.support.claims.people import person
from tests.support.polling import eventually, patience, until
from tests.support.workflows.claim_play import POLL, Play, Stage, suppress_timeouts
from workflows.unit_messages import QUERY_STATE, UnitSnapshot, UnitState


class Account:
    """One unit's workflow.

    It stays on the server, and on the task queue of the first test with a light for the unit, so every test
    uses a unit of its own.
    """

    def __init__(self, stage: Stage, unit: str) -> None:
        self.unit = unit
        self._records = stage.records
        self.handle: WorkflowHandle[object, object] = stage.client.get_workflow_handle(unit_workflow_id(unit))

    async def look(self, request_id: str = "") -> UnitSnapshot:
        """Return the account; a busy one is asked again."""
        async with patience():
            while True:
                with suppress_timeouts():
                    look: UnitSnapshot = await self.handle.query(
                        QUERY_STATE, request_id, result_type=UnitSnapshot
                    )
                    return look
                await asyncio.sleep(POLL)

    async def answered(self, request_id: str) -> UnitSnapshot:
        """Return the account once the action has an outcome: an action waits while the account's days are
        computed.
        """
        return await eventually(lambda: self.look(request_id), lambda look: look.outcome is not None)

    async def exists(self) -> bool:
        """Return whether the unit has had a light or another cause."""
        try:
            await self.handle.describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    async def measures(self) -> list[Measure]:
        """Return the unit's measures so far."""
        return (await self.look()).account.measures if await self.exists() else []

    async def act(
        self, action: UnitAction, actor: Actor, body: ActionBody, *, received_at: datetime | None = None
    ) -> UnitSnapshot:
        """Perform an action of its people, on the account's own clock or received at an instant."""
        content = body.model_dump(mode="json")
        envelope = UnitEnvelope(action=action, actor=actor, received_at=received_at, body=content)
        await self.handle.signal("act", envelope.addressed(self.handle.id, "act"))
        return await self.answered(body.request_id)

    async def recorded(self) -> UnitAccount:
        """Return the account from the records once they are up to date."""

        async def caught_up() -> bool:
            held = unit_account(self._records, self.unit)
            return held is not None and held.seq == (await self.look()).account.seq

        await until(caught_up)
        held = unit_account(self._records, self.unit)
        assert held is not None
        assert [entry.seq for entry in unit_journal(self._records, self.unit)] == list(range(1, held.seq + 1))
        return held

    async def with_a_light(self) -> UnitAccount:
        """Return the account once the unit has a light."""

        async def is_lit() -> bool:
            return await self.exists() and bool((await self.look()).account.lights)

        await until(is_lit)
        return await self.recorded()

    async def with_measures(self) -> UnitAccount:
        """Return the account once there are measures and its interviews are scheduled."""

        async def are_settled() -> bool:
            held = (await self.look()).account if await self.exists() else UnitAccount(unit=self.unit)
            return bool(held.measures) and not interviews_to_schedule(held)

        await until(are_settled)
        return await self.recorded()


async def report(client: Client, task_queue: str, light: AccountLight) -> WorkflowHandle[object, object]:
    """Report a light as its claim does."""
    return await client.start_workflow(
        "Unit",
        UnitState(account=UnitAccount(unit=light.unit, name=light.unit_name, policy=DEFAULT_POLICY)),
        id=unit_workflow_id(light.unit),
        task_queue=task_queue,
        start_signal="post_light",
        start_signal_args=[light],
    )


async def missing(stage: Stage, unit: str) -> Play:
    """Return a claim for which the unit has missed the contact limit."""
    play = await (await stage.register()).dispatched(unit=unit)
    await play.wait_out(LimitKind.CONTACT)
    handler = person(Role.HANDLER, unit)
    for action in (Action.CONTACT, Action.REPLY):
        await play.must(action, handler)
    return play
