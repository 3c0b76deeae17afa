"""A month of claims as rows of facts, made fast, and the plain SQL that groups them: the floor of a draft."""

from typing import Final

from sqlalchemy import Connection, insert, text

from assessment.facts.extraction import recorded_facts
from assessment.terms import FEWER_IS_BETTER
from claims.model.journal import TransitionRecord
from records.database.dialects import Row
from records.database.engine import Records
from records.facts.writing import row_of
from records.tables import CLAIM, FACT
from records.writing import write_step
from tests.support.assessment.november import stories

AT_ONCE: Final = 20_000
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


def fill(records: Records, claims: int) -> int:
    """The forty claims of the hand-reckoned month, again and again under other numbers; how many rows of facts."""
    plays = stories()
    templates: list[list[Row]] = []
    for play in plays:
        play.life("Mon 12-07 09:00")
        paper = play.paper
        write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))
        templates.append([*map(row_of, recorded_facts(paper.claim, paper.journal))])
    written = sum(map(len, templates))
    with records.writing() as connection:
        heads = [dict(row) for row in connection.execute(CLAIM.select()).mappings()]
        for start in range(len(plays), claims, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, claims))
            connection.execute(insert(CLAIM), [_head(heads[n % len(plays)], n) for n in numbers])
            rows = [_numbered(row, n) for n in numbers for row in templates[n % len(plays)]]
            connection.execute(insert(FACT), rows)
            written += len(rows)
    with records.writing() as connection:
        connection.execute(text("ANALYZE"))
    return written


def _number(n: int) -> str:
    return f"QH20261102{n:06}"


def _head(head: Row, n: int) -> Row:
    return {**head, "number": _number(n), "snapshot": ""}


def _numbered(row: Row, n: int) -> Row:
    about = str(row["about"])
    return {**row, "number": _number(n), "about": about.replace(str(row["number"]), _number(n))}


def grouped(connection: Connection, month: str) -> int:
    """Units, districts and the platform's limits, each with n, m, the claims and those that fell short."""
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
