"""Worklists: open claims, most urgent first, and their counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, ColumnElement, exists, func, or_, select

from claims.model.claim import Claim
from claims.model.terms import Colour, Stage
from records.database.engine import Records
from records.tables import CLAIM, CLAIM_PARTY, NOTICE

MOST: Final = 100
"""Maximum claims in a list; the others are less urgent."""
_OPEN: Final = CLAIM.c.stage != Stage.CLOSED


class UnitNotice(BaseModel):
    """A notice to a unit."""

    model_config = ConfigDict(frozen=True)

    id: str
    number: str | None
    at: datetime
    kind: str
    text: str


class OpenCounts(BaseModel):
    """Open claims by stage, unit and district; `lights` by colour."""

    model_config = ConfigDict(frozen=True)

    stages: dict[str, int]
    units: dict[str, int]
    districts: dict[str, int]
    lights: dict[str, int]


def open_claims(
    records: Records,
    *,
    stages: Sequence[Stage] = (),
    unit: str = "",
    late_at: datetime | None = None,
    due_after: datetime | None = None,
    due_until: datetime | None = None,
) -> list[Claim]:
    """Return the most urgent open claims. Filters: stages, a unit and those below it, claims that may be late
    at an instant, next limits that end between two instants.
    """
    wanted: list[ColumnElement[bool]] = [_OPEN]
    if stages:
        wanted.append(CLAIM.c.stage.in_(stages))
    if unit:
        wanted.append(
            exists().where(
                CLAIM_PARTY.c.number == CLAIM.c.number, CLAIM_PARTY.c.unit == unit, CLAIM_PARTY.c.current
            )
        )
    if late_at is not None:
        wanted.append(or_(CLAIM.c.next_due <= late_at, CLAIM.c.light != ""))
    if due_after is not None:
        wanted.append(CLAIM.c.next_due > due_after)
    if due_until is not None:
        wanted.append(CLAIM.c.next_due <= due_until)
    urgent = CLAIM.c.next_due.asc().nulls_last()
    found = select(CLAIM.c.snapshot).where(*wanted).order_by(urgent, CLAIM.c.number).limit(MOST)
    with records.reading() as connection:
        return [Claim.model_validate_json(text) for text in connection.scalars(found)]


def count_open(records: Records) -> OpenCounts:
    """Return the counts of open claims."""
    with records.reading() as connection:

        def counted(column: Column[str], *more: ColumnElement[bool]) -> dict[str, int]:
            by = select(column, func.count()).where(_OPEN, *more).group_by(column)
            return {str(name): int(n) for name, n in connection.execute(by.order_by(func.count().desc()))}

        return OpenCounts(
            stages=counted(CLAIM.c.stage),
            units=counted(CLAIM.c.unit_name, CLAIM.c.unit_name != ""),
            districts=counted(CLAIM.c.district_name),
            lights=counted(CLAIM.c.light, CLAIM.c.light.in_([colour.value for colour in Colour])),
        )


def notices_to(records: Records, unit: str, limit: int = 30) -> list[UnitNotice]:
    """Return the notices to a unit, newest first."""
    columns = [NOTICE.c[name] for name in UnitNotice.model_fields]
    newest = select(*columns).where(NOTICE.c.unit == unit).order_by(NOTICE.c.at.desc(), NOTICE.c.id)
    with records.reading() as connection:
        return [
            UnitNotice.model_validate(dict(row)) for row in connection.execute(newest.limit(limit)).mappings()
        ]
