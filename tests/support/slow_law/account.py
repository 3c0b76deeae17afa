"""A second, slow implementation of the measures of a unit's account (R34-R37): after each action it examines
every series of lights again, and counts down each interview's working days. It shares only the raw days of
the calendar with the product.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

from tests.support.slow_law.days import BEIJING, ONE_DAY, day_of, works

INTERVIEW_WITHIN: Final = 5
ROWS: Final = ("yellow", "red")
Incident = tuple[str, int, int]
Pair = tuple[str, str]
"""Two lights, by their ids."""


@dataclass
class SlowLight:
    """A red light's `id` is that of its yellow with the other colour."""

    id: str
    colour: str
    incident: Incident
    at: datetime
    revoked_at: datetime | None = None


@dataclass
class SlowMeasure:
    """What a pair causes. For an interview, `left` is the number of working days to hold it."""

    day_zero: date
    left: int = INTERVIEW_WITHIN
    is_held: bool = False
    is_missed: bool = False


@dataclass
class SlowAccount:
    """Receives lights, revocations and records in order."""

    now: datetime
    lights: list[SlowLight] = field(default_factory=list)
    measures: dict[str, dict[Pair, SlowMeasure]] = field(default_factory=lambda: {row: {} for row in ROWS})
    missed: list[tuple[Pair, datetime]] = field(default_factory=list)

    def light(self, id: str, colour: str, incident: Incident) -> None:
        """R32: add a light. A red whose yellow was revoked before does not count."""
        yellow = next((one for one in self.lights if colour == "red" and one.id == twin(id)), None)
        stopped = yellow.revoked_at if yellow is not None else None
        if stopped is not None and stopped >= self.now:
            stopped = None
        self.lights.append(SlowLight(id, colour, incident, self.now, stopped))
        self._count(colour)

    def revoke(self, id: str) -> None:
        """R37: revoke a light and count again."""
        (light,) = (one for one in self.lights if one.id == id)
        light.revoked_at = self.now
        self._count(light.colour)

    def hold(self, row: str, pair: Pair) -> None:
        """Record a measure; it stays with its pair."""
        self.measures[row][pair].is_held = True

    def walk_to(self, until: datetime) -> None:
        """Advance day by day: each working day that ends takes one off an interview's remaining days."""
        day = day_of(self.now)
        while (end := datetime.combine(day + ONE_DAY, time(), BEIJING)) <= until:
            for pair, measure in self.measures["yellow"].items():
                if works(day) and day > measure.day_zero and end > self.now and not measure.is_held:
                    measure.left -= 1
                    if measure.left == 0:
                        measure.is_missed = True
                        self.missed.append((pair, end))
            day += ONE_DAY
        self.now = until

    def _count(self, row: str) -> None:
        before, wanted = self.measures[row], list(self._pairs(row))
        held = {pair: measure for pair, measure in before.items() if measure.is_held}
        fresh = {pair: before.get(pair) or SlowMeasure(day_of(self.now)) for pair in wanted}
        self.measures[row] = held | fresh

    def _pairs(self, row: str) -> Iterator[Pair]:
        """Yield the pairs from the first light on. Lights of a recorded pair belong to no other pair; revoked
        lights and lights of used incidents are skipped.
        """
        held = {id for pair, measure in self.measures[row].items() if measure.is_held for id in pair}
        of_row = [one for one in self.lights if one.colour == row]
        used = {one.incident for one in of_row if one.id in held}
        waiting: SlowLight | None = None
        for light in sorted(of_row, key=lambda one: (one.at, one.id)):
            if light.revoked_at is not None or (light.incident in used and light.id not in held):
                continue
            if light.id in held:
                waiting = None
            elif (
                waiting is None or waiting.incident == light.incident or not in_a_month(waiting.at, light.at)
            ):
                waiting = light
            else:
                yield waiting.id, light.id
                used |= {waiting.incident, light.incident}
                waiting = None


def twin(id: str) -> str:
    """Return the id of a red light's yellow."""
    return id.removesuffix("red") + "yellow"


def in_a_month(first: datetime, second: datetime) -> bool:
    """R34: return whether a day is within a month of another, by going through the days up to the same day
    number, or to the next month's last day.
    """
    start, end = day_of(first), day_of(second)
    day = start
    while day < end:
        day += ONE_DAY
        is_next_month = day.month != start.month
        is_last = (day + ONE_DAY).month != day.month
        if is_next_month and (day.day == start.day or is_last):
            return day >= end
    return True
