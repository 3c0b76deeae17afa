"""What an assessment is made from (R60): claims with whatever was due or happened in a span, and units' accounts."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, func, or_, select

from claims.model.claim import Claim
from claims.model.journal import Entry
from claims.model.terms import EventKind
from claims.model.unit_account import UnitAccount
from records.database.engine import Records
from records.tables import CLAIM, JOURNAL, LIMIT, UNIT_ACCOUNT

AT_ONCE: Final = 200


class Span(BaseModel):
    """Days, and the instants at which they begin and, exclusive, end."""

    model_config = ConfigDict(frozen=True)

    first_day: date
    starts_at: datetime
    ends_at: datetime


class RecordedClaim(BaseModel):
    """A claim as it last was written, and the journal lines that were asked for."""

    model_config = ConfigDict(frozen=True)

    claim: Claim
    entries: tuple[Entry, ...]


def claims_touching(records: Records, span: Span, kinds: Collection[EventKind]) -> Iterator[RecordedClaim]:
    """Claims registered before the span's end with a limit that ends, or a journal line written, in it or later;
    in the order of their numbers. `kinds`: the journal lines to bring. Raises RecordsUnavailable, on the way too."""
    after = ""
    while True:
        some = select(CLAIM.c.number, CLAIM.c.snapshot).where(CLAIM.c.number > after, *_touching(span))
        with records.reading() as connection:
            rows = connection.execute(some.order_by(CLAIM.c.number).limit(AT_ONCE)).all()
            entries = _entries(connection, [number for number, _ in rows], kinds)
        for number, snapshot in rows:
            claim = Claim.model_validate_json(snapshot)
            yield RecordedClaim(claim=claim, entries=tuple(entries.get(number, ())))
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].number


def _touching(span: Span) -> tuple[ColumnElement[bool], ...]:
    due = select(LIMIT.c.number).where(LIMIT.c.number == CLAIM.c.number, LIMIT.c.last_day >= span.first_day)
    happened = select(JOURNAL.c.number).where(
        JOURNAL.c.number == CLAIM.c.number, JOURNAL.c.at >= span.starts_at
    )
    return CLAIM.c.registered_at < span.ends_at, or_(due.exists(), happened.exists())


def _entries(
    connection: Connection, numbers: Sequence[str], kinds: Collection[EventKind]
) -> dict[str, list[Entry]]:
    wanted = JOURNAL.c.number.in_(numbers) & JOURNAL.c.kind.in_(sorted(kinds))
    lines = select(JOURNAL).where(wanted).order_by(JOURNAL.c.number, JOURNAL.c.seq)
    found: dict[str, list[Entry]] = {}
    for row in connection.execute(lines).mappings():
        found.setdefault(row["number"], []).append(Entry.model_validate(dict(row)))
    return found


def unit_accounts(records: Records) -> list[UnitAccount]:
    """Every unit's account as it was last written. Raises RecordsUnavailable."""
    with records.reading() as connection:
        texts = connection.scalars(select(UNIT_ACCOUNT.c.snapshot).order_by(UNIT_ACCOUNT.c.unit)).all()
    return [UnitAccount.model_validate_json(text) for text in texts]


def first_registration(records: Records) -> datetime | None:
    """When the first claim was registered; None while there is none. Raises RecordsUnavailable."""
    with records.reading() as connection:
        found: datetime | None = connection.scalar(select(func.min(CLAIM.c.registered_at)))
    return found
