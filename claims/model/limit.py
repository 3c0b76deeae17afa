"""A claim's limits, supervision letters and lights (R30-R33).

All instants are aware UTC datetimes; limits end on a `date`.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from pydantic import (
    JsonValue,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from calendar_rules.compact import compacted, expanded
from calendar_rules.model import DayExplanation
from claims.model.organisation import UnitRef
from claims.model.terms import Colour, LimitKind, LimitStatus
from claims.model.values import FlatModel, Value

_ENDS: Final = {
    "last_day": "due_at",
    "supervised_last_day": "supervised_due_at",
    "co_units_last_day": "co_units_due_at",
}
_BEIJING: Final = timezone(timedelta(hours=8))


def _end_of(day: date | str) -> datetime:
    """Return the default instant of a day, which histories leave out: the day's end in Beijing. It does not
    depend on the law, so it never changes.
    """
    last = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime.combine(last + timedelta(days=1), time(), _BEIJING).astimezone(UTC)


class LimitSchedule(Value):
    """All instants of one limit, computed by an activity and never in the workflow (R6)."""

    working_days: int
    last_day: date
    due_at: datetime
    provisional: bool = False
    calendar_version: str
    explanation: tuple[DayExplanation, ...] = ()
    warn_at: datetime | None = None
    supervised_last_day: date | None = None
    supervised_due_at: datetime | None = None
    supervised_explanation: tuple[DayExplanation, ...] = ()
    remind_at: tuple[datetime, ...] = ()
    escalate_at: datetime | None = None
    co_units_last_day: date | None = None
    co_units_due_at: datetime | None = None
    starts_on_working_day: bool = False

    @field_validator("explanation", "supervised_explanation", mode="before")
    @classmethod
    def _expanded(cls, given: object) -> object:
        """From the few words in which it is kept; versions up to 0.3, and of supervised feedback up to 0.4, kept each day
        with its fields."""
        words = [item for item in given if isinstance(item, str)] if isinstance(given, list | tuple) else []
        return expanded(words) if words else given

    @field_serializer("explanation", "supervised_explanation")
    def _compacted(self, days: tuple[DayExplanation, ...]) -> list[JsonValue]:
        words = compacted(days)
        return [*words] if words is not None else [day.model_dump(mode="json") for day in days]

    @model_validator(mode="before")
    @classmethod
    def _ends_with_its_days(cls, given: object) -> object:
        """Fill in fields that the short form leaves out."""
        if not isinstance(given, dict):
            return given
        days = {end: given.get(day) for day, end in _ENDS.items() if end not in given}
        ends = {end: _end_of(day) for end, day in days.items() if isinstance(day, str | date)}
        return {**given, **ends} if ends else given

    @model_serializer(mode="wrap")
    def _in_short(
        self, serialize: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, object]:
        """Without the instants that are the ends of their days, and without explanations where there are none."""
        found: dict[str, object] = serialize(self)
        if info.exclude_defaults:
            for name in ("explanation", "supervised_explanation"):
                if not found.get(name):
                    found.pop(name, None)
            for day, end in _ENDS.items():
                if getattr(self, day) is not None and getattr(self, end) == _end_of(getattr(self, day)):
                    del found[end]
        return found


class PreparedSchedule(Value):
    """A schedule computed before the claim asks for it, by the sender of the action that starts the limit
    (R6).

    `question`: a digest of the request that it answers (`claims.deadlines.scheduling.question_of`). A claim
    takes no answer to another question.
    """

    question: str
    schedule: LimitSchedule

    @field_serializer("schedule")
    def _without_defaults(self, schedule: LimitSchedule) -> dict[str, JsonValue]:
        return schedule.model_dump(mode="json", exclude_defaults=True)


class RecalculationRequest(Value):
    """The request to recalculate a limit on a later calendar (R6)."""

    version: str
    reason: str
    at: datetime
    edition: str = ""
    """The edition that asks for it, where it is not a calendar (R7); `version` is then empty: the one in force."""


class Limit(FlatModel):
    """A limit in one dispatch and round. `schedule` is None only until its instants are computed."""

    id: str
    kind: LimitKind
    of: LimitKind | None = None
    """For supervised feedback: the limit whose feedback is missing."""
    dispatch: int
    round: int
    unit: UnitRef | None = None
    """The unit that has to keep it; None: the platform."""
    started_at: datetime
    status: LimitStatus = LimitStatus.RUNNING
    schedule: LimitSchedule | None = None
    fix_wanted: bool = True
    """The deadlines activity is to compute its schedule (again)."""

    count_from: datetime
    count_days: int
    paused_at: datetime | None = None
    rerun_from: datetime | None = None
    """When a paused limit resumed: what was left at `paused_at` counts from here (R5, R17)."""
    floor_from: datetime | None = None
    """Set by an approved extension: the end lies at least 1 WD after this instant (R17)."""

    most_days: int = 0
    """Set by a refused extension: when it resumes, it ends by the day that so many working days give (R17)."""
    sent_back: int = 0
    """How often feedback that met the limit was sent back (R18)."""

    warned: bool = False
    reminders: int = 0
    escalated: bool = False
    ended_at: datetime | None = None
    recount: RecalculationRequest | None = None
    examined_with: str = ""
    """The later calendar on which the limit was last checked (R6)."""
    policy_version: str = ""
    """Of a missed limit: the policy that it was missed under, where the claim has another by now (R7)."""

    @model_validator(mode="before")
    @classmethod
    def _from_its_id(cls, given: object) -> object:
        """Fill in fields that the short form leaves out."""
        if not isinstance(given, dict):
            return given
        missing: dict[str, object] = {}
        if "kind" not in given and (parts := str(given.get("id", "")).split("/"))[2:]:
            missing = {"dispatch": parts[0], "round": parts[1], "kind": parts[2]}
        if "count_from" not in given and "started_at" in given:
            missing["count_from"] = given["started_at"]
        if "count_days" not in given and isinstance(given.get("schedule"), dict):
            missing["count_days"] = given["schedule"].get("working_days")
        return {**given, **missing} if missing else given

    @model_serializer(mode="wrap")
    def _in_short(
        self, serialize: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, object]:
        """Without what the id or the schedule says as well; a limit that counts from its start need not say so."""
        found: dict[str, object] = serialize(self)
        if info.exclude_defaults:
            if self.id == f"{self.dispatch}/{self.round}/{self.kind}":
                for name in ("dispatch", "round", "kind"):
                    found.pop(name, None)
            if self.count_from == self.started_at:
                found.pop("count_from", None)
            if self.schedule is not None and self.count_days == self.schedule.working_days:
                found.pop("count_days", None)
        return found

    @property
    def is_live(self) -> bool:
        """Running or paused."""
        return self.status in (LimitStatus.RUNNING, LimitStatus.PAUSED)

    @property
    def is_followed_up(self) -> bool:
        """R32: red, with reminders or an escalation still to come."""
        is_red = self.kind is LimitKind.SUPERVISED_FEEDBACK and self.status is LimitStatus.MISSED
        return is_red and self.ended_at is None and not self.escalated


class Light(Value):
    """A yellow or red light; `at` is the instant the limit ended, however late the worker was (R31-R33)."""

    id: str
    unit: str
    unit_name: str
    caused_by: str
    caused_by_name: str
    colour: Colour
    limit: LimitKind
    dispatch: int
    round: int
    at: datetime
    revoked: bool = False

    @property
    def red_id(self) -> str:
        """The id of the red light that follows this yellow one; empty for a red one."""
        return red_id_of(self.id)


def red_id_of(id: str) -> str:
    """Return the id of the red light of the same limit, from that of the yellow one; empty for that of a red one."""
    stem, _, colour = id.rpartition("/")
    return f"{stem}/{Colour.RED}" if colour == Colour.YELLOW else ""


def worst_colour(lights: Iterable[Light]) -> Colour | None:
    """Return the worst colour among the lights that are not revoked; None if there is none."""
    colours = (light.colour for light in lights if not light.revoked)
    return max(colours, key=lambda colour: colour.rank, default=None)


class Letter(Value):
    """A supervision letter 督办函, dated at the instant the limit ended (R31)."""

    id: str
    unit: str
    unit_name: str
    limit: LimitKind
    at: datetime
    text: str
