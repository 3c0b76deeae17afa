"""A clue (R64): `clue-<id>`. No title, detail, memo, search attribute or log line tells what it is about.

Its payloads, and its activities', are encrypted under a key of their own (`runtime.payloads.codec`); the codec server decrypts
them for inspectors alone.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from assessment.cases.model import CaseEnvelope, CaseKind, CaseSnapshot
    from assessment.cases.step import CaseStep
    from assessment.clues import procedure
    from assessment.clues.model import ClueAction, ClueStage, ClueState
    from claims.model.journal import Outcome
    from workflows.cases.case_runner import QUERY_STATE, CaseOpening, CaseRunner
    from workflows.execution.cancellation import CANCELLED, Cancellation
    from workflows.incoming.message_contents import NO_ARGUMENT

CLUE: Final = "Clue"


@workflow.defn(name=CLUE)
class ClueWorkflow:
    """Runs until the clue is closed."""

    @workflow.init
    def __init__(self, opening: CaseOpening) -> None:
        state = ClueState.model_validate({"id": opening.id, **opening.state})
        self._runner = CaseRunner(CaseKind.CLUE, opening, state, self._act, procedure.RULE)
        self._cancellation = Cancellation()

    @workflow.run
    async def run(self, _opening: CaseOpening) -> None:
        """Wait for its end."""
        recording = self._runner.begin()
        while not self._is_over:
            try:
                await workflow.wait_condition(lambda: self._is_over or self._runner.ends_run)
            except CANCELLED as error:
                self._cancellation.take(error)
            if not self._is_over:
                self._runner.continue_if_due()
        recording.cancel()

    @property
    def _is_over(self) -> bool:
        return self._runner.state.stage is ClueStage.CLOSED and self._runner.is_settled

    def _act(
        self, state: ClueState, action: StrEnum, envelope: CaseEnvelope
    ) -> tuple[CaseStep[ClueState], Outcome]:
        return procedure.perform(state, ClueAction(action), envelope, now=workflow.now())

    @workflow.query(name=QUERY_STATE)
    def snapshot(self, request_id: str = "") -> CaseSnapshot:
        """The clue as it stands."""
        return self._runner.snapshot(request_id)

    @workflow.signal(name="record")
    def on_record(self, message: RawValue = NO_ARGUMENT) -> None:
        """Recorded."""
        self._runner.receive(ClueAction.RECORD, message)

    @workflow.signal(name="link")
    def on_link(self, message: RawValue = NO_ARGUMENT) -> None:
        """Linked."""
        self._runner.receive(ClueAction.LINK, message)

    @workflow.signal(name="transfer")
    def on_transfer(self, message: RawValue = NO_ARGUMENT) -> None:
        """Transferred."""
        self._runner.receive(ClueAction.TRANSFER, message)

    @workflow.signal(name="receipt")
    def on_receipt(self, message: RawValue = NO_ARGUMENT) -> None:
        """Signed for."""
        self._runner.receive(ClueAction.RECEIPT, message)

    @workflow.signal(name="expose")
    def on_expose(self, message: RawValue = NO_ARGUMENT) -> None:
        """Exposed."""
        self._runner.receive(ClueAction.EXPOSE, message)

    @workflow.signal(name="close")
    def on_close(self, message: RawValue = NO_ARGUMENT) -> None:
        """Closed."""
        self._runner.receive(ClueAction.CLOSE, message)

    @workflow.signal(dynamic=True)
    def on_unknown(self, name: str, _args: Sequence[RawValue]) -> None:
        """A mistyped signal is recorded and changes nothing."""
        self._runner.note_unreadable(name)
