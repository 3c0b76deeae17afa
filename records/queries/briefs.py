"""The contents of a brief (R66): claims registered in a period, limits missed in it, inactive claims."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.terms import Stage
from records.database.engine import Records
from records.tables import CLAIM, JOURNAL

MOST = 100_000
MOST_STANDING = 500


class RegisteredClaim(BaseModel):
    """A claim registered in the period."""

    model_config = ConfigDict(frozen=True)

    number: str
    category: str
    district: str
    district_name: str
    subcategory: str


class InactiveClaim(BaseModel):
    """An open claim without recent journal lines."""

    model_config = ConfigDict(frozen=True)

    number: str
    stage: Stage
    unit: str
    unit_name: str
    updated_at: datetime


def registered_within(records: Records, starts_at: datetime, ends_at: datetime) -> list[RegisteredClaim]:
    """Return claims registered within a period. Raises RecordsUnavailable."""
    within = (CLAIM.c.registered_at >= starts_at, CLAIM.c.registered_at < ends_at)
    columns = (CLAIM.c.number, CLAIM.c.category, CLAIM.c.district, CLAIM.c.district_name, CLAIM.c.snapshot)
    with records.reading() as connection:
        rows = connection.execute(select(*columns).where(*within).order_by(CLAIM.c.number).limit(MOST)).all()
    return [
        RegisteredClaim(
            number=row.number,
            category=row.category,
            district=row.district,
            district_name=row.district_name,
            subcategory=Claim.model_validate_json(row.snapshot).order.subcategory,
        )
        for row in rows
    ]


def late_within(records: Records, starts_at: datetime, ends_at: datetime) -> list[str]:
    """Return numbers of claims with a supervision letter issued within a period. Raises RecordsUnavailable."""
    missed = (JOURNAL.c.kind == EventKind.LETTER_ISSUED, JOURNAL.c.at >= starts_at, JOURNAL.c.at < ends_at)
    wanted = select(JOURNAL.c.number).where(*missed).distinct().order_by(JOURNAL.c.number).limit(MOST)
    with records.reading() as connection:
        return list(connection.scalars(wanted))


def inactive_claims(records: Records, since: datetime) -> list[InactiveClaim]:
    """Return open claims without journal lines since an instant, longest first. Raises RecordsUnavailable."""
    names = list(InactiveClaim.model_fields)
    wanted = select(*(CLAIM.c[name] for name in names)).where(
        CLAIM.c.closed_at.is_(None), CLAIM.c.stage != Stage.CLOSED, CLAIM.c.updated_at < since
    )
    with records.reading() as connection:
        rows = connection.execute(wanted.order_by(CLAIM.c.updated_at).limit(MOST_STANDING)).mappings()
        return [InactiveClaim.model_validate(dict(row)) for row in rows]
