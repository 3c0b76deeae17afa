"""The rows of one claim, for comparison with its history."""

from datetime import date, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import RowMapping, Table, select

from claims.model.terms import Stage
from records.database.engine import Records
from records.tables import CLAIM, LETTER, LIGHT, LIMIT

Cell = str | int | bool | date | datetime | None

CLAIM_COLUMNS: Final = ("seq", "stage", "closed_reason", "closed_at", "light", "registered_at", "enterprise")
LIMIT_COLUMNS: Final = (
    "kind",
    "dispatch",
    "round",
    "unit",
    "status",
    "started_at",
    "ended_at",
    "due_at",
    "last_day",
    "working_days",
    "provisional",
    "calendar_version",
)
LIGHT_COLUMNS: Final = ("unit", "caused_by", "colour", "limit", "dispatch", "round", "at", "revoked")
LETTER_COLUMNS: Final = ("unit", "limit", "at", "text")


class RecordedClaim(BaseModel):
    """The rows above; limits, lights and letters by their ids."""

    model_config = ConfigDict(frozen=True)

    claim: dict[str, Cell]
    limits: dict[str, dict[str, Cell]]
    lights: dict[str, dict[str, Cell]]
    letters: dict[str, dict[str, Cell]]


def recorded_claim(records: Records, number: str) -> RecordedClaim | None:
    """Return a claim's rows from one snapshot, or None if there is no such claim. Raises RecordsUnavailable."""
    with records.reading() as connection:

        def rows(table: Table, columns: tuple[str, ...]) -> dict[str, dict[str, Cell]]:
            wanted = [table.c.id, *(table.c[name] for name in columns)]
            found = connection.execute(select(*wanted).where(table.c.number == number)).mappings()
            return {str(row["id"]): _cells(row, columns) for row in found}

        columns = [CLAIM.c[name] for name in CLAIM_COLUMNS]
        claim = connection.execute(select(*columns).where(CLAIM.c.number == number)).mappings().one_or_none()
        if claim is None:
            return None
        return RecordedClaim.model_construct(
            claim=_cells(claim, CLAIM_COLUMNS),
            limits=rows(LIMIT, LIMIT_COLUMNS),
            lights=rows(LIGHT, LIGHT_COLUMNS),
            letters=rows(LETTER, LETTER_COLUMNS),
        )


def _cells(row: RowMapping, columns: tuple[str, ...]) -> dict[str, Cell]:
    return {name: row[name] for name in columns}


def closed_claims(records: Records, after: str = "", limit: int = 1000) -> list[str]:
    """Return numbers of closed claims in order, after a number. Raises RecordsUnavailable."""
    wanted = select(CLAIM.c.number).where(CLAIM.c.stage == Stage.CLOSED, CLAIM.c.number > after)
    with records.reading() as connection:
        return [str(number) for number in connection.scalars(wanted.order_by(CLAIM.c.number).limit(limit))]
