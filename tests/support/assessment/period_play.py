"""A period's assessment on the real server, as its people and its clock see it."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import TimeSkipper

from activities.workflow_ids import assessment_workflow_id
from assessment.cadence.actions import PeriodAction
from assessment.cadence.model import PeriodState
from assessment.cases.model import CaseEnvelope, CaseLook
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
    """The forty claims of the hand-reckoned month, on record."""
    for play in stories():
        play.life("Mon 12-07 09:00")
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
        """Start it in place of what an earlier test has left of the period."""
        handle = await stage.client.start_workflow(
            ASSESSMENT,
            CaseOpening(id=period, state={"scheme": scheme}),
            id=assessment_workflow_id(period),
            task_queue=stage.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            result_type=str,
        )
        return cls(stage.client, handle, period, stage.records)

    async def look(self, request_id: str = "") -> CaseLook:
        """The workflow's own answer."""
        found: CaseLook = await self.handle.query(QUERY_STATE, request_id, result_type=CaseLook)
        return found

    async def state(self) -> PeriodState:
        """The period as it stands."""
        return PeriodState.model_validate((await self.look()).state)

    async def at_stage(self, stage: str) -> PeriodState:
        """The period once it has come to a stage."""
        return await eventually(self.state, lambda found: found.stage == stage)

    async def act(self, action: PeriodAction, actor: Actor, /, **fields: object) -> Outcome:
        """An act and its outcome."""
        request_id = str(fields.setdefault("request_id", str(uuid.uuid4())))
        envelope = CaseEnvelope.model_validate({"actor": actor, "body": fields})
        signal = action.value.replace("-", "_")
        await self.handle.signal(signal, envelope.addressed(self.handle.id, signal))
        outcome = (await self.look(request_id)).outcome
        assert outcome is not None
        return outcome

    async def must(self, action: PeriodAction, actor: Actor, /, **fields: object) -> None:
        """An act that has to be accepted."""
        outcome = await self.act(action, actor, **fields)
        assert outcome.status == "accepted", (outcome.rule, outcome.reason)

    async def now(self) -> datetime:
        """Its own clock."""
        return await clock_of(self.handle) or (await self.look()).now

    async def until(self, instant: datetime) -> None:
        """Let its time pass until a moment after an instant."""
        left = instant + A_MOMENT - await self.now()
        if left > timedelta():
            await self._skipper.fast_forward(self.handle, left)

    async def drafted(self) -> PeriodState:
        """Past the period's end, with a draft."""
        await self.until((await self.state()).of.ends_at)
        return await self.at_stage("draft")

    async def after_objections(self) -> None:
        """Past the time for objections."""
        draft = (await self.state()).draft
        assert draft is not None
        await self.until(draft.objections_due_at)

    async def recorded(self) -> PeriodState:
        """The period in the records, once they have all of it."""

        async def found() -> PeriodState | None:
            held = period_state(self._records, self.period)
            return held if held is not None and held.seq == (await self.state()).seq else None

        held = await eventually(found, lambda one: one is not None)
        assert held is not None
        return held


def contents_at(home: Path) -> ContentStore:
    """Where a worker with this home keeps contents."""
    return ContentStore(home / "attachments")
