"""Writes a case's changes. Idempotent, in any order."""

from assessment.cases.model import CaseKind, CaseRecord
from records import outbox
from records.cases.clue_rows import encrypted_row
from records.database import dialects
from records.database.dialects import Row
from records.database.engine import Records
from records.tables import CASE, CASE_JOURNAL


def write_case(records: Records, record: CaseRecord) -> None:
    """Write the case's state, new journal lines and notices in one transaction. Raises RecordsUnavailable."""
    row = _row(records, record)
    lines = [_line(records, record, n) for n in range(len(record.entries))]
    with records.writing() as connection:
        statement = dialects.insert_into(connection, CASE).values(row)
        newer = {name: statement.excluded[name] for name in ("seq", "updated_at", "snapshot")}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["kind", "id"], set_=newer, where=CASE.c.seq <= statement.excluded.seq
            )
        )
        dialects.put(connection, CASE_JOURNAL, lines)
        outbox.enqueue_notices(connection, "", record.notices)


def _row(records: Records, record: CaseRecord) -> Row:
    row: Row = {
        "kind": record.kind.value,
        "id": record.id,
        "seq": record.seq,
        "updated_at": record.at,
        "snapshot": record.model_dump_json(include={"state"}),
    }
    return encrypted_row(records.clue_cipher, CASE, row) if record.kind is CaseKind.CLUE else row


def _line(records: Records, record: CaseRecord, n: int) -> Row:
    entry = record.entries[n]
    cells = entry.model_dump(mode="json", exclude={"at", "rules"})
    keys = {"case_kind": record.kind.value, "case_id": record.id, "at": entry.at, "rules": list(entry.rules)}
    row: Row = {**cells, **keys}
    return encrypted_row(records.clue_cipher, CASE_JOURNAL, row) if record.kind is CaseKind.CLUE else row
