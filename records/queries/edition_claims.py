"""Finds the claims that an edition reaches: those whose workflow may still be running (R7)."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, exists, func, or_, select

from claims.editions.edition import Edition, Reach, built_in_editions
from claims.model.claim import Claim
from claims.model.terms import LimitStatus, Stage
from records.database.engine import Records
from records.tables import CLAIM, LIMIT, UNIT_ACCOUNT

_ROWS = 500


class RunningClaimsPage(BaseModel):
    """Claims in order. `after` is the next page's cursor, or None on the last page."""

    model_config = ConfigDict(frozen=True)

    claims: tuple[Claim, ...]
    after: str | None


def running_claims(records: Records, edition: Edition, after: str = "") -> RunningClaimsPage:
    """Return one page of claims that the edition may reach. Raises RecordsUnavailable."""
    query = select(CLAIM.c.number, CLAIM.c.snapshot).where(CLAIM.c.number > after, *_reached(edition))
    with records.reading() as connection:
        rows = connection.execute(query.order_by(CLAIM.c.number).limit(_ROWS)).all()
    claims = tuple(Claim.model_validate_json(row.snapshot) for row in rows)
    return RunningClaimsPage(claims=claims, after=rows[-1].number if len(rows) == _ROWS else None)


def count_running_claims(records: Records, edition: Edition) -> int:
    """Return how many open claims the edition reaches. Raises RecordsUnavailable."""
    if edition.reaches is not Reach.OPEN:
        return 0
    with records.reading() as connection:
        return connection.scalar(select(func.count()).select_from(CLAIM).where(*_reached(edition))) or 0


def awaits_built_in_editions(records: Records) -> bool:
    """Return whether an open claim or a unit's account is not yet based on all built-in editions. Raises
    RecordsUnavailable.
    """
    known = f'%"built_in":{len(built_in_editions())}%'
    claims = select(CLAIM.c.number).where(
        CLAIM.c.snapshot.not_like(known), *_reached(built_in_editions()[-1])
    )
    accounts = select(UNIT_ACCOUNT.c.unit).where(UNIT_ACCOUNT.c.snapshot.not_like(known))
    with records.reading() as connection:
        return any(connection.scalar(query.limit(1)) is not None for query in (claims, accounts))


def _reached(edition: Edition) -> Iterable[ColumnElement[bool]]:
    """Return the condition: open, or closed with something still expected; and of a channel or category that
    the edition concerns.
    """
    live = (LimitStatus.RUNNING, LimitStatus.PAUSED)
    awaited = exists().where(LIMIT.c.number == CLAIM.c.number, LIMIT.c.status.in_(live))
    yield or_(CLAIM.c.stage != Stage.CLOSED, awaited)
    if edition.reaches is Reach.NEW:
        yield CLAIM.c.registered_at >= edition.in_force_from
    if not edition.changes:
        yield or_(CLAIM.c.channel.in_(list(edition.channels)), CLAIM.c.category.in_(list(edition.categories)))
