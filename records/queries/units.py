"""Queries about units: their lights, and how many claims they lead."""

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Integer, cast, func, select

from claims.model.limit import Light
from claims.model.terms import Colour, Stage
from records.database.engine import Records
from records.tables import CLAIM, CLAIM_PARTY, LIGHT


class LightRow(Light):
    """A light and its claim."""

    number: str


class UnitCounts(BaseModel):
    """Counts of claims that a unit or one below leads now, and of the unit's own lights that are not revoked."""

    model_config = ConfigDict(frozen=True)

    open: int = 0
    closed: int = 0
    yellow: int = 0
    red: int = 0


def unit_lights(records: Records, unit: str) -> list[LightRow]:
    """Return all lights of a unit (`claims.model.claim.Light.unit`, R33), including revoked ones, ordered by
    instant.
    """
    lights = select(LIGHT).where(LIGHT.c.unit == unit).order_by(LIGHT.c.at, LIGHT.c.id)
    with records.reading() as connection:
        return [LightRow.model_validate(dict(row)) for row in connection.execute(lights).mappings()]


def counts_by_unit(records: Records) -> dict[str, UnitCounts]:
    """Return the counts by unit id; units without any are left out."""
    with records.reading() as connection:
        claims, lights = _claims_led(connection), _lights(connection)
    units = sorted(claims.keys() | lights.keys())
    return {unit: UnitCounts(**claims.get(unit, {}), **lights.get(unit, {})) for unit in units}


def _claims_led(connection: Connection) -> dict[str, dict[str, int]]:
    unit, is_closed = CLAIM_PARTY.c.unit, cast(CLAIM.c.stage == Stage.CLOSED, Integer)
    counted = (
        select(unit, func.count(), func.sum(is_closed))
        .join_from(CLAIM_PARTY, CLAIM, CLAIM.c.number == CLAIM_PARTY.c.number)
        .where(CLAIM_PARTY.c.leads)
        .group_by(unit)
    )
    return {unit: {"open": all_ - done, "closed": done} for unit, all_, done in connection.execute(counted)}


def _lights(connection: Connection) -> dict[str, dict[str, int]]:
    counted = (
        select(LIGHT.c.unit, LIGHT.c.colour, func.count())
        .where(LIGHT.c.revoked.is_(False))
        .group_by(LIGHT.c.unit, LIGHT.c.colour)
    )
    found: dict[str, dict[str, int]] = {}
    for unit, colour, count in connection.execute(counted):
        found.setdefault(unit, {})[Colour(colour).value] = count
    return found
