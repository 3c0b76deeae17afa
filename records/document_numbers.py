"""Document numbers (发文字号): each paper has one, and each number is used once."""

from sqlalchemy import Connection, select

from claims.papers.requests import PaperRequest, document_number, year_of
from records.database import dialects
from records.database.engine import Records
from records.tables import DOCUMENT_NUMBER, DOCUMENT_SEQUENCE


def number_paper(records: Records, paper: PaperRequest) -> str:
    """Return the paper's document number, assigning the next one the first time. Numbers may have gaps."""
    with records.writing() as connection:
        if known := _known(connection, paper.id):
            return known
        number = document_number(paper.kind, year_of(paper), _count_on(connection, paper))
        row = {"paper": paper.id, "number": number}
        once = dialects.insert_into(connection, DOCUMENT_NUMBER).values(row)
        given = once.on_conflict_do_nothing(index_elements=["paper"]).returning(DOCUMENT_NUMBER.c.number)
        # PostgreSQL: another worker may have numbered it since the query above.
        return connection.scalar(given) or _known(connection, paper.id)


def note_number(records: Records, paper: str, number: str) -> None:
    """Store the number that a paper has in its history."""
    with records.writing() as connection:
        dialects.put(connection, DOCUMENT_NUMBER, [{"paper": paper, "number": number}])


def _known(connection: Connection, paper: str) -> str:
    same = select(DOCUMENT_NUMBER.c.number).where(DOCUMENT_NUMBER.c.paper == paper)
    return connection.scalar(same) or ""


def _count_on(connection: Connection, paper: PaperRequest) -> int:
    row = {"kind": paper.kind.value, "year": year_of(paper), "last": 1}
    first = dialects.insert_into(connection, DOCUMENT_SEQUENCE).values(row)
    count = first.on_conflict_do_update(
        index_elements=["kind", "year"], set_={"last": DOCUMENT_SEQUENCE.c.last + 1}
    ).returning(DOCUMENT_SEQUENCE.c.last)
    return int(connection.scalars(count).one())
