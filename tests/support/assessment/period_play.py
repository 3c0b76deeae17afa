"""Plays a period's assessment on the real server."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import TimeSkipper

from activities.workflow_ids import assessment_workflow_id
from assessment.cadence.actions import PeriodAction
from assessment.cadence.model import PeriodState
from assessment.cases.model import CaseEnvelope, CaseSnapshot
from claims.model.journal import Outcome
from claims.model.values import Actor
from records.cases.reader import period_state
from records.contents import ContentStore
from records.database.engine import Records
from tests.support.assessment.november import stories
from tests.support.polling import eventually
from tests.support.records.recorded_claims import keep
from tests.support.workflows.claim_play import Stage
from workflows.cases.assessment import ASSESSMENT
from workflows.cases.case_runner import QUERY_STATE, CaseOpening
from workflows.execution.virtual_clock import clock_of

A_MOMENT = timedelta(minutes=1)


def keep_november(records: Records) -> None:
    """Record the forty claims of the hand-calculated month."""
    for play in stories():
        play.run("Mon 12-07 09:00")
        keep(records, play.paper)


class PeriodPlay:
    """One period's workflow."""

    def __init__(
        self, client: Client, handle: "WorkflowHandle[object, str]", period: str, records: Records
    ) -> None:
        self.handle = handle
        self.period = period
        self._records = records
        self._skipper = TimeSkipper(client)

    @classmethod
    async def begin(cls, stage: Stage, period: str, scheme: str = "") -> "PeriodPlay":
        """Start it, replacing a period left by an earlier test."""
        handle = await stage.client.start_workflow(
            ASSESSMENT,
            CaseOpening(id=period, state={"scheme": scheme}),
            id=assessment_workflow_id(period),
            task_queue=stage.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            result_type=str,
        )
        return cls(stage.client, handle, period, stage.records)

    async def look(self, request_id: str = "") -> CaseSnapshot:
        """Return the answer of the workflow's query."""
        found: CaseSnapshot = await self.handle.query(QUERY_STATE, request_id, result_type=CaseSnapshot)
        return found

    async def state(self) -> PeriodState:
        """Return the period's state."""
        return PeriodState.model_validate((await self.look()).state)

    async def at_stage(self, stage: str) -> PeriodState:
        """Return the period once it reaches a stage."""
        return await eventually(self.state, lambda found: found.stage == stage)

    async def act(self, action: PeriodAction, actor: Actor, /, **fields: object) -> Outcome:
        """Perform an action; return it with its outcome."""
        request_id = str(fields.setdefault("request_id", str(uuid.uuid4())))
        envelope = CaseEnvelope.model_validate({"actor": actor, "body": fields})
        signal = action.value.replace("-", "_")
        await self.handle.signal(signal, envelope.addressed(self.handle.id, signal))
        outcome = (await self.look(request_id)).outcome
        assert outcome is not None
        return outcome

    async def must(self, action: PeriodAction, actor: Actor, /, **fields: object) -> None:
        """Perform an action that must be accepted."""
        outcome = await self.act(action, actor, **fields)
        assert outcome.status == "accepted", (outcome.rule, outcome.reason)

    async def now(self) -> datetime:
        """Return the workflow's own time."""
        return await clock_of(self.handle) or (await self.look()).now

    async def until(self, instant: datetime) -> None:
        """Advance its time to just after an instant."""
        left = instant + A_MOMENT - await self.now()
        if left > timedelta():
            await self._skipper.fast_forward(self.handle, left)

    async def drafted(self) -> PeriodState:
        """Advance past the period's end, until there is a draft."""
        await self.until((await self.state()).of.ends_at)
        return await self.at_stage("draft")

    async def after_objections(self) -> None:
        """Advance past the objection period."""
        draft = (await self.state()).draft
        assert draft is not None
        await self.until(draft.objections_due_at)

    async def recorded(self) -> PeriodState:
        """Return the period from the records, once they are complete."""

        async def found() -> PeriodState | None:
            held = period_state(self._records, self.period)
            return held if held is not None and held.seq == (await self.state()).seq else None

        held = await eventually(found, lambda one: one is not None)
        assert held is not None
        return held


def contents_at(home: Path) -> ContentStore:
    """Return the content folder of a worker with this home."""
    return ContentStore(home / "attachments")
