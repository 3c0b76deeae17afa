"""Keeping the records of a claim: in order, never in the claim's way."""

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.records import RECORD_STEP
    from claims.journal import Entry, Notice, Outcome, StepRecord
    from claims.model import Claim
    from claims.step import Step

_PATIENTLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


class Recorder:
    """Writes what steps leave, one activity after the other, each retried until the database has it, while
    the claim, its timers and its answers go on.

    No local activity: a worker that dies has then written what the history does not hold, and the engine's
    clock, where a query is answered while one is under way, is not the same again on replay (ADR 0004).
    """

    def __init__(self) -> None:
        self.witness: Callable[[Step], None] | None = None
        """Sees each step as it is taken: an auditor's, while the history is replayed (`audit.replaying`)."""
        self._claim: Claim | None = None
        self._entries: list[Entry] = []
        self._outcomes: list[Outcome] = []
        self._notices: list[Notice] = []
        self._writing = False

    def add(self, step: Step, outcome: Outcome | None = None) -> None:
        """Take what a step leaves."""
        if self.witness is not None:
            self.witness(step)
        self._claim = step.claim
        self._entries += step.entries
        self._notices += step.notices
        if outcome is not None:
            self._outcomes.append(outcome)

    @property
    def settled(self) -> bool:
        """Is everything written?"""
        return not self._writing and not self._waiting

    @property
    def _waiting(self) -> bool:
        return bool(self._entries or self._outcomes)

    async def keep(self) -> None:
        """Write whatever comes, for as long as the claim lives."""
        while True:
            await workflow.wait_condition(lambda: self._waiting)
            if (record := self._take()) is not None:
                await self._write(record)
                self._writing = False

    def _take(self) -> StepRecord | None:
        if self._claim is None:
            return None
        self._writing = True
        record = StepRecord(
            claim=self._claim,
            entries=tuple(self._entries),
            outcomes=tuple(self._outcomes),
            notices=tuple(self._notices),
        )
        self._entries, self._outcomes, self._notices = [], [], []
        return record

    async def _write(self, record: StepRecord) -> None:
        last = record.entries[-1].seq if record.entries else record.claim.seq
        await workflow.execute_activity(
            RECORD_STEP,
            record,
            result_type=int,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENTLY,
            summary=f"写入台账至第{last}条",
        )
