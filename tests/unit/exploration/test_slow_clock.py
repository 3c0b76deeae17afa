"""The effects of time on a claim, compared with a day-by-day count."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import event, example, given

from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.organisation import COORDINATION
from claims.model.terms import Action, LimitKind, LimitStatus
from tests.support.claims.scenario_strategies import (
    APPROVED,
    ASKED_FOR_MORE,
    DELIVERED,
    FED_BACK,
    RARE_ENDS,
    SENT_BACK,
    Scenario,
    play_scenario,
    scenario_of,
    scenarios,
)
from tests.support.claims.simulated_worker import SimulatedWorker
from tests.support.dates import beijing
from tests.support.hypothesis_profile import effort
from tests.support.slow_law.clock import Brought, SlowClock
from tests.support.slow_law.days import State
from tests.support.slow_law.review import SlowReview

A_DAY = 24 * 60
COMPLETED_LATE = scenario_of(
    beijing("Tue 2026-11-24 09:00"),
    (0, DELIVERED),
    (14 * A_DAY, ASKED_FOR_MORE),  # on the tenth day
    (0, FED_BACK),
    (6 * A_DAY, SENT_BACK),
)
APPROVED_TOO_LATE = scenario_of(
    beijing("Tue 2026-11-24 09:00"),
    (0, DELIVERED),
    (0, ASKED_FOR_MORE),
    (0, FED_BACK),
    (0, SENT_BACK),
    (16 * A_DAY, APPROVED),
)
"""What was undecided when the unit fed back."""
SENT_BACK_LATE = scenario_of(
    beijing("Tue 2026-11-24 09:00"),
    (0, DELIVERED),
    (0, (Action.CONTACT, {})),
    (0, (Action.REPLY, {})),
    (16 * A_DAY, FED_BACK),  # on Thursday 12-10, the red day of the resolve limit
    (40 * A_DAY, SENT_BACK),
)
"""As if it had not been given: it went to 督导问效组 weeks ago, too late to notify anybody about those weeks."""

OF_TIME = {
    EventKind.PLATFORM_DELAYED: "delay",
    EventKind.EARLY_WARNING: "warning",
    EventKind.UNIT_REMINDED: "reminder",
    EventKind.ESCALATED: "escalation",
    EventKind.CRITICISED: "criticism",
}

FOLLOWED = {
    EventKind.REDO_ORDERED: "redo",
    EventKind.REVIEW_OPENED: "form",
    EventKind.COMPLETION_ORDERED: "order",
    EventKind.REFERRED_TO_LEADERSHIP: "leadership",
    EventKind.LEADERSHIP_DECIDED: "decision",
    EventKind.CLOSED: "end",
    EventKind.CRITICISED: "criticism",
    EventKind.ACCOUNTABILITY_OPENED: "file",
}


def brought_to(play: SimulatedWorker) -> Counter[Brought]:
    """Return the effects of time by the procedure: lights with their limits, others by their instant."""
    lights = [(light.colour.value, light.limit.value, light.at) for light in play.claim.lights]
    rest = [(what, "", entry.at) for entry in play.journal if (what := of_time(entry))]
    return Counter([*lights, *rest])


def of_time(entry: Entry) -> str:
    """Return the kind of an effect of time; nothing for people's actions."""
    if entry.kind is EventKind.STOOD_STILL:
        return "again" if "再次提请督导问效组关注" in entry.text else ""
    return OF_TIME.get(entry.kind, "") if entry.actor is None else ""


def count_slowly(play: SimulatedWorker) -> SlowClock:
    """Return the slow count of the same actions."""
    slow = SlowClock(play.claim.registered_at, play.claim.policy.cutoff)
    for entry in play.journal:
        if entry.kind is EventKind.REFUSED:
            _check_refusal(slow, entry)
        elif entry.actor is not None:
            _check_in_time(slow, entry)
            slow.hear(entry)
    slow.walk_to(play.now)
    return slow


