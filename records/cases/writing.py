"""Writing what a case leaves; any number of times, in any order."""

from assessment.cases.model import CaseRecord
from records import outbox
from records.database import dialects
from records.database.dialects import Row
from records.database.engine import Records
from records.tables import CASE, CASE_JOURNAL


def write_case(records: Records, record: CaseRecord) -> None:
    """The case as it stands, its new journal lines and notices, in one transaction. Raises RecordsUnavailable."""
    row = {
        "kind": record.kind.value,
        "id": record.id,
        "seq": record.seq,
        "updated_at": record.at,
        "snapshot": _text(record),
    }
    with records.writing() as connection:
        statement = dialects.insert_into(connection, CASE).values(row)
        newer = {name: statement.excluded[name] for name in ("seq", "updated_at", "snapshot")}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["kind", "id"], set_=newer, where=CASE.c.seq <= statement.excluded.seq
            )
        )
        lines = [_line(record, n) for n in range(len(record.entries))]
        dialects.put(connection, CASE_JOURNAL, lines)
        outbox.enqueue_notices(connection, "", record.notices)


def _text(record: CaseRecord) -> str:
    return record.model_dump_json(include={"state"})


def _line(record: CaseRecord, n: int) -> Row:
    entry = record.entries[n]
    cells = entry.model_dump(mode="json", exclude={"at", "rules"})
    keys = {"case_kind": record.kind.value, "case_id": record.id, "at": entry.at, "rules": list(entry.rules)}
    return {**cells, **keys}
