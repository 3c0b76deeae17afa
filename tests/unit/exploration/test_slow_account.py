"""A unit's account compared with a slow count of its lights."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_rules import SHANGHAI
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import UnitAction
from claims.model.terms import Colour, LimitKind
from claims.model.unit_account import AccountLight, Measure, MeasureKind, MeasureStatus
from claims.units.transition import UnitTransition
from tests.support.claims.offline_unit_account import Account
from tests.support.claims.people import INSPECTOR, SUPERVISOR, WATER
from tests.support.dates import beijing, day
from tests.support.hypothesis_profile import effort
from tests.support.slow_law.account import Pair, SlowAccount, in_a_month

LIMITS: Final = (LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE)
GAPS: Final = st.one_of(st.integers(0, 3), st.integers(0, 20), st.sampled_from((27, 28, 29, 30, 31, 32)))
LIT: Final = ("another claim", "another claim", "another limit", "a redo", "a red")
DONE: Final = (*LIT, "revoked", "recorded")


@dataclass(frozen=True)
class Turn:
    """An event after a number of days, at the day's first instant or in its morning."""

    days: int
    what: str
    which: int


def turns() -> st.SearchStrategy[list[Turn]]:
    one = st.builds(Turn, GAPS, st.sampled_from(DONE), st.integers(0, 11))
    return st.lists(one, min_size=4, max_size=18)


