"""Writing a claim's steps into the records."""

from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.exceptions import ApplicationError

from claims.model.journal import TransitionRecord
from claims.recording.change import BaseLost, BaseNotYetWritten, ChangeRecorded, ClaimChange
from records.claim_writer import write_change, write_step
from records.database.engine import Records

RECORD_STEP = "record_step"
"""For claims that started before version 0.4 (`workflows.outgoing.protocol_1`)."""
RECORD_CHANGE = "record_change"
SOON: Final = timedelta(milliseconds=100)
"""After which a record is tried again that came before the one that it builds on; the server makes it about a second."""
MOMENTS: Final = (0.01, 0.02, 0.04)
"""Seconds between looks for the record before it, within one attempt."""
PATIENT_TRIES: Final = 25
"""How long the preceding record is assumed to be on its way: longer than a killed worker's attempt counts as running."""


class RecordActivities:
    """Writes to one database."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn(name=RECORD_STEP, no_thread_cancel_exception=True)
    def record_step(self, step: TransitionRecord) -> int:
        """Journal, read model, outcomes and notices of a step in one transaction; idempotent by number
        and `seq`. Returns the `seq` that the records now hold."""
        write_step(self._records, step)
        return step.claim.seq

    @activity.defn(name=RECORD_CHANGE, no_thread_cancel_exception=True)
    def record_change(self, change: ClaimChange) -> ChangeRecorded:
        """Return the same of what has changed since the last record. Writes nothing and says so where the
        claim on record is not the one that the change was made against.
        """
        try:
            self._write(change)
        except BaseNotYetWritten as error:
            if activity.info().attempt <= PATIENT_TRIES:
                raise ApplicationError(str(error), type="BaseNotYetWritten", next_retry_delay=SOON) from error
            return ChangeRecorded(base_lost=True)
        except BaseLost:
            return ChangeRecorded(base_lost=True)
        return ChangeRecorded(seq=change.seq)

    def _write(self, change: ClaimChange) -> None:
        """The record before it may be under way on another thread: a moment is less than another attempt."""
        for moment in MOMENTS:
            try:
                return write_change(self._records, change)
            except BaseNotYetWritten:
                activity.wait_for_worker_shutdown_sync(moment)
        return write_change(self._records, change)
