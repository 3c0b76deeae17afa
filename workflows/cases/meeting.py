"""A joint meeting (R63): `meeting-<id>`, until everything that it decided is done."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from assessment.cases.model import CaseEnvelope, CaseKind, CaseSnapshot
    from assessment.cases.step import CaseStep
    from assessment.meetings import procedure
    from assessment.meetings.model import MEETING_STAGES, MeetingAction, MeetingStage, MeetingState
    from claims.model.journal import Outcome
    from workflows.cases.case_runner import QUERY_STATE, CaseOpening, CaseRunner
    from workflows.execution.cancellation import CANCELLED, Cancellation
    from workflows.incoming.message_contents import NO_ARGUMENT

MEETING: Final = "Meeting"


@workflow.defn(name=MEETING)
class MeetingWorkflow:
    """Agenda, minutes, and the days of what was decided."""

    @workflow.init
    def __init__(self, opening: CaseOpening) -> None:
        state = MeetingState.model_validate({"id": opening.id, **opening.state})
        self._runner = CaseRunner(CaseKind.MEETING, opening, state, self._act, procedure.RULE)
        self._cancellation = Cancellation()

    @workflow.run
    async def run(self, _opening: CaseOpening) -> None:
        """Wait for the minutes, then for each item."""
        recording = self._runner.begin()
        while not (self._is_over and self._runner.is_settled):
            try:
                await self._wait()
            except CANCELLED as error:
                self._cancellation.take(error)
            if not self._is_over:
                self._runner.continue_if_due()
        recording.cancel()

    @property
    def _state(self) -> MeetingState:
        return self._runner.state

    @property
    def _is_over(self) -> bool:
        return self._state.stage is MeetingStage.FOLLOWED

    async def _wait(self) -> None:
        """For an act, or for the day of the next item to pass; in the end until all is on record."""
        if self._is_over:
            await workflow.wait_condition(lambda: self._runner.is_settled)
            return
        seen, due = self._state.seq, procedure.next_due(self._state)
        left = max(due - workflow.now(), timedelta()) if due else None
        try:
            await workflow.wait_condition(
                lambda: self._state.seq > seen or self._runner.ends_run,
                timeout=left,
                timeout_summary="议定事项到期" if due else None,
            )
        except TimeoutError:
            self._runner.adopt(procedure.pass_time(self._state, now=workflow.now()))

    def _act(
        self, state: MeetingState, action: StrEnum, envelope: CaseEnvelope
    ) -> tuple[CaseStep[MeetingState], Outcome]:
        return procedure.perform(state, MeetingAction(action), envelope, now=workflow.now())

    def _receive(self, action: MeetingAction, message: RawValue) -> None:
        self._runner.receive(action, message)

    def current_details(self) -> str:
        """For `workflows.execution.current_details`."""
        return MEETING_STAGES[self._state.stage]

    @workflow.query(name=QUERY_STATE, description="联席会议现状；附请求编号时一并返回该请求的结果")
    def snapshot(self, request_id: str = "") -> CaseSnapshot:
        """The meeting as it stands."""
        return self._runner.snapshot(request_id)

    @workflow.signal(name="convene", description="召集（R63）")
    def on_convene(self, message: RawValue = NO_ARGUMENT) -> None:
        """Convened."""
        self._receive(MeetingAction.CONVENE, message)

    @workflow.signal(name="record_minutes", description="登记会议纪要（R63）")
    def on_record_minutes(self, message: RawValue = NO_ARGUMENT) -> None:
        """Held."""
        self._receive(MeetingAction.RECORD_MINUTES, message)

    @workflow.signal(name="finish_item", description="登记落实情况（R63）")
    def on_finish_item(self, message: RawValue = NO_ARGUMENT) -> None:
        """An item is done."""
        self._receive(MeetingAction.FINISH_ITEM, message)

    @workflow.signal(dynamic=True, description="不认识的信号：记入日志")
    def on_unknown(self, name: str, _args: Sequence[RawValue]) -> None:
        """A mistyped signal is recorded and changes nothing."""
        self._runner.note_unreadable(name)
