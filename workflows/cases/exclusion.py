"""A claim's exclusions (R65): `exclusion-<number>`. They never change the claim, which may have ended."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from assessment.cases.model import CaseEnvelope, CaseKind, CaseSnapshot
    from assessment.cases.step import CaseStep
    from assessment.exclusion_cases import procedure
    from assessment.exclusion_cases.actions import ExclusionAction
    from assessment.exclusion_cases.model import STATUS_NAMES, ExclusionState
    from claims.model.journal import Outcome
    from workflows.cases.case_runner import QUERY_STATE, CaseOpening, CaseRunner
    from workflows.execution.cancellation import CANCELLED, Cancellation
    from workflows.incoming.message_contents import NO_ARGUMENT

EXCLUSION: Final = "Exclusion"


@workflow.defn(name=EXCLUSION)
class ExclusionWorkflow:
    """Runs until everything is decided and no refusal can be appealed; a later application starts a new run."""

    @workflow.init
    def __init__(self, opening: CaseOpening) -> None:
        state = ExclusionState.model_validate({"number": opening.id, **opening.state})
        self._runner = CaseRunner(CaseKind.EXCLUSION, opening, state, self._act, procedure.RULE)
        self._cancellation = Cancellation()

    @workflow.run
    async def run(self, _opening: CaseOpening) -> int:
        """Wait for decisions and appeals; then how many exclusions there are."""
        recording = self._runner.begin()
        while not (self._is_over and self._runner.is_settled):
            try:
                await self._wait()
            except CANCELLED as error:
                self._cancellation.take(error)
            if not self._is_over:
                self._runner.continue_if_due()
        recording.cancel()
        return len(self._state.exclusions())

    @property
    def _state(self) -> ExclusionState:
        return self._runner.state

    @property
    def _is_over(self) -> bool:
        state = self._state
        return bool(state.seq) and not state.waits and state.open_until(workflow.now()) is None

    async def _wait(self) -> None:
        """For an act, or for the end of the time to appeal; in the end until all is on record, unless somebody applies again."""
        if self._is_over:
            await workflow.wait_condition(lambda: self._runner.is_settled or not self._is_over)
            return
        seen, until = self._state.seq, self._state.open_until(workflow.now())
        left = max(until - workflow.now(), timedelta()) if until else None
        try:
            await workflow.wait_condition(
                lambda: self._state.seq > seen or self._runner.ends_run,
                timeout=left,
                timeout_summary="申诉期满" if left else None,
            )
        except TimeoutError:
            return

    def _act(
        self, state: ExclusionState, action: StrEnum, envelope: CaseEnvelope
    ) -> tuple[CaseStep[ExclusionState], Outcome]:
        return procedure.perform(state, ExclusionAction(action), envelope, now=workflow.now())

    def _receive(self, action: ExclusionAction, message: RawValue) -> None:
        self._runner.receive(action, message)

    def current_details(self) -> str:
        """For `workflows.execution.current_details`."""
        lines = [f"{one.id}　{one.unit}　{STATUS_NAMES[one.status]}" for one in self._state.applications]
        return "\n\n".join(lines)

    @workflow.query(name=QUERY_STATE, description="剔除申请现状；附请求编号时一并返回该请求的结果")
    def snapshot(self, request_id: str = "") -> CaseSnapshot:
        """The applications as they stand."""
        return self._runner.snapshot(request_id)

    @workflow.signal(name="apply_exclusion", description="单位申请剔除（R65）")
    def on_apply(self, message: RawValue = NO_ARGUMENT) -> None:
        """A unit applies."""
        self._receive(ExclusionAction.APPLY, message)

    @workflow.signal(name="decide_exclusion", description="核定剔除申请或申诉（R65）")
    def on_decide(self, message: RawValue = NO_ARGUMENT) -> None:
        """A coordinator decides."""
        self._receive(ExclusionAction.DECIDE, message)

    @workflow.signal(name="appeal_exclusion", description="单位申诉一次（R65）")
    def on_appeal(self, message: RawValue = NO_ARGUMENT) -> None:
        """A unit appeals."""
        self._receive(ExclusionAction.APPEAL, message)

    @workflow.signal(dynamic=True, description="不认识的信号：记入日志，不改变申请")
    def on_unknown(self, name: str, _args: Sequence[RawValue]) -> None:
        """A mistyped signal is recorded and changes nothing."""
        self._runner.note_unreadable(name)
