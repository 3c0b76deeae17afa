"""A unit's account (R34-R37): its lights, and the measures that pairs of lights bring.

Pure. Lights may arrive late and in any order; the measures depend on the lights alone, except that a measure on
which people have recorded something stays.
"""

import calendar
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from calendar_rules import local_day
from claims.model.limit import Light, LimitSchedule, RecalculationRequest
from claims.model.policy import Policy
from claims.model.terms import Colour, LimitKind
from claims.model.values import Actor, Value


class MeasureKind(StrEnum):
    """What two lights of one colour within a month bring (R34): an interview, an accountability file."""

    INTERVIEW = "interview"
    ACCOUNTABILITY = "accountability"

    @property
    def rule(self) -> str:
        """The rule about the measure."""
        return {MeasureKind.INTERVIEW: "R35", MeasureKind.ACCOUNTABILITY: "R36"}[self]

    @property
    def colour(self) -> Colour:
        """The colour of the lights that bring it."""
        return {MeasureKind.INTERVIEW: Colour.YELLOW, MeasureKind.ACCOUNTABILITY: Colour.RED}[self]


class MeasureStatus(StrEnum):
    """`withdrawn`: its lights are no pair any more, and nothing was recorded on it."""

    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Revocation(Value):
    """Who revoked a light, when and why (R37)."""

    at: datetime
    reason: str
    actor: Actor


class AccountLight(Value):
    """A light as reported by its claim. `revocation` is None where a light is revoked under a policy that does not date
    revocations."""

    id: str
    number: str
    unit: str
    unit_name: str
    colour: Colour
    limit: LimitKind
    dispatch: int
    round: int
    at: datetime
    revoked: bool = False
    revocation: Revocation | None = None

    @property
    def incident(self) -> tuple[str, int, int]:
        """Two lights of one incident are no pair (R34)."""
        return self.number, self.dispatch, self.round


def reported(number: str, light: Light) -> AccountLight:
    """Return a claim's light for its unit's account."""
    return AccountLight(
        number=number, **light.model_dump(include=set(AccountLight.model_fields) - {"number"})
    )


class Cause(Value):
    """A cause of an accountability file other than lights: a missed order (R45), false feedback (R52)."""

    id: str
    number: str
    unit: str
    unit_name: str
    rule: str
    reason: str
    at: datetime

    @property
    def seen(self) -> int:
        """The claim's journal entry of the cause, from the end of the id."""
        last = self.id.rpartition("/")[2]
        return int(last) if last.isdecimal() else 0


class Promise(Value):
    """A measure that the unit promised in an interview, with its day (R35)."""

    text: str
    until: date | None = None


class Note(Value):
    """A record that people made on a measure."""

    at: datetime
    by: str
    text: str
    person: str = ""
    place: str = ""
    held_at: datetime | None = None
    """When the interview took place, where it was not recorded at once."""
    promises: tuple[Promise, ...] = ()


class Measure(BaseModel):
    """An interview or an accountability file; its id says which pair of lights or cause it comes from."""

    model_config = ConfigDict(extra="ignore")

    id: str
    kind: MeasureKind
    lights: tuple[str, ...] = ()
    cause: str = ""
    rule: str
    reason: str
    opened_at: datetime
    status: MeasureStatus = MeasureStatus.OPEN
    superseded: bool = False
    """Its lights are no pair any more, but something was recorded on it."""
    schedule: LimitSchedule | None = None
    recount: RecalculationRequest | None = None
    """The request to recalculate its end on a later calendar (R6)."""
    missed: bool = False
    notes: list[Note] = Field(default_factory=list)

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        """Everything but the list of notes is immutable, so a copy shares it."""
        copied = self.model_copy()
        copied.__dict__["notes"] = [*self.notes]  # not as an attribute, which would count as set
        return copied


class UnitAccount(BaseModel):
    """The aggregate of one accountable unit (R33)."""

    model_config = ConfigDict(extra="ignore")

    unit: str
    name: str = ""
    policy: Policy = Policy()
    """The plan's, where an account is older than this field."""
    lights: dict[str, AccountLight] = Field(default_factory=dict)
    causes: dict[str, Cause] = Field(default_factory=dict)
    measures: list[Measure] = Field(default_factory=list)
    seq: int = 0
    refusals: int = 0
    """Refused actions and messages; only the first ones are in the journal."""
    accepted_bytes: int = 0
    """Bytes of the accepted actions."""

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        """A copy shares lights and causes, which are immutable. An account has hundreds, and is copied for
        each light.
        """
        copied = self.model_copy()
        measures = [measure.model_copy(deep=True) for measure in self.measures]
        copied.__dict__.update(lights={**self.lights}, causes={**self.causes}, measures=measures)
        return copied

    def measure(self, id: str) -> Measure | None:
        """Return a measure by its id."""
        return next((measure for measure in self.measures if measure.id == id), None)


Pair = tuple[AccountLight, AccountLight]


def pairs(
    lights: Iterable[AccountLight],
    colour: Colour,
    used: frozenset[str] = frozenset(),
    *,
    uses_up_incidents: bool = False,
) -> list[Pair]:
    """Twice in a month (R34): successive lights of a colour, of two incidents, the second not after the
    corresponding date of the next month. A pair is used up, with all lights of its incidents where
    `uses_up_incidents`; `used` lights were before."""
    found: list[Pair] = []
    first: AccountLight | None = None
    in_order = sorted((light for light in lights if light.colour is colour), key=lambda one: (one.at, one.id))
    spent = {light.incident for light in in_order if light.id in used} if uses_up_incidents else set()
    for light in in_order:
        if light.revoked:
            continue
        if light.id in used:
            first = None
        elif light.incident in spent:
            continue
        elif first is not None and light.incident != first.incident and within_a_month(first.at, light.at):
            found.append((first, light))
            spent |= {first.incident, light.incident} if uses_up_incidents else set()
            first = None
        else:
            first = light
    return found


def within_a_month(first: datetime, second: datetime) -> bool:
    """R34: by their days in Shanghai; the month's end where the next month has no such day."""
    return local_day(second) <= corresponding_day(local_day(first))


def corresponding_day(day: date, months: int = 1) -> date:
    """Return the same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def used_lights(account: UnitAccount, kind: MeasureKind) -> frozenset[str]:
    """Return the lights of measures with records: they belong to no other pair."""
    return frozenset(
        light
        for measure in account.measures
        if measure.kind is kind and measure.notes
        for light in measure.lights
    )


def measure_id(account: UnitAccount, kind: MeasureKind, *parts: str) -> str:
    """Return the id of the measure for a pair of lights, or for a cause."""
    return "/".join((account.unit, kind.value, "+".join(parts)))


def kind_of_measure(id: str) -> MeasureKind:
    """Return the kind of a measure from its id. Raises ValueError for an invalid id."""
    return MeasureKind(id.partition("/")[2].partition("/")[0])


def pairs_of(account: UnitAccount, kind: MeasureKind) -> list[Pair]:
    """R34: the pairs that bring a measure of a kind."""
    return pairs(
        account.lights.values(),
        kind.colour,
        used_lights(account, kind),
        uses_up_incidents=account.policy.pair_uses_up_incidents,
    )
