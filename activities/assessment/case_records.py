"""Writing a case's steps into the records."""

from typing import Final

from temporalio import activity

from assessment.cases.model import CaseRecord
from records.cases.writer import write_case
from records.database.engine import Records

RECORD_CASE: Final = "record_case"


class CaseActivities:
    """Writes to one database."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn(name=RECORD_CASE, no_thread_cancel_exception=True)
    def record_case(self, record: CaseRecord) -> int:
        """State, journal and notices in one transaction; idempotent. Returns the `seq` that the records now hold."""
        write_case(self._records, record)
        return record.seq
