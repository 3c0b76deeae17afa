"""Keeping the records of a claim: in order, never in the claim's way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.records import RECORD_STEP
    from claims.model.claim import Claim
    from claims.model.journal import Entry, Notice, Outcome, StepRecord
    from claims.step import Step
    from workflows import retry_policies


@dataclass(slots=True)
class _Pile:
    """What steps have left and is not known to be written."""

    entries: list[Entry] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.entries or self.outcomes)

    def take(self, step: Step) -> None:
        self.entries += step.entries
        self.notices += step.notices

    def record(self, claim: Claim) -> StepRecord:
        return StepRecord(
            claim=claim,
            entries=tuple(self.entries),
            outcomes=tuple(self.outcomes),
            notices=tuple(self.notices),
        )


class Recorder:
    """Writes what steps leave, one activity after the other, each retried until the database has it, while
    the claim, its timers and its answers go on.

    No local activity: a worker that dies has then written what the history does not hold, and the engine's
    clock, where a query is answered while one is under way, is not the same again on replay (ADR 0004).
    """

    def __init__(self) -> None:
        self.witness: Callable[[Step], None] | None = None
        """Sees each step as it is taken: an auditor's, while the history is replayed (`audit.replay.replayer`)."""
        self._claim: Claim | None = None
        self._waiting = _Pile()
        self._handed_over = _Pile()
        self._writing = False

    def add(self, step: Step, outcome: Outcome | None = None) -> None:
        """Take what a step leaves."""
        self._see(step)
        self._waiting.take(step)
        if outcome is not None:
            self._waiting.outcomes.append(outcome)

    def hand_over(self, step: Step) -> None:
        """Leave what a step leaves to whoever asked for the step."""
        self._see(step)
        self._handed_over.take(step)

    def _see(self, step: Step) -> None:
        if self.witness is not None:
            self.witness(step)
        self._claim = step.claim

    @property
    def handed_over(self) -> StepRecord | None:
        """What others are to write. It goes with the next step's record as well, and is handed over again until
        then, so that nothing depends on those others."""
        return self._handed_over.record(self._claim) if self._claim and self._handed_over else None

    def take_back(self) -> None:
        """Whoever asked has given up waiting: what was left to them is written from here."""
        self._waiting.entries[:0] = self._handed_over.entries
        self._waiting.notices[:0] = self._handed_over.notices
        self._handed_over = _Pile()

    @property
    def settled(self) -> bool:
        """Is everything written?"""
        return not self._writing and not self._waiting

    async def keep(self) -> None:
        """Write whatever comes, for as long as the claim lives."""
        while True:
            await workflow.wait_condition(lambda: bool(self._waiting))
            if self._claim is not None:
                self._writing = True
                await self._write(self._taken(self._claim))
                self._writing = False

    def _taken(self, claim: Claim) -> StepRecord:
        self.take_back()
        pile, self._waiting = self._waiting, _Pile()
        return pile.record(claim)

    async def _write(self, record: StepRecord) -> None:
        last = record.entries[-1].seq if record.entries else record.claim.seq
        await workflow.execute_activity(
            RECORD_STEP,
            record,
            result_type=int,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=retry_policies.RECORDS,
            summary=f"写入台账至第{last}条",
        )
