"""The outcomes of the claims that a source system filed under its own numbers (R10)."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, and_, or_, select

from claims.model.claim import Claim
from claims.model.terms import Channel
from records.database.engine import Records
from records.tables import CLAIM, INTAKE

_OF_FORMS: Final = "form:"
"""The prefix of the numbers of web forms, which belong to no channel."""


class FiledClaim(BaseModel):
    """A claim of a channel, its number there, and when it last changed."""

    model_config = ConfigDict(frozen=True)

    external_id: str
    updated_at: datetime
    claim: Claim


def filed_claims(
    records: Records, channel: Channel, *, since: datetime | None, after: str = "", limit: int
) -> list[FiledClaim]:
    """Return claims changed at or after an instant, in order of change. Of those changed at exactly that
    instant, return only numbers greater than `after`. Raises RecordsUnavailable.
    """
    own = (
        CLAIM.c.channel == channel,
        INTAKE.c.external_id.is_not(None),
        ~INTAKE.c.external_id.startswith(_OF_FORMS),
    )
    changed = [_later(since, after)] if since is not None else []
    found = (
        select(INTAKE.c.external_id, CLAIM.c.updated_at, CLAIM.c.snapshot)
        .join_from(CLAIM, INTAKE, CLAIM.c.number == INTAKE.c.number)
        .where(*own, *changed)
        .order_by(CLAIM.c.updated_at, CLAIM.c.number)
        .limit(limit)
    )
    with records.reading() as connection:
        rows = connection.execute(found).all()
    return [_filed(row.external_id, row.updated_at, Claim.model_validate_json(row.snapshot)) for row in rows]


def _filed(key: str, updated_at: datetime, claim: Claim) -> FiledClaim:
    return FiledClaim(external_id=claim.order.external_id or key, updated_at=updated_at, claim=claim)


def _later(since: datetime, after: str) -> ColumnElement[bool]:
    same = and_(CLAIM.c.updated_at == since, CLAIM.c.number > after)
    return or_(CLAIM.c.updated_at > since, same)
