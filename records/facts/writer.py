"""Writes a claim's facts in the claim's transaction: only the changed rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, tuple_

from assessment.facts.events import JOURNAL_KINDS
from assessment.facts.extraction import recorded_facts
from assessment.facts.model import Fact
from assessment.terms import Measure
from claims.model.claim import Claim
from claims.model.journal import Entry
from records.database import dialects
from records.database.dialects import Row
from records.tables import CLAIM, FACT, JOURNAL

_KEY: Final = tuple(column.name for column in FACT.primary_key)
_FOUND: Final = select(FACT).where(FACT.c.number.in_(bindparam("numbers", expanding=True)))
_SNAPSHOTS: Final = select(CLAIM.c.number, CLAIM.c.snapshot).where(
    CLAIM.c.number.in_(bindparam("numbers", expanding=True))
)
_LINES: Final = (
    select(JOURNAL)
    .where(JOURNAL.c.number.in_(bindparam("numbers", expanding=True)), JOURNAL.c.kind.in_(JOURNAL_KINDS))
    .order_by(JOURNAL.c.number, JOURNAL.c.seq)
)
"""Built once: building a statement takes longer than running it."""
_FROM_JOURNAL: Final = frozenset({Measure.CRITICISMS.value, Measure.KNOWLEDGE.value})
"""Measures that are computed from journal lines (`JOURNAL_KINDS`)."""
Key = tuple[object, ...]


def refresh(
    connection: Connection, claims: Mapping[str, Claim], lines: Mapping[str, Iterable[Entry]] | None = None
) -> None:
    """Update the facts of claims (by number). Their journal lines must already be on record. `lines` are the
    new ones, if known.
    """
    if not claims:
        return
    rows = connection.execute(_FOUND, {"numbers": [*claims]}).mappings()
    found = {tuple(row[name] for name in _KEY): dict(row) for row in rows}
    told = {str(row["number"]) for row in found.values() if row["measure"] in _FROM_JOURNAL}
    begun = {str(row["number"]) for row in found.values()}
    asked = [
        number
        for number in claims
        if lines is None or number in told or number not in begun or affects_facts(lines.get(number, ()))
    ]
    entries = _lines(connection, asked)
    wanted = {
        _key(row): row
        for number, claim in claims.items()
        for row in map(row_of, recorded_facts(claim, entries.get(number, ())))
    }
    if surplus := found.keys() - wanted.keys():
        connection.execute(delete(FACT).where(tuple_(*FACT.primary_key).in_(surplus)))
    dialects.put(connection, FACT, [row for key, row in wanted.items() if found.get(key) != row])


def refresh_from_records(connection: Connection, numbers: Collection[str]) -> None:
    """Update the facts of claims as they are on record; skip claims that are missing."""
    if not numbers:
        return
    rows = connection.execute(_SNAPSHOTS, {"numbers": [*numbers]})
    refresh(connection, {number: Claim.model_validate_json(snapshot) for number, snapshot in rows})


def affects_facts(entries: Iterable[Entry]) -> bool:
    """Return whether facts depend on any of these journal lines."""
    return any(entry.kind in JOURNAL_KINDS for entry in entries)


def row_of(fact: Fact) -> Row:
    """Return a fact as a table row."""
    return {
        "number": fact.claim,
        "measure": fact.measure.value,
        "dispatch": fact.dispatch,
        "about": fact.about,
        "unit": fact.unit,
        "round": fact.round,
        "unit_name": fact.unit_name,
        "district": fact.district,
        "n": fact.n,
        "of": fact.of,
        "month": f"{fact.day:%Y-%m}",
        "day": fact.day,
        "at": fact.at,
        "counted": fact.counted,
        "rule": fact.rule,
        "why": fact.why,
    }


def _key(row: Mapping[str, object]) -> Key:
    return tuple(row[name] for name in _KEY)


def _lines(connection: Connection, numbers: Sequence[str]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    if not numbers:
        return found
    for row in connection.execute(_LINES, {"numbers": numbers}).mappings():
        found.setdefault(row["number"], []).append(Entry.model_validate(dict(row)))
    return found
