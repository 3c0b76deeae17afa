"""Finds the open claims that a calendar affects: those with a limit that it may schedule differently (R1,
R6).

Every limit stores the calendar that it was last checked against, and is compared with that one. So the next
update also finds what an interrupted one left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, select

from calendar_rules import WorkingCalendar
from calendar_rules.changes import changes_between
from calendar_rules.loader import load_calendar
from records.arrangements import Published, calendar_of
from records.database.engine import Records
from records.tables import LIMIT

_ROWS = 2000


class AffectedClaimsPage(BaseModel):
    """Numbers of affected claims, in order. `after` is the next page's cursor, or None on the last page."""

    model_config = ConfigDict(frozen=True)

    numbers: tuple[str, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class _Dependence:
    number: str
    held_against: str
    provisional: bool
    first: date
    last: date


class AffectedClaims:
    """The open claims that one calendar affects."""

    def __init__(self, records: Records, published: Sequence[Published], calendar: WorkingCalendar) -> None:
        self._records = records
        self._version = calendar.version
        versions = self._versions()
        self._changes = {
            old.version: changes_between(old, calendar) for old in _calendars(published, versions)
        }
        self.unknown = versions - self._changes.keys()
        """Calendars that no arrangement created, so that their differences are unknown."""

    def page(self, after: str = "") -> AffectedClaimsPage:
        """Return one page of affected claims. Raises RecordsUnavailable."""
        found = self._dependences(after)
        more = len(found) == _ROWS
        if more and found[0].number != found[-1].number:
            found = [item for item in found if item.number != found[-1].number]
        numbers = dict.fromkeys(item.number for item in found if self._touches(item))
        return AffectedClaimsPage(numbers=tuple(numbers), after=found[-1].number if more else None)

    def count(self) -> int:
        """Count the affected claims. Raises RecordsUnavailable."""
        count, after = 0, ""
        while True:
            page = self.page(after)
            count += len(page.numbers)
            if page.after is None:
                return count
            after = page.after

    def _touches(self, item: _Dependence) -> bool:
        change = self._changes.get(item.held_against)
        return change is None or change.touches(item.first, item.last, provisional=item.provisional)

    def _versions(self) -> set[str]:
        held = select(LIMIT.c.held_against).distinct().where(*self._open())
        with self._records.reading() as connection:
            return set(connection.scalars(held))

    def _dependences(self, after: str) -> list[_Dependence]:
        columns = LIMIT.c
        wanted = [
            columns[n] for n in ("number", "held_against", "provisional", "depends_from", "depends_until")
        ]
        query = select(*wanted).where(*self._open(), columns.number > after, *self._late_enough())
        with self._records.reading() as connection:
            rows = connection.execute(query.order_by(columns.number).limit(_ROWS))
            return [_Dependence(*row) for row in rows]

    def _open(self) -> Iterable[ColumnElement[bool]]:
        return LIMIT.c.depends_until.is_not(None), LIMIT.c.held_against != self._version

    def _late_enough(self) -> Iterable[ColumnElement[bool]]:
        if self.unknown:
            return ()
        first = min((day for change in self._changes.values() if (day := change.first_day)), default=date.max)
        return (LIMIT.c.depends_until >= first,)


def _calendars(published: Sequence[Published], versions: set[str]) -> Iterable[WorkingCalendar]:
    """Return those of the versions that were once in force."""
    base = load_calendar()
    if base.version in versions:
        yield base
    for n, item in enumerate(published, start=1):
        if item.version in versions:
            calendar = calendar_of(published[:n])
            if calendar.version == item.version:
                yield calendar
