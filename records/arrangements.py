"""Arrangements published at runtime (R1), and the calendar version that each created (R6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from calendar_rules import Arrangement, InvalidArrangement, WorkingCalendar, local_day, validate_arrangement
from calendar_rules.loader import load_calendar
from claims.model.values import Actor
from records import publications
from records.database import dialects
from records.database.engine import Records
from records.publications import PublicationRequest
from records.tables import ARRANGEMENT

MOST_AHEAD: Final = timedelta(days=60)
"""How long before the date of its publication an arrangement may be entered."""


class Published(BaseModel):
    """A published arrangement. `version` is that of the calendar that includes it."""

    model_config = ConfigDict(frozen=True)

    revision: int
    request_id: str
    arrangement: Arrangement
    document: str
    actor: Actor
    version: str
    entered_at: datetime
    finished_at: datetime | None = None


class ArrangementRequest(PublicationRequest):
    """An arrangement as submitted. `raw` may lack an `id`."""


class RequestIdTaken(Exception):
    """The request id was already used for another arrangement."""


def newest_revision(records: Records) -> int:
    """Return the newest revision; 0 if nothing has been published. Raises RecordsUnavailable."""
    return publications.newest_revision(records, ARRANGEMENT)


def all_published(records: Records) -> list[Published]:
    """Return the arrangements in order of publication. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return publications.all_published(connection, ARRANGEMENT, Published)


def calendar_of(published: Sequence[Published]) -> WorkingCalendar:
    """Return the calendar that includes these arrangements."""
    return load_calendar(item.arrangement for item in published)


def publish(records: Records, wish: ArrangementRequest) -> tuple[Published, bool]:
    """Publish an arrangement, and return it with whether it is new. Idempotent: a repeated request gets the
    first result.

    Raises CalendarError if the calendar rejects it, RequestIdTaken, RecordsUnavailable.
    """
    with records.writing() as connection:
        dialects.lock_calendar(connection)
        known = publications.all_published(connection, ARRANGEMENT, Published)
        arrangement = accepted(known, wish)
        if same := _same(known, wish, arrangement):
            return same, False
        calendar = load_calendar([*(item.arrangement for item in known), arrangement])
        entered = Published(
            revision=len(known) + 1,
            arrangement=arrangement,
            version=calendar.version,
            entered_at=wish.at,
            **wish.model_dump(include={"request_id", "document", "actor"}),
        )
        row = {**entered.model_dump(), "arrangement": arrangement.model_dump(mode="json")}
        connection.execute(ARRANGEMENT.insert(), [{**row, "actor": wish.actor.model_dump(mode="json")}])
        return entered, True


def accepted(known: Sequence[Published], wish: ArrangementRequest) -> Arrangement:
    """Return the validated arrangement, with a generated id if it has none. Raises CalendarError."""
    arrangement = validate_arrangement(wish.raw)
    if "id" in wish.raw:
        if arrangement not in [item.arrangement for item in known]:
            _check_published(arrangement, wish.at)
        return arrangement
    for item in known:
        if item.arrangement.model_copy(update={"id": arrangement.id}) == arrangement:
            return item.arrangement
    _check_published(arrangement, wish.at)
    taken = {item.arrangement.id for item in known}
    free = (f"{arrangement.id}-{n}" for n in range(2, len(taken) + 3))
    return (
        arrangement
        if arrangement.id not in taken
        else arrangement.model_copy(update={"id": next(name for name in free if name not in taken)})
    )


def _check_published(arrangement: Arrangement, at: datetime) -> None:
    """R1: of two arrangements the one published later counts, so a mistyped year would outlast every correction."""
    if arrangement.published > local_day(at + MOST_AHEAD):
        raise InvalidArrangement(
            f"公布日期 {arrangement.published} 在两个月以后：此前公布的更正都将不起作用，请核对年份（R1）"
        )


def _same(known: Sequence[Published], wish: ArrangementRequest, arrangement: Arrangement) -> Published | None:
    for item in known:
        if item.request_id == wish.request_id and item.arrangement != arrangement:
            raise RequestIdTaken(wish.request_id)
    return next((item for item in known if item.arrangement == arrangement), None)


def mark_finished(records: Records, version: str, at: datetime) -> None:
    """Store that the update to a calendar has finished. Raises RecordsUnavailable."""
    publications.mark_finished(records, ARRANGEMENT, ARRANGEMENT.c.version == version, at)
