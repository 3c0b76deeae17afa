"""Writing a claim's records: in order, only what changed, and without delaying the claim."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities import priorities
    from activities.records import RECORD_CHANGE
    from claims.model.claim import Claim
    from claims.model.journal import Entry, Notice, Outcome, TransitionRecord
    from claims.recording.change import Batch, ChangeRecorded, ClaimChange, claim_changes, in_batches, opened
    from claims.transition import Transition
    from workflows.outgoing import retry_policies
    from workflows.outgoing.ended_activities import begins_again, pause


@dataclass(slots=True)
class Backlog:
    """Steps that are not known to be written."""

    entries: list[Entry] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.entries or self.outcomes)

    def take(self, transition: Transition) -> None:
        """Add a transition."""
        self.entries += transition.entries
        self.outcomes += transition.outcomes
        self.notices += transition.notices

    def take_back(self, change: ClaimChange) -> None:
        """Put transitions that were not written before later ones."""
        self.entries = sorted([*change.entries, *self.entries], key=lambda entry: entry.seq)
        self.outcomes[:0] = change.outcomes
        self.notices[:0] = change.notices

    def record(self, claim: Claim) -> TransitionRecord:
        """Return a record of these transitions with the whole claim."""
        return TransitionRecord(
            claim=claim,
            entries=tuple(self.entries),
            outcomes=tuple(self.outcomes),
            notices=tuple(self.notices),
        )


MOST_AT_ONCE: Final = 4
"""Maximum records of one claim in progress; later ones wait and are combined. More than people cause, and few
enough that early ones which are retried cost little.
"""


class Recorder:
    """Records transitions, each by its own regular activity (ADR 0004), retried until the database has it,
    while the claim, its timers and its answers continue.

    An activity is scheduled in the same turn as the transition that it records, and waits for no other, so
    that the order of the claim's commands follows from its inbox alone (ADR 0013). The database takes them in
    order: one that comes before the record that it builds on is tried again.
    """

    def __init__(self) -> None:
        self.witness: Callable[[Transition], None] | None = None
        """Sees each transition as it is taken: an auditor's, while the history is replayed (`audit.replay.replayer`)."""
        self._claim: Claim | None = None
        self._recorded: Claim | None = None
        """The claim that the database will hold once all that was sent is written; None: it may hold another."""
        self._waiting = Backlog()
        self._handed_over = Backlog()
        self._running: set[asyncio.Future[ChangeRecorded]] = set()
        self._has_lost_base = False
        self._pause: asyncio.Task[None] | None = None
        """Runs for a moment after somebody has ended a record."""

    def build_on(self, claim: Claim) -> None:
        """The records hold the claim as it was opened (R10): the first record need not."""
        self._recorded = opened(claim)

    def add(self, transition: Transition, outcome: Outcome | None = None) -> None:
        """Add a transition and write it."""
        self._take(transition, outcome)
        self._send_waiting()

    def _take(self, transition: Transition, outcome: Outcome | None) -> None:
        self._see(transition)
        self._waiting.take(transition)
        if outcome is not None:
            self._waiting.outcomes.append(outcome)

    def hand_over(self, transition: Transition) -> None:
        """Leave a transition's record to the sender that asked for the transition."""
        self._see(transition)
        self._handed_over.take(transition)
        self._recorded = None

    def _see(self, transition: Transition) -> None:
        if self.witness is not None:
            self.witness(transition)
        self._claim = transition.claim

    @property
    def handed_over(self) -> TransitionRecord | None:
        """The record that the sender is to write. It is also part of the next record, and handed over again until
        then, so that nothing is lost if the sender fails."""
        return self._handed_over.record(self._claim) if self._claim and self._handed_over else None

    def take_back(self) -> None:
        """The sender no longer waits: write what was left to it."""
        self._waiting.entries[:0] = self._handed_over.entries
        self._waiting.outcomes[:0] = self._handed_over.outcomes
        self._waiting.notices[:0] = self._handed_over.notices
        self._handed_over = Backlog()

    @property
    def settled(self) -> bool:
        """Whether everything is written."""
        return not self._running and not self._waiting

    def _send_waiting(self) -> None:
        """Send the waiting transitions. If the database has lost the claim, the whole claim is sent once the records
        under way are answered."""
        is_full = len(self._running) >= MOST_AT_ONCE or (self._has_lost_base and self._running)
        if self._claim is None or not self._waiting or is_full or self._pause is not None:
            return
        self._has_lost_base = False
        self.take_back()
        backlog, self._waiting = self._waiting, Backlog()
        for batch in in_batches(backlog.entries, backlog.outcomes, backlog.notices):
            self._send(self._change(batch, self._claim))

    def _change(self, batch: Batch, claim: Claim) -> ClaimChange:
        change = ClaimChange(
            number=claim.number,
            seq=claim.seq,
            entries=batch.entries,
            outcomes=batch.outcomes,
            notices=batch.notices,
        )
        if not batch.last:
            return change
        before, self._recorded = self._recorded, claim
        if before is None:
            return change.model_copy(update={"claim": claim})
        changed, removed = claim_changes(before, claim)
        return change.model_copy(update={"base": before.seq, "changed": changed, "removed": tuple(removed)})

    def _send(self, change: ClaimChange) -> None:
        """On the claims' own task queue, so that this worker may begin with it at once (`activities.task_queues`)."""
        last = change.entries[-1].seq if change.entries else change.seq
        writing = workflow.start_activity(
            RECORD_CHANGE,
            change,
            result_type=ChangeRecorded,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=retry_policies.RECORDS,
            priority=priorities.RECORDS,
            summary=f"写入台账至第{last}条",
        )
        self._running.add(writing)
        writing.add_done_callback(partial(self._written, change))

    def _written(self, change: ClaimChange, done: asyncio.Future[ChangeRecorded]) -> None:
        self._running.discard(done)
        if done.cancelled():  # the worker evicts the workflow
            return
        is_ended = begins_again(done.exception())
        if is_ended or done.result().base_lost:
            self._waiting.take_back(change)
            self._recorded, self._has_lost_base = None, True
        if is_ended and self._pause is None:
            self._pause = asyncio.create_task(self._pause_sending())
        self._send_waiting()

    async def _pause_sending(self) -> None:
        await pause()
        self._pause = None
        self._send_waiting()