def brought_by(slow: SlowClock) -> Counter[Brought]:
    """Return the slow count's effects in the same form."""
    lit = ("yellow", "red")
    return Counter((what, limit if what in lit else "", at) for what, limit, at in slow.brought)


def _check_in_time(slow: SlowClock, entry: Entry) -> None:
    """R15, R17: check that actions with a time limit came before its end."""
    slow.walk_to(entry.at)
    if entry.kind is EventKind.RETURNED:
        assert slow.runs("window")
    elif entry.kind is EventKind.EXTENSION_REQUESTED:
        assert slow.runs("resolve")


def _check_refusal(slow: SlowClock, entry: Entry) -> None:
    """R15: check that actions refused as late are late."""
    slow.walk_to(entry.at)
    if "退单时限" in entry.text:
        assert not slow.runs("window")


def check_review(play: SimulatedWorker) -> SlowReview:
    """R42-R45, R52: check journal, contact and closing against the slow review."""
    slow = SlowReview()
    for entry in play.journal:
        slow.hear(entry)
    found = [(FOLLOWED[entry.kind], entry.at) for entry in play.journal if is_of_review(entry)]
    notified = [note for note in play.notices if note.unit == COORDINATION.id]
    found += [
        ("leadership told", note.at) for note in notified if note.kind is EventKind.REFERRED_TO_LEADERSHIP
    ]
    assert Counter(found) == Counter(slow.followed)
    closed = play.claim.closed
    assert (closed.reason.value if closed else "") == slow.ending
    return slow


def is_of_review(entry: Entry) -> bool:
    """R45: return whether it is an effect of a missed order, which depends on time."""
    return entry.kind in FOLLOWED and (entry.actor is not None or "R45" not in entry.rules)


def counts_as_contacted(play: SimulatedWorker) -> bool:
    """Return the claim's own view of the unit's contact."""
    limit = play.claim.limit(LimitKind.CONTACT)
    return limit is not None and limit.status is LimitStatus.MET


Comparison = Callable[[], None]
RARE = (
    *("again", "escalation", "criticism", "order", "leadership told", "decision", "form"),
    *("ends verified", "ends satisfied", "ends decided", "ends false-feedback", "satisfied but not solved"),
    *("contact disproved", "confirmed before it closed"),
)
"""What the scenarios must cover; otherwise the comparison proves nothing about it."""


def with_examples(*scenarios: Scenario) -> Callable[[Comparison], Comparison]:
    """Try these scenarios first."""

    def decorate(compare: Comparison) -> Comparison:
        for scenario in scenarios:
            compare = example(scenario=scenario)(compare)
        return compare

    return decorate


@pytest.mark.rule("R2", "R3", "R4", "R5", "R15", "R17", "R18")
@pytest.mark.rule("R30", "R31", "R32", "R42", "R43", "R44", "R45", "R52")
def test_what_time_brings_and_how_it_ends_is_what_a_slow_count_says() -> None:
    reached: Counter[str] = Counter()

    @with_examples(COMPLETED_LATE, APPROVED_TOO_LATE, SENT_BACK_LATE, *RARE_ENDS)
    @given(scenario=scenarios())
    @effort(60)
    def compare(scenario: Scenario) -> None:
        play = play_scenario(scenario)
        event(f"{len(play.claim.lights)} lights, {len(play.claim.dispatches)} dispatches")
        slow = count_slowly(play)
        assert brought_to(play) == brought_by(slow)
        review = check_review(play)
        contact = slow.newest("contact")
        met = contact is not None and contact.state is State.MET
        assert counts_as_contacted(play) == (met and not review.is_disproved)
        reached.update({what for what, _, _ in slow.brought} | {what for what, _ in review.followed})
        reached.update([f"ends {review.ending}"])
        reached["satisfied but not solved"] += review.ending == "satisfied" and review.is_solved is False
        reached["contact disproved"] += met and review.is_disproved
        reached["confirmed before it closed"] += review.is_disproved and review.ending != "false-feedback"

    compare()
    assert [what for what in RARE if not reached[what]] == [], reached
