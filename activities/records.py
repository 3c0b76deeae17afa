"""Writing a claim's steps into the records."""

from temporalio import activity

from claims.model.journal import TransitionRecord
from records.database.engine import Records
from records.writing import write_step

RECORD_STEP = "record_step"


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
