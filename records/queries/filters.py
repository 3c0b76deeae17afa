"""Filters of claim lists, and how the database evaluates them.

A list is read in its order until the page is full, through an index that also holds the filter's columns
(`records.tables.claim.ORDERS`). Conditions on other tables (participants, text) are counted first. If few
claims meet them, only those are read; if some do, the list is compared with them; if many do, each row is
checked, since the page fills up soon.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    union,
)

from claims.model.terms import Category, Channel, Colour, Stage
from claims.text.normalisation import identifier, name_key
from records.database.dialects import folded, folded_column
from records.queries import search
from records.queries.names import NameSight, is_named, reveals_nothing
from records.tables import CLAIM, CLAIM_PARTY

FEW: Final = 1000
"""Up to this number, claims are looked up directly instead of reading the list in order."""
SOME: Final = 8000
"""Up to this number, claim numbers are collected instead of checking each row."""

_NUMBER: Final = re.compile(r"(?:QH)?([0-9]{3,20})", re.IGNORECASE)
Numbers = Select[tuple[str]]


class Sight(BaseModel):
    """The reader's view: a unit sees claims in which it or a unit below takes part now, an enterprise its own
    (`claims.need_to_know`).

    If both are set, either is enough; if none is set, nothing is visible.
    """

    model_config = ConfigDict(frozen=True)

    unit: str = ""
    credit_code: str = ""
    account: str = ""


class ClaimFilter(BaseModel):
    """A filter; all given conditions must hold. `visible_to` None: all claims are visible; `names_seen` None:
    all names are.

    `unit`: led now by it or a unit below. `light`: the worst one not revoked. `number`: its start, with or
    without `QH`. `enterprise`: part of the name. `text`: part of the enterprise's name or of the matter, or
    the start of the number. Ranges include their start and exclude their end.
    """

    model_config = ConfigDict(frozen=True)

    number: str = Field(default="", max_length=40)
    enterprise: str = Field(default="", max_length=200)
    stage: Stage | None = None
    unit: str = ""
    district: str = ""
    category: Category | None = None
    channel: Channel | None = None
    light: Colour | None = None
    due_after: AwareDatetime | None = None
    due_before: AwareDatetime | None = None
    registered_after: AwareDatetime | None = None
    registered_before: AwareDatetime | None = None
    text: str = Field(default="", max_length=200)
    visible_to: Sight | None = None
    names_seen: NameSight | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Conditions for every row. `leads` means that few claims meet them, so they can be found without reading
    the list.
    """

    conditions: list[ColumnElement[bool]]
    leads: bool


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A condition on other tables: the claims that can meet it, their count, and the condition for one row."""

    numbers: Numbers
    counted: Select[tuple[str]] | Select[tuple[int]]
    of_row: ColumnElement[bool]
    is_exact: bool


def narrow(connection: Connection, wanted: ClaimFilter) -> Narrowing:
    """Return a filter's conditions. Raises RecordsUnavailable."""
    conditions = [CLAIM.c[name] == value for name, value in _exact(wanted).items() if value]
    conditions += _ranges(wanted)
    if number := identifier(wanted.number):
        conditions.append(_begins(number))
    leads = False
    for elsewhere in _all_elsewhere(wanted, connection.dialect.name):
        count = _count(connection, elsewhere)
        leads = leads or count <= FEW
        if count <= SOME:
            conditions.append(CLAIM.c.number.in_(elsewhere.numbers))
        if count > SOME or not elsewhere.is_exact:
            conditions.append(elsewhere.of_row)
    return Narrowing(conditions, leads or bool(number))


def _count(connection: Connection, elsewhere: _Elsewhere) -> int:
    """Return a count, at most one more than a maximum."""
    up_to = elsewhere.counted.limit(SOME + 1).subquery()
    return connection.scalar(select(func.count()).select_from(up_to)) or 0


def _exact(wanted: ClaimFilter) -> Mapping[str, str | None]:
    return {
        "stage": wanted.stage,
        "district": wanted.district,
        "category": wanted.category,
        "channel": wanted.channel,
        "light": wanted.light,
    }


