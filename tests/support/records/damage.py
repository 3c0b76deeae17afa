"""Damages records, for tests of a rebuild."""

from sqlalchemy import Table, and_, delete, select, update

from records import tables
from records.database.engine import Records
from records.reconciliation.comparison import OF_A_CLAIM

READ_MODEL = (*OF_A_CLAIM, tables.UNIT_ACCOUNT, tables.UNIT_JOURNAL, tables.DOCUMENT_NUMBER)


def damage(records: Records, table: Table) -> tuple[str, str]:
    """Delete one row, or alter it if other tables refer to it; return the kind and table of the difference."""
    key = list(table.primary_key)
    with records.writing() as connection:
        rows = select(*key).order_by(*key).limit(1)
        if table is tables.ATTACHMENT:
            rows = rows.where(table.c.kind != "")  # a paper: no history restores an upload
        lost = connection.execute(rows).one()
        this = and_(*(column == value for column, value in zip(key, lost, strict=True)))
        if table is tables.CLAIM:
            connection.execute(update(table).where(this).values(stage="closed-by-hand", matter="改"))
        elif table is tables.NOTICE:
            connection.execute(update(table).where(this).values(text="改"))
        else:
            connection.execute(delete(table).where(this))
            return ("missing", table.name)
    return ("changed", table.name)