class Played(Account):
    """Drives the account and the slow one."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self.now = start
        self.slow = SlowAccount(start)
        self.missed: list[tuple[Pair, datetime]] = []
        self.reached: Counter[str] = Counter()
        self._claims = 0

    def adopt(self, step: UnitTransition) -> None:
        for entry in step.entries:
            if entry.kind is EventKind.INTERVIEW_MISSED:
                (late,) = (one for one in step.account.measures if one.id == entry.data["measure"])
                self.missed.append((pair_of(late), entry.at))
        super().adopt(step)

    def play(self, turn: Turn) -> None:
        """Play one event on both."""
        clock = time(0) if turn.what in LIT else time(9, turn.which)
        at = datetime.combine(self.now.astimezone(SHANGHAI).date() + timedelta(turn.days), clock, SHANGHAI)
        self.pass_to(max(at, self.now))
        self.slow.walk_to(self.now)
        if turn.what in LIT:
            self._light(self._lit_now(turn))
        elif turn.what == "revoked":
            self._revoke(turn.which)
        else:
            self._record(turn.which)

    def _lit_now(self, turn: Turn) -> AccountLight | None:
        """Return the light of an event, or None if there can be none."""
        yellows = [one for one in self.account.lights.values() if one.colour is Colour.YELLOW]
        if turn.what == "another claim" or not yellows:
            self._claims += 1
            return self._new(f"QH{self._claims}", LIMITS[turn.which % 3])
        last = yellows[-1 - turn.which % min(3, len(yellows))]
        if turn.what == "a red":
            return self._new(last.number, last.limit, last.round, colour=Colour.RED)
        if turn.what == "a redo":
            return self._new(last.number, LimitKind.REDO, 1)
        return self._new(last.number, LIMITS[turn.which % 3])

    def _new(
        self, number: str, limit: LimitKind, round: int = 0, *, colour: Colour = Colour.YELLOW
    ) -> AccountLight:
        return AccountLight(
            id=f"{number}/1/{round}/{limit}/{colour}",
            number=number,
            unit=WATER,
            unit_name="市城乡水务局",
            colour=colour,
            limit=limit,
            dispatch=1,
            round=round,
            at=self.now,
        )

    def _light(self, light: AccountLight | None) -> None:
        if light is not None and light.id not in self.account.lights:
            self.post(light)
            self.slow.light(light.id, light.colour.value, light.incident)

    def _revoke(self, which: int) -> None:
        lights = [one.id for one in self.account.lights.values() if not one.revoked]
        if lights:
            id = lights[which % len(lights)]
            assert (
                self.do(UnitAction.REVOKE_LIGHT, SUPERVISOR, light=id, reason="系统故障").status == "accepted"
            )
            self.slow.revoke(id)

    def _record(self, which: int) -> None:
        waiting = [one for one in self.account.measures if one.status is MeasureStatus.OPEN]
        if not waiting:
            return
        measure = waiting[which % len(waiting)]
        if measure.kind is MeasureKind.INTERVIEW:
            said = {"person": "李局长", "record": "已约谈"}
            outcome = self.do(UnitAction.RECORD_INTERVIEW, INSPECTOR, measure=measure.id, **said)
        else:
            step = {"text": "书面检查", "closes": which % 2 == 0}
            outcome = self.do(UnitAction.RECORD_ACCOUNTABILITY_STEP, INSPECTOR, measure=measure.id, **step)
        assert outcome.status == "accepted"
        self.slow.hold(measure.kind.colour.value, pair_of(measure))

    def compare(self) -> None:
        """Check that both have the same measures, of the same pairs, in the same state."""
        for kind in MeasureKind:
            found = {pair_of(one): (bool(one.notes), one.missed) for one in self.measures if one.kind is kind}
            counted = self.slow.measures[kind.colour.value].items()
            assert found == {pair: (one.is_held, one.is_missed) for pair, one in counted}
        assert Counter(self.missed) == Counter(self.slow.missed)

    def note(self) -> None:
        """Record which situations this scenario has covered."""
        held = [pair_of(one) for one in self.measures if one.notes]
        self.reached["held, and then revoked"] += any(
            self.account.lights[id].revoked for pair in held for id in pair
        )
        self.reached["missed"] += bool(self.missed)
        self.reached["missed, and held then"] += any(one.missed and one.notes for one in self.measures)
        self.reached["file"] += any(one.kind is MeasureKind.ACCOUNTABILITY for one in self.measures)
        self.reached["withdrawn"] += any(
            one.status is MeasureStatus.WITHDRAWN for one in self.account.measures
        )
        paired = {self.account.lights[id].incident for one in self.measures for id in one.lights}
        in_pairs = {id for one in self.measures for id in one.lights}
        self.reached["used up"] += any(
            one.incident in paired and one.id not in in_pairs and not one.revoked
            for one in self.account.lights.values()
        )
        self.reached["red stopped"] += any(
            one.revocation is not None and one.revocation.at < one.at for one in self.account.lights.values()
        )


def pair_of(measure: Measure) -> Pair:
    """Return the two lights of a measure."""
    first, second = measure.lights
    return first, second


@pytest.mark.rule("R34")
@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("Mon 2026-11-02", "Wed 2026-12-02", True),
        ("Mon 2026-11-02", "Thu 2026-12-03", False),
        ("Sat 2026-01-31", "Sat 2026-02-28", True),
        ("Sat 2026-01-31", "Sun 2026-03-01", False),
        ("Thu 2026-12-31", "Sun 2027-01-31", True),
        ("Mon 2026-11-30", "Thu 2026-12-31", False),
    ],
)
def test_the_slow_month_is_the_rulebooks(first: str, second: str, *, counts: bool) -> None:
    assert in_a_month(beijing(f"{first} 00:00"), beijing(f"{second} 00:00")) is counts


SHOWN: Final = (
    *("held, and then revoked", "missed", "missed, and held then", "file", "withdrawn", "used up"),
    "red stopped",
)


@pytest.mark.rule("R32", "R34", "R35", "R36", "R37")
def test_what_lights_bring_is_what_a_slow_count_of_the_rows_says() -> None:
    reached: Counter[str] = Counter()
    first = day("Mon 2026-01-05")

    @given(start=st.integers(0, 700), played=turns())
    @effort(100)
    def compare(start: int, played: list[Turn]) -> None:
        account = Played(datetime.combine(first + timedelta(start), time(8), SHANGHAI))
        for turn in [*played, Turn(30, "recorded", 0)]:
            account.play(turn)
            account.compare()
        account.note()
        reached.update(account.reached)

    compare()
    assert [what for what in SHOWN if not reached[what]] == [], reached
