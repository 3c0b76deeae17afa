"""Queries of claims: lists and single claims."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, RowMapping, Select, func, or_, select

from claims.model.claim import Claim
from claims.model.claim_parts import Closure, WorkOrder
from claims.model.journal import Entry, Outcome
from claims.model.terms import Category, Channel, Colour, LimitKind, LimitStatus, Stage
from claims.text.normalisation import name_key
from records.database.engine import Records
from records.errors import RowNotReadable
from records.queries.filters import ClaimFilter, narrow
from records.queries.paging import PageRequest, Place, after, order_of, place_of
from records.tables import CLAIM, JOURNAL, LIMIT, OUTCOME

_OF_ORDER: Final = {"channel", "category", "enterprise", "credit_code", "contact", "phone", "matter"}


class RowLimit(BaseModel):
    """A limit in a list. `supervises` is the kind of limit whose feedback it waits for."""

    model_config = ConfigDict(frozen=True)

    kind: LimitKind
    supervises: LimitKind | None
    unit: str
    status: LimitStatus
    due_at: datetime | None


class ClaimRow(BaseModel):
    """One line of a list. `limits` are running, paused or missed ones, ordered by their ends."""

    model_config = ConfigDict(frozen=True)

    number: str
    stage: Stage
    unit: str
    unit_name: str
    district: str
    district_name: str
    category: Category
    channel: Channel
    enterprise: str
    credit_code: str
    account: str
    complained_of: str
    contact: str
    phone: str
    matter: str
    light: Colour | None
    next_due: datetime | None
    registered_at: datetime
    updated_at: datetime
    closed: Closure | None
    limits: tuple[RowLimit, ...] = ()

    @property
    def order(self) -> WorkOrder:
        """The texts that a search is checked against, because they might reveal the enterprise."""
        return WorkOrder(**self.model_dump(include=_OF_ORDER))


class Page(BaseModel):
    """Rows, and the next page's cursor or None. `total` is set on request."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[ClaimRow, ...]
    next_cursor: str | None = None
    total: int | None = None


EVERYTHING: Final = ClaimFilter()
FIRST_PAGE: Final = PageRequest()

_LISTED = [CLAIM.c[name] for name in ClaimRow.model_fields if name not in ("closed", "limits")]
_COLUMNS = [*_LISTED, CLAIM.c.closed_reason, CLAIM.c.closed_at]


def find_claims(
    records: Records,
    wanted: ClaimFilter = EVERYTHING,
    page: PageRequest = FIRST_PAGE,
) -> Page:
    """Return one page of the claims that match a filter. Raises BadCursor, RecordsUnavailable."""
    place = place_of(page)
    with records.reading() as connection:
        narrowing = narrow(connection, wanted)
        met = narrowing.conditions
        found = select(*_COLUMNS).where(*met, *([after(place)] if place else []))
        if not narrowing.leads:
            found = found.with_hint(CLAIM, f"INDEXED BY ix_claim_by_{page.sort.field}", "sqlite")
        listed = connection.execute(found.order_by(*order_of(page.sort)).limit(page.limit + 1))
        rows = [_claim_row(row) for row in listed.mappings()]
        count = select(func.count()).select_from(CLAIM).where(*met)
        total = connection.scalar(count) if page.with_total else None
        limits = _limits_of(connection, [row.number for row in rows[: page.limit]])
    shown = tuple(row.model_copy(update={"limits": limits.get(row.number, ())}) for row in rows[: page.limit])
    more = len(rows) > page.limit
    return Page(rows=shown, next_cursor=_place(page, shown[-1]).cursor() if more else None, total=total)


_SHOWN: Final = (LimitStatus.RUNNING, LimitStatus.PAUSED, LimitStatus.MISSED)


