"""A month of claims as rows of facts in the database, and the plain SQL that groups them: the floor of a draft."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from assessment.terms import FEWER_IS_BETTER
from claims.model.journal import TransitionRecord
from records.claim_writer import write_step
from records.database.engine import Records
from records.tables import CLAIM, FACT
from tests.support.assessment.november import stories

_FEWER: Final = ", ".join(f"'{measure.value}'" for measure in sorted(FEWER_IS_BETTER))
_COUNTED: Final = {
    "sqlite": f"""SUM(n), SUM("of"), group_concat(number),
        group_concat(CASE WHEN (n = 1) = (measure IN ({_FEWER})) THEN number END)""",
    "postgresql": f"""SUM(n), SUM("of"), string_agg(number, ','),
        string_agg(CASE WHEN (n = 1) = (measure IN ({_FEWER})) THEN number END, ',')""",
}
_KIND: Final = {
    "sqlite": "substr(about, 1, instr(about, ':') - 1)",
    "postgresql": "split_part(about, ':', 1)",
}
_NUMBER: Final = {
    "sqlite": "printf('QH20261102%06d', i)",
    "postgresql": "'QH20261102' || lpad(i::text, 6, '0')",
}
_SERIES: Final = """WITH RECURSIVE series(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM series WHERE i + 1 < {end}),
    numbered AS (SELECT {number} AS own, i % {templates} AS place FROM series),
    template(place, was) AS (VALUES {places})"""


def fill(records: Records, claims: int) -> int:
    """Insert the forty claims of the hand-calculated month repeatedly under other numbers; return the number
    of fact rows.
    """
    numbers = _templates(records)
    with records.writing() as connection:
        if claims > len(numbers):
            _multiply(connection, numbers, claims)
        written: int = connection.execute(text("SELECT COUNT(*) FROM assessment_fact")).scalar_one()
    with records.writing() as connection:
        connection.execute(text("ANALYZE"))
    return written


def _templates(records: Records) -> list[str]:
    """Return the forty claims as the system writes them."""
    numbers = []
    for play in stories():
        play.run("Mon 12-07 09:00")
        paper = play.paper
        write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))
        numbers.append(paper.claim.number)
    return numbers


def _multiply(connection: Connection, numbers: Sequence[str], claims: int) -> None:
    series = _SERIES.format(
        first=len(numbers),
        end=claims,
        templates=len(numbers),
        number=_NUMBER[connection.dialect.name],
        places=", ".join(f"({place}, '{number}')" for place, number in enumerate(numbers)),
    )
    source = "JOIN template USING (place) JOIN {table} ON {table}.number = template.was ORDER BY own"
    for table, changed in (
        (CLAIM, {"number": "own", "snapshot": "''"}),
        (FACT, {"number": "own", "about": "replace(about, was, own)"}),
    ):
        columns = [f'"{column.name}"' for column in table.c]
        values = [changed.get(column.name, f'{table.name}."{column.name}"') for column in table.c]
        connection.execute(
            text(
                f"INSERT INTO {table.name} ({', '.join(columns)}) {series} "
                f"SELECT {', '.join(values)} FROM numbered {source.format(table=table.name)}"
            )
        )


def grouped(connection: Connection, month: str) -> int:
    """Return units, districts and the platform's limits, each with n, m, the claims, and the claims that fell
    short.
    """
    counted, kind = _COUNTED[connection.dialect.name], _KIND[connection.dialect.name]
    where = "FROM assessment_fact WHERE month = :month AND counted"
    found = 0
    for keys, more in (
        ("unit, measure", "unit <> 'PF'"),
        ("district, measure", "unit <> 'PF'"),
        (kind, "unit = 'PF'"),
    ):
        statement = text(f"SELECT {keys}, {counted} {where} AND {more} GROUP BY {keys} ORDER BY {keys}")
        found += len(connection.execute(statement, {"month": month}).all())
    return found


def copied(connection: Connection, month: str) -> None:
    """Copy the month's rows into a temporary table."""
    connection.execute(
        text("CREATE TABLE copied AS SELECT * FROM assessment_fact WHERE month = :month"), {"month": month}
    )
    connection.execute(text("DROP TABLE copied"))
