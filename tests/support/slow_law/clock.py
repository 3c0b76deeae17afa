"""A second, slow implementation of a claim's limits: goes day by day, with a counter for each clock that
every working day decreases. It shares only the raw days of the calendar with the product.

It reads people's actions and computes the effects of time (R2-R5, R17, R18, R30-R32, R45) by the edition
2021-4-1. An instant belongs to its date in Beijing, even if it ends the day before.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime, time
from typing import Final

from claims.model.events import EventKind as E
from claims.model.journal import Entry
from tests.support.slow_law.days import (
    BEIJING,
    MORE_IF_EXTENDED,
    ONE_DAY,
    PUT_AGAIN_AFTER,
    WORKING_DAYS,
    Clock,
    State,
    day_of,
    works,
)

FED_BACK: Final = ("resolve", "redo", "red resolve", "red redo")
LIGHTS: Final = ("contact", "reply", "resolve", "redo", "review-form")
WARNS: Final = (*LIGHTS, "ordered-completion")
OF_THE_PLATFORM: Final = {*WORKING_DAYS} - {*LIGHTS, "window"}

Brought = tuple[str, str, datetime]
"""The effects of time: what, of which limit, when."""


class SlowClock:
    """Reads a claim's journal entry by entry."""

    def __init__(self, registered_at: datetime, cutoff: time | None = None) -> None:
        self.now = registered_at
        self.cutoff = cutoff
        self.clocks: list[Clock] = []
        self.brought: list[Brought] = []
        self.origin = ""
        self.completing = False
        self.dispatches = 0
        self.round = 0
        self.escalated: set[tuple[int, int]] = set()
        self.fed_back_at = registered_at
        self.without_feedback: list[Clock] = []
        """The clocks met by a feedback, in their state before it."""
        self.start("dispatch")

    def hear(self, entry: Entry) -> None:
        """Process an action, after everything due before it."""
        self.walk_to(entry.at)
        self._drop("inspectors")
        match entry.kind:
            case E.DISPATCHED:
                self._dispatched(str(entry.data["origin"]))
            case E.RETURNED | E.REFERRED | E.RETURN_CONFIRMED | E.ARBITRATED:
                self._returned_or_decided(entry.kind)
            case E.CONTACTED:
                self.meet("contact")
            case E.REPLIED:
                self.meet("reply")
            case E.EXTENSION_REQUESTED | E.EXTENSION_APPROVED | E.EXTENSION_REFUSED:
                self._extension(entry.kind)
            case E.FED_BACK:
                self._fed_back()
            case E.SENT_BACK:
                self._sent_back()
            case E.CLOSED:
                self._drop()
            case _:
                self._reviewed(entry)

    def _dispatched(self, origin: str) -> None:
        self._drop()
        self.origin = origin
        self.dispatches, self.round = self.dispatches + 1, 0
        if origin != "arbitration":
            self.start("window")
        for name in ("contact", "reply", "resolve"):
            self.start(name)

    def _returned_or_decided(self, kind: E) -> None:
        if kind is E.RETURNED:
            self.meet("window")
            for clock in self.clocks:
                self._stop(clock)
            if self.origin != "redetermination":
                self.start("redetermine")
        elif kind is E.REFERRED:
            self.meet("redetermine")
            self.start("arbitrate")
        else:
            self.meet("redetermine")
            self.meet("arbitrate")
            for clock in self.clocks:
                self._run_on(clock)

    def _extension(self, kind: E) -> None:
        resolve = self.newest("resolve")
        assert resolve is not None
        if kind is E.EXTENSION_REQUESTED:
            self._stop(resolve)
            self.start("extension-decision")
            return
        self.meet("extension-decision")
        if kind is E.EXTENSION_APPROVED:
            resolve.total += MORE_IF_EXTENDED
            self._run_again(resolve)
        else:
            most = self._left_of(resolve, resolve.total + MORE_IF_EXTENDED)
            self._run_on(resolve)
            resolve.left = resolve.total = min(resolve.left, max(1, most))

    def _fed_back(self) -> None:
        for name in ("resolve", "redo"):
            if (clock := self.newest(name)) is not None:
                self._run_on(clock)
        self.fed_back_at = self.now
        self.without_feedback = deepcopy([clock for clock in self.clocks if clock.name in FED_BACK])
        self.meet("resolve")
        self.meet("redo")
        self.meet("extension-decision")
        self.meet("window")
        if self.completing:
            self.meet("ordered-completion")
            self.completing = False
            self.start("verification")
        else:
            self.start("call-back")

    def _sent_back(self) -> None:
        self.meet("call-back")
        name = "resolve" if self.round == 0 else "redo"
        clock = self.newest(name)
        assert clock is not None
        if clock.state is State.MET and not clock.sent_back:
            clock.sent_back = True
            self._run_again(clock)
        else:
            self._forget_feedback(name)

    def _forget_feedback(self, name: str) -> None:
        """R18: undo the feedback, except for warnings and reminders that were not sent meanwhile; inspectors
        who are notified now are notified again in five days.
        """
        names = (name, f"red {name}")
        ghost = deepcopy(self)
        ghost.now, ghost.brought = self.fed_back_at, []
        ghost.clocks = [clock for clock in self.without_feedback if clock.name in names]
        ghost.walk_to(self.now)
        kept = [clock for clock in self.clocks if clock.name not in names]
        self.clocks = kept + [clock for clock in ghost.clocks if clock.name != "inspectors"]
        if ghost.escalated != self.escalated:
            self._put_before_inspectors(self.now)
        self.escalated |= ghost.escalated
        self.brought += [one for one in ghost.brought if one[0] in ("yellow", "red", "escalation")]

    def _reviewed(self, entry: Entry) -> None:
        match entry.kind:
            case E.CALLED_BACK:
                self.meet("call-back")
            case E.REDO_ORDERED:
                self.round = 1
                self.start("redo")
            case E.REVIEW_OPENED:
                self.start("review-form")
            case E.FORM_FILED:
                self.meet("review-form")
                self.start("verification")
            case E.COMPLETION_ORDERED | E.VERIFIED | E.REFERRED_TO_LEADERSHIP:
                self.meet("verification")
                if (days := re.search(r"在(\d+)个工作日", entry.text)) is not None:
                    self.completing = True
                    self.start("ordered-completion", int(days[1]))

    def start(self, name: str, days: int = 0) -> None:
        """Start a clock. The day of the action is day 0 (R2)."""
        days = days or WORKING_DAYS[name]
        self.clocks.append(Clock(name, day_of(self.now), days, days, round=(self.dispatches, self.round)))

    def newest(self, name: str) -> Clock | None:
        return next((clock for clock in reversed(self.clocks) if clock.name == name), None)

    def runs(self, name: str) -> bool:
        clock = self.newest(name)
        return clock is not None and clock.state is State.RUNNING

    def meet(self, name: str) -> None:
        for clock in self.clocks:
            if clock.name in (name, f"red {name}"):
                clock.red = False
                if clock.state in (State.RUNNING, State.STOPPED):
                    clock.state = State.MET

    def _drop(self, *names: str) -> None:
        """Drop all clocks, or those with some names."""
        for clock in self.clocks:
            if names and clock.name not in names:
                continue
            clock.red = False
            if clock.state in (State.RUNNING, State.STOPPED):
                clock.state = State.GONE

    def _stop(self, clock: Clock) -> None:
        """R5: stop a clock. The current day is used up, but at least one day is always left."""
        if clock.state is State.RUNNING:
            clock.state = State.STOPPED
            clock.left = max(1, clock.left - self._today_is_still_counted(clock))

    def _run_on(self, clock: Clock) -> None:
        if clock.state is State.STOPPED:
            clock.state = State.RUNNING
            clock.day_zero, clock.total = day_of(self.now), clock.left

    def _run_again(self, clock: Clock) -> None:
        """R17, R18: continue a clock to the end of its count, or to that of the next working day."""
        today = self._today_is_still_counted(clock)
        clock.state, clock.warned = State.RUNNING, False
        clock.left = max(self._left_of(clock, clock.total) + today, 1 + today)

    def _left_of(self, clock: Clock, total: int) -> int:
        """Return the remaining working days after today, of a total."""
        day, gone = clock.day_zero + ONE_DAY, 0
        while self._end(day) <= self.now:
            gone += works(day)
            day += ONE_DAY
        return total - gone - self._today_is_still_counted(clock)

    def _today_is_still_counted(self, clock: Clock) -> int:
        today = day_of(self.now)
        return int(works(today) and today > clock.day_zero and self._end(today) > self.now)

    def _end(self, day: date) -> datetime:
        """R3: return the end: 24:00 or close of business."""
        if self.cutoff is None:
            return datetime.combine(day + ONE_DAY, time(), BEIJING)
        return datetime.combine(day, self.cutoff, BEIJING)

    def walk_to(self, until: datetime) -> None:
        """Advance day by day; each working day has a morning, when reminders are sent, and an end."""
        day = day_of(self.now) - ONE_DAY
        while day <= day_of(until):
            for at, what in self._moments(day):
                if works(day) and self.now < at <= until:
                    what(day, at)
            day += ONE_DAY
        self.now = until

    def _moments(self, day: date) -> Iterator[tuple[datetime, Callable[[date, datetime], None]]]:
        yield datetime.combine(day, time(9), BEIJING), self._morning
        yield self._end(day), self._evening

    def _morning(self, day: date, at: datetime) -> None:
        """Send one reminder a day, regardless of the number of reds."""
        due = [clock for clock in self.clocks if clock.red and clock.reds_day != day and clock.reminders < 3]
        for clock in due:
            clock.reminders += 1
        if due:
            self.brought.append(("reminder", "", at))

    def _evening(self, day: date, at: datetime) -> None:
        for clock in list(self.clocks):
            if clock.red and clock.reds_day != day:
                clock.days_red += 1
                if clock.days_red == 3 and clock.round not in self.escalated:
                    self.escalated.add(clock.round)
                    self.brought.append(("escalation", clock.name, at))
                    self._put_before_inspectors(at)
            if clock.state is State.RUNNING:
                clock.left -= day > clock.day_zero
                if clock.left == 0:
                    self._ends(clock, day, at)
                elif clock.left == 1 and clock.name in WARNS and not clock.warned:
                    clock.warned = True
                    self.brought.append(("warning", clock.name, at))

    def _put_before_inspectors(self, at: datetime) -> None:
        self.clocks.append(Clock("inspectors", day_of(at), PUT_AGAIN_AFTER, PUT_AGAIN_AFTER))

    def _ends(self, clock: Clock, day: date, at: datetime) -> None:
        clock.state = State.MISSED
        if clock.name in LIGHTS:
            self.brought.append(("yellow", clock.name, at))
            self.clocks.append(Clock(f"red {clock.name}", day_of(at), 1, 1, round=clock.round))
        elif clock.name.startswith("red "):
            clock.red, clock.reds_day = True, day_of(at)
            self.brought.append(("red", clock.name.removeprefix("red "), at))
        elif clock.name == "inspectors":
            self.brought.append(("again", clock.name, at))
            self._put_before_inspectors(at)
        elif clock.name == "ordered-completion":
            self.brought.append(("criticism", clock.name, at))
        elif clock.name in OF_THE_PLATFORM:
            self.brought.append(("delay", clock.name, at))
