"""What time brings to a claim, against a count of the days one by one."""

from collections import Counter

import pytest
from hypothesis import event, example, given

from claims.model.journal import Entry
from claims.model.terms import EventKind
from tests.support.claims.life_strategies import (
    APPROVED,
    ASKED_FOR_MORE,
    DELIVERED,
    FED_BACK,
    SENT_BACK,
    Life,
    life_of,
    live,
    lives,
)
from tests.support.claims.simulated_worker import Driven
from tests.support.claims.slow_clock import Brought, SlowClock
from tests.support.dates import beijing
from tests.support.hypothesis_profile import effort

A_DAY = 24 * 60
COMPLETED_LATE = life_of(
    beijing("Tue 2026-11-24 09:00"),
    (0, DELIVERED),
    (14 * A_DAY, ASKED_FOR_MORE),  # on the tenth day
    (0, FED_BACK),
    (6 * A_DAY, SENT_BACK),
)
APPROVED_TOO_LATE = life_of(
    beijing("Tue 2026-11-24 09:00"),
    (0, DELIVERED),
    (0, ASKED_FOR_MORE),
    (0, FED_BACK),
    (0, SENT_BACK),
    (16 * A_DAY, APPROVED),
)
"""What was undecided when the unit fed back."""

OF_TIME = {
    EventKind.PLATFORM_DELAYED: "delay",
    EventKind.EARLY_WARNING: "warning",
    EventKind.UNIT_REMINDED: "reminder",
    EventKind.ESCALATED: "escalation",
    EventKind.CRITICISED: "criticism",
}


def brought_to(play: Driven) -> Counter[Brought]:
    """What the procedure says that time brought: lights with their limits, the rest by its instant."""
    lights = [(light.colour.value, light.limit.value, light.at) for light in play.claim.lights]
    rest = [(what, "", entry.at) for entry in play.journal if (what := of_time(entry))]
    return Counter([*lights, *rest])


def of_time(entry: Entry) -> str:
    """What kind of thing the passing of time brought; nothing where people did."""
    if entry.kind is EventKind.STOOD_STILL:
        return "again" if "再次提请督导问效组关注" in entry.text else ""
    return OF_TIME.get(entry.kind, "") if entry.actor is None else ""


def counted_slowly(play: Driven) -> Counter[Brought]:
    """What the slow count makes of the same acts."""
    slow = SlowClock(play.claim.registered_at, play.claim.policy.cutoff)
    for entry in play.journal:
        if entry.kind is EventKind.REFUSED:
            _check_refusal(slow, entry)
        elif entry.actor is not None:
            _check_in_time(slow, entry)
            slow.hear(entry)
    slow.walk_to(play.now)
    lit = ("yellow", "red")
    return Counter((what, limit if what in lit else "", at) for what, limit, at in slow.brought)


def _check_in_time(slow: SlowClock, entry: Entry) -> None:
    """R15, R17: what has to come before a limit's end has come before it."""
    slow.walk_to(entry.at)
    if entry.kind is EventKind.RETURNED:
        assert slow.runs("window")
    elif entry.kind is EventKind.EXTENSION_REQUESTED:
        assert slow.runs("resolve")


def _check_refusal(slow: SlowClock, entry: Entry) -> None:
    """R15: what is refused for being late is late."""
    slow.walk_to(entry.at)
    if "退单时限" in entry.text:
        assert not slow.runs("window")


@pytest.mark.rule("R2", "R3", "R4", "R5", "R15", "R17", "R18", "R30", "R31", "R32", "R43", "R44", "R45")
@example(life=COMPLETED_LATE)
@example(life=APPROVED_TOO_LATE)
@given(life=lives())
@effort(200)
def test_what_time_brings_is_what_a_count_of_the_days_one_by_one_says(life: Life) -> None:
    play = live(life)
    event(f"{len(play.claim.lights)} lights, {len(play.claim.dispatches)} dispatches")
    assert brought_to(play) == counted_slowly(play)