def _limits_of(connection: Connection, numbers: Sequence[str]) -> dict[str, tuple[RowLimit, ...]]:
    columns = [LIMIT.c[name] for name in RowLimit.model_fields]
    wanted = LIMIT.c.number.in_(numbers) & LIMIT.c.status.in_(_SHOWN)
    by_end = LIMIT.c.due_at.asc().nulls_last(), LIMIT.c.id
    found: dict[str, tuple[RowLimit, ...]] = {}
    for row in connection.execute(
        select(LIMIT.c.number, *columns).where(wanted).order_by(*by_end)
    ).mappings():
        limit = RowLimit.model_validate({**row, "supervises": row["supervises"] or None})
        found[row["number"]] = (*found.get(row["number"], ()), limit)
    return found


def _place(page: PageRequest, last: ClaimRow) -> Place:
    instants = {
        "registered_at": last.registered_at,
        "next_due": last.next_due,
        "updated_at": last.updated_at,
    }
    at = instants.get(page.sort.field)
    return Place(sort=page.sort, at=at, number=last.number)


def _claim_row(row: RowMapping) -> ClaimRow:
    closed = Closure(reason=row["closed_reason"], at=row["closed_at"]) if row["closed_reason"] else None
    return ClaimRow.model_validate({**row, "light": row["light"] or None, "closed": closed})


def claims_of(records: Records, order: WorkOrder, *, besides: str = "", limit: int = 50) -> list[ClaimRow]:
    """Return the newest claims of the same enterprise (`claims.need_to_know.is_same_enterprise`), except one."""
    code, named = CLAIM.c.credit_code, CLAIM.c.enterprise_key == name_key(order.enterprise)
    if order.account:
        named &= CLAIM.c.account.in_(("", order.account))
    same = or_(code == order.credit_code, named & (code == "")) if order.credit_code else named
    own = same & (CLAIM.c.number != besides)
    newest = select(*_COLUMNS).where(own).order_by(CLAIM.c.registered_at.desc()).limit(limit)
    with records.reading() as connection:
        return [_claim_row(row) for row in connection.execute(newest).mappings()]


def snapshot(records: Records, number: str) -> Claim | None:
    """Return the whole claim as last written, or None. Raises RecordsUnavailable."""
    with records.reading() as connection:
        text = connection.scalar(select(CLAIM.c.snapshot).where(CLAIM.c.number == number))
    try:
        return Claim.model_validate_json(text) if text is not None else None
    except ValidationError as error:
        raise RowNotReadable(number) from error


def seqs(records: Records, numbers: Sequence[str]) -> dict[str, int]:
    """Return the `seq` of claims as last written, leaving out those not on record. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return seqs_of(connection, numbers)


def seqs_of(connection: Connection, numbers: Sequence[str] | Select[tuple[str]]) -> dict[str, int]:
    """As `seqs`, within a transaction; `numbers` may be a subquery."""
    wanted = select(CLAIM.c.number, CLAIM.c.seq).where(CLAIM.c.number.in_(numbers)).order_by(CLAIM.c.number)
    return {row.number: row.seq for row in connection.execute(wanted)}


def claims_by_number(records: Records, numbers: Sequence[str]) -> dict[str, Claim]:
    """Return whole claims as last written, leaving out those not on record. Raises RecordsUnavailable."""
    with records.reading() as connection:
        texts = connection.scalars(select(CLAIM.c.snapshot).where(CLAIM.c.number.in_(numbers))).all()
    claims = [Claim.model_validate_json(text) for text in texts]
    return {claim.number: claim for claim in claims}


def journal(records: Records, number: str) -> list[Entry]:
    """Return a claim's journal in order; empty if there is no such claim."""
    lines = select(JOURNAL).where(JOURNAL.c.number == number).order_by(JOURNAL.c.seq)
    with records.reading() as connection:
        return [Entry.model_validate(dict(row)) for row in connection.execute(lines).mappings()]


def outcome(records: Records, number: str, request_id: str) -> Outcome | None:
    """Return a request's outcome, or None if it is unknown."""
    same = (OUTCOME.c.number == number) & (OUTCOME.c.request_id == request_id)
    with records.reading() as connection:
        text = connection.scalar(select(OUTCOME.c.outcome).where(same))
    return Outcome.model_validate_json(text) if text is not None else None