def _ranges(wanted: ClaimFilter) -> list[ColumnElement[bool]]:
    claim = CLAIM.c
    edges = (
        (wanted.due_after, claim.next_due.__ge__),
        (wanted.due_before, claim.next_due.__lt__),
        (wanted.registered_after, claim.registered_at.__ge__),
        (wanted.registered_before, claim.registered_at.__lt__),
    )
    return [compare(edge) for edge, compare in edges if edge is not None]


def _begins(number: str) -> ColumnElement[bool]:
    """Return a range condition for a prefix, which can use the key on every database."""
    start = f"QH{number[2:]}" if number[:2].upper() == "QH" else f"QH{number}"
    return (CLAIM.c.number >= start) & (CLAIM.c.number < f"{start}\uffff")


def _all_elsewhere(wanted: ClaimFilter, dialect: str) -> Iterator[_Elsewhere]:
    if wanted.unit:
        yield _taking_part(wanted.unit, CLAIM_PARTY.c.leads)
    if wanted.visible_to is not None:
        yield _seen(wanted.visible_to)
    if name := name_key(wanted.enterprise):
        seen = [is_named(wanted.names_seen)] if wanted.names_seen else []
        yield _written(name, dialect, and_(_bears(name, dialect), *seen))
    if words := wanted.text.strip():
        written = _written(words, dialect, _says(words, wanted.names_seen, dialect))
        number = identifier(words)
        yield _or_begins(written, number) if _NUMBER.fullmatch(number) else written


def _taking_part(unit: str, *more: ColumnElement[bool]) -> _Elsewhere:
    party = CLAIM_PARTY.c
    numbers = select(party.number).where(party.unit == unit, *more)
    of_row = exists().where(party.number == CLAIM.c.number, party.unit == unit, *more)
    return _Elsewhere(numbers, numbers, of_row, is_exact=True)


def _seen(by: Sight) -> _Elsewhere:
    own = _owned(by)
    numbers = select(CLAIM.c.number).where(own)
    if not by.unit:
        return _Elsewhere(numbers, numbers, own, is_exact=True)
    taking_part = _taking_part(by.unit, CLAIM_PARTY.c.current)
    if not (by.credit_code or by.account):
        return taking_part
    either = _either(taking_part.numbers, numbers)
    return _Elsewhere(either, either, or_(own, taking_part.of_row), is_exact=True)


def _owned(by: Sight) -> ColumnElement[bool]:
    """As `claims.need_to_know.owns`: by the code, or by the account if the claim has no code."""
    ways = [CLAIM.c.credit_code == by.credit_code] if by.credit_code else []
    if by.account:
        ways.append(and_(CLAIM.c.credit_code == "", CLAIM.c.account == by.account))
    return or_(*ways) if ways else false()


def _bears(key: str, dialect: str) -> ColumnElement[bool]:
    return _holds(CLAIM.c.enterprise_key, key, dialect)


def _holds(column: Column[str], wanted: str, dialect: str) -> ColumnElement[bool]:
    return folded_column(column, dialect).contains(folded(wanted), autoescape=True)


def _says(words: str, names_seen: NameSight | None, dialect: str) -> ColumnElement[bool]:
    """Return the condition that the matter or the name contains a text."""
    found, key = _holds(CLAIM.c.matter, words, dialect), name_key(words)
    either = or_(_bears(key, dialect), found) if key else found
    if names_seen is None:
        return either
    return or_(and_(is_named(names_seen), either), and_(found, reveals_nothing(words)))


def _written(wanted: str, dialect: str, of_row: ColumnElement[bool]) -> _Elsewhere:
    indexed = search.candidates(wanted, dialect)
    return _Elsewhere(indexed.numbers, indexed.counted, of_row, is_exact=False)


def _or_begins(written: _Elsewhere, number: str) -> _Elsewhere:
    either = _either(written.numbers, select(CLAIM.c.number).where(_begins(number)))
    return _Elsewhere(either, either, or_(written.of_row, _begins(number)), is_exact=False)


def _either(one: Numbers, other: Numbers) -> Numbers:
    both = union(one, other).subquery()
    return select(both.c.number)
