"""Whole lists for exports, read page by page, so that no transaction stays open during a download."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, RowMapping, Select, Table, and_, literal, or_, select

from claims.model.claim import Claim
from claims.model.claim_parts import CoUnit, Dispatch
from claims.model.terms import Colour, LimitKind, PartOutcome
from claims.papers.requests import PaperKind
from records.contact_readings import KeptRead, ReadFilter, contact_reads
from records.database.engine import Records
from records.outbox import Delivery, OutboxFilter
from records.queries.claims import ClaimRow, find_claims
from records.queries.filters import ClaimFilter
from records.queries.paging import ClaimSort, PageRequest
from records.tables import CLAIM, CLAIM_PARTY, DELIVERY, DOCUMENT_NUMBER, LETTER, LIGHT

AT_ONCE: Final = 1000


class UnitFilter(BaseModel):
    """The units to export (None: all), and from when."""

    model_config = ConfigDict(frozen=True)

    units: frozenset[str] | None = None
    since: datetime | None = None


class LightLine(BaseModel):
    """A light with its unit and claim."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    unit: str
    unit_name: str
    caused_by_name: str
    colour: Colour
    limit: LimitKind
    dispatch: int
    round: int
    at: datetime
    revoked: bool


class LetterLine(BaseModel):
    """A supervision letter (R31). `document_number`: 文号; None until its paper is filed."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str
    unit: str
    unit_name: str
    limit: LimitKind
    at: datetime
    text: str
    document_number: str | None


class PartLine(BaseModel):
    """A co-unit's part and its report (R22)."""

    model_config = ConfigDict(frozen=True)

    number: str
    dispatch: int
    unit: str
    unit_name: str
    lead_name: str
    last_day: date | None
    due_at: datetime | None
    signed_for_at: datetime | None
    reported_at: datetime | None
    outcome: PartOutcome | None
    text: str
    overdue: bool


def every_claim(records: Records, wanted: ClaimFilter, sort: ClaimSort) -> Iterator[ClaimRow]:
    """Yield all claims that match a filter, in order. Raises RecordsUnavailable, also during iteration."""
    page = PageRequest(sort=sort).model_copy(update={"limit": AT_ONCE})
    while True:
        found = find_claims(records, wanted, page)
        yield from found.rows
        if found.next_cursor is None:
            return
        page = page.model_copy(update={"cursor": found.next_cursor})


def every_light(records: Records, wanted: UnitFilter) -> Iterator[LightLine]:
    """Yield all lights of units, including revoked ones, ordered by instant (R31-R33)."""
    return (
        LightLine.model_validate(dict(row)) for row in _by_instant(records, LIGHT, _of_units(LIGHT, wanted))
    )


def every_letter(records: Records, wanted: UnitFilter) -> Iterator[LetterLine]:
    """Yield all supervision letters to units, ordered by instant (R31)."""
    paper = literal(f"{PaperKind.SUPERVISION_LETTER}/") + LETTER.c.id
    numbered = LETTER.outerjoin(DOCUMENT_NUMBER, DOCUMENT_NUMBER.c.paper == paper)
    letters = select(LETTER, DOCUMENT_NUMBER.c.number.label("document_number")).select_from(numbered)
    rows = _by_instant(records, LETTER, _of_units(LETTER, wanted), letters)
    return (LetterLine.model_validate(dict(row)) for row in rows)


def every_part(
    records: Records, wanted: UnitFilter, words: Callable[[Claim, str], str]
) -> Iterator[PartLine]:
    """Yield the parts of co-units that have to be reported (R22), ordered by claim number. `since`: due then
    or later; `words` redacts a claim's text.
    """
    for claim in _claims_with_parts(records, wanted):
        for dispatch in claim.dispatches:
            for part in dispatch.co_units:
                if part.reports and _matches(part, wanted):
                    yield _part_line(claim, dispatch, part, words(claim, part.text))


def _claims_with_parts(records: Records, wanted: UnitFilter) -> Iterator[Claim]:
    conditions = [CLAIM.c.snapshot.contains('"reports":true')]
    if wanted.units is not None:
        taking_part = select(CLAIM_PARTY.c.number).where(CLAIM_PARTY.c.unit.in_(sorted(wanted.units)))
        conditions.append(CLAIM.c.number.in_(taking_part))
    last = ""
    while True:
        some = select(CLAIM.c.number, CLAIM.c.snapshot).where(*conditions, CLAIM.c.number > last)
        with records.reading() as connection:
            rows = connection.execute(some.order_by(CLAIM.c.number).limit(AT_ONCE)).all()
        yield from (Claim.model_validate_json(row.snapshot) for row in rows)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].number


def _matches(part: CoUnit, wanted: UnitFilter) -> bool:
    is_of_units = wanted.units is None or part.unit.id in wanted.units
    return is_of_units and (wanted.since is None or (part.due_at is not None and part.due_at >= wanted.since))


def _part_line(claim: Claim, dispatch: Dispatch, part: CoUnit, text: str) -> PartLine:
    fields = part.model_dump(include=set(PartLine.model_fields) - {"unit", "text"})
    names = {"unit": part.unit.id, "unit_name": part.unit.name, "lead_name": dispatch.unit.name}
    return PartLine(**fields, **names, text=text, number=claim.number, dispatch=dispatch.n)


def every_delivery(records: Records, wanted: OutboxFilter) -> Iterator[Delivery]:
    """Yield the deliveries that match, ordered by instant (R20, R38)."""
    rows = _by_instant(records, DELIVERY, wanted.conditions())
    return (Delivery.model_validate(dict(row)) for row in rows)


def every_read(records: Records, wanted: ReadFilter) -> Iterator[KeptRead]:
    """Yield the readings of contact data that match, newest first (R70)."""
    wanted = wanted.model_copy(update={"limit": AT_ONCE})
    while found := contact_reads(records, wanted):
        yield from found
        wanted = wanted.model_copy(update={"before_id": found[-1].id})


def _of_units(table: Table, wanted: UnitFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.units is not None:
        conditions.append(table.c.unit.in_(sorted(wanted.units)))
    return [*conditions, table.c.at >= wanted.since] if wanted.since is not None else conditions


def _by_instant(
    records: Records,
    table: Table,
    conditions: Sequence[ColumnElement[bool]],
    lines: Select[tuple[object, ...]] | None = None,
) -> Iterator[RowMapping]:
    """Yield a table's rows in order; `lines` converts them together with related data."""
    lines = select(table) if lines is None else lines
    at, id = table.c.at, table.c.id
    after: list[ColumnElement[bool]] = []
    while True:
        some = lines.where(*conditions, *after).order_by(at, id).limit(AT_ONCE)
        with records.reading() as connection:
            rows = connection.execute(some).mappings().all()
        yield from rows
        if len(rows) < AT_ONCE:
            return
        last = rows[-1]
        after = [or_(at > last["at"], and_(at == last["at"], id > last["id"]))]
