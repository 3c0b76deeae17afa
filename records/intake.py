"""Intake: gives every incoming claim a number, once and first of all (R10)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import Connection, RowMapping, select, update

from claims.model.terms import Role
from records.database import dialects
from records.database.engine import Records
from records.tables import INTAKE, NUMBER_SEQUENCE

OF_A_FORM: Final = "form:"
"""The prefix of keys for submitted forms, which have no channel number and are not in any history."""

Opening = Mapping[str, JsonValue]
"""The content of the claim's registration; not interpreted here."""


class FiledBy(StrEnum):
    """Who uses a channel's numbers: its source system, or people."""

    SYSTEM = "system"
    PEOPLE = "people"


class Intake(BaseModel):
    """A claim's number, and whether the channel sent it for the first time."""

    model_config = ConfigDict(frozen=True)

    number: str
    first: bool


class IntakeRecord(BaseModel):
    """One intake line. `started_at` is None until its workflow is known to have started."""

    model_config = ConfigDict(frozen=True)

    number: str
    channel: str
    external_id: str
    payload: dict[str, JsonValue]
    received_at: datetime
    started_at: datetime | None


def register_intake(
    records: Records,
    *,
    day: date,
    channel: str,
    external_id: str,
    payload: Opening | Callable[[str], Opening],
    received_at: datetime,
    filed_by: FiledBy = FiledBy.PEOPLE,
) -> Intake:
    """Store an incoming claim under a new number: `QH` + the day + a count of at least four digits.

    A channel number that was already sent returns the first claim's number (R10). Numbers from a source
    system and from people (`filed_by`) are never matched with each other. An empty `external_id` matches
    nothing. Raises RecordsUnavailable, having stored nothing.
    """
    with records.writing() as connection:
        key, known = _line_of(connection, channel, external_id, filed_by)
        if known:
            return Intake(number=known, first=False)
        number = _next_number(connection, day)
        insert = dialects.insert_into(connection, INTAKE).values(
            number=number,
            channel=channel,
            external_id=key or None,
            payload=dict(payload(number) if callable(payload) else payload),
            received_at=received_at,
        )
        once = insert.on_conflict_do_nothing(index_elements=["channel", "external_id"])
        if connection.scalar(once.returning(INTAKE.c.number)) is None:
            # PostgreSQL: another process inserted the same since our query. A gap remains.
            _, known = _line_of(connection, channel, external_id, filed_by)
            return Intake(number=known, first=False)
        return Intake(number=number, first=True)


def _line_of(connection: Connection, channel: str, external_id: str, filed_by: FiledBy) -> tuple[str, str]:
    """Return the key of this filer's line, and its number if it exists. The key is the channel's number; if
    another filer has used that, it is prefixed with the kind of filer.
    """
    if not external_id:
        return "", ""
    other = f"{filed_by}:{external_id}"
    same = INTAKE.c.external_id.in_([external_id, other]) & (INTAKE.c.channel == channel)
    lines = select(INTAKE.c.external_id, INTAKE.c.number, INTAKE.c.payload).where(same)
    found = {row.external_id: row for row in connection.execute(lines)}
    for row in found.values():
        if row.external_id == other or _filer(row.payload) is filed_by:
            return row.external_id, row.number
    return (other if external_id in found else external_id), ""


def _filer(payload: Opening) -> FiledBy:
    actor = payload.get("actor")
    roles = actor.get("roles") if isinstance(actor, Mapping) else None
    return FiledBy.SYSTEM if roles == [Role.CHANNEL] else FiledBy.PEOPLE


def renumber(
    records: Records, number: str, *, day: date, skip: int, payload: Callable[[str], Opening]
) -> str:
    """Give a claim that has not started a number `skip` further on; return it."""
    with records.writing() as connection:
        new = _next_number(connection, day, skip)
        waits = (INTAKE.c.number == number) & INTAKE.c.started_at.is_(None)
        row = {"number": new, "payload": dict(payload(new))}
        changed = connection.execute(update(INTAKE).where(waits).values(row))
        return new if changed.rowcount else number


def _next_number(connection: Connection, day: date, skip: int = 1) -> str:
    first = dialects.insert_into(connection, NUMBER_SEQUENCE).values(day=day, last=skip)
    count = first.on_conflict_do_update(
        index_elements=["day"], set_={"last": NUMBER_SEQUENCE.c.last + skip}
    ).returning(NUMBER_SEQUENCE.c.last)
    return f"QH{day:%Y%m%d}{connection.scalars(count).one():04d}"


def mark_started(records: Records, number: str, at: datetime) -> None:
    """Store that a claim's workflow has started; the first instant is kept."""
    with records.writing() as connection:
        waits = (INTAKE.c.number == number) & INTAKE.c.started_at.is_(None)
        connection.execute(update(INTAKE).where(waits).values(started_at=at))


def restore_intake(records: Records, line: IntakeRecord) -> None:
    """Restore a line from a claim's history, unless it exists."""
    with records.writing() as connection:
        key, known = _line_of(connection, line.channel, line.external_id, _filer(line.payload))
        row = {**line.model_dump(), "external_id": (line.external_id if known else key) or None}
        dialects.insert_missing(connection, INTAKE, [row])


def unstarted(records: Records, before: datetime, *, limit: int = 100) -> list[IntakeRecord]:
    """Return lines from before an instant whose workflow has not started (the API died), oldest first."""
    waits = select(INTAKE).where(INTAKE.c.started_at.is_(None), INTAKE.c.received_at < before)
    oldest = waits.order_by(INTAKE.c.received_at, INTAKE.c.number).limit(limit)
    with records.reading() as connection:
        return [_record(row) for row in connection.execute(oldest).mappings()]


def intake_of(records: Records, number: str) -> IntakeRecord | None:
    """Return the line of a number, or None."""
    with records.reading() as connection:
        row = connection.execute(select(INTAKE).where(INTAKE.c.number == number)).mappings().one_or_none()
    return _record(row) if row is not None else None


def _record(row: RowMapping) -> IntakeRecord:
    return IntakeRecord.model_validate({**row, "external_id": row["external_id"] or ""})
