"""Limits, lights, letters, warnings, delays and criticism, against the hand-written table."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import pytest

from claims.limits import LIMIT_RULES
from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.labels import label
from claims.model.limit import Limit
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Category, Colour, LimitKind, LimitStatus
from claims.model.values import Actor
from tests.oracles.golden import CITED, LIMITS
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import ARBITER, CALLER, HANDLER, OPERATOR, POWER, SUPERVISOR
from tests.support.dates import beijing

ON_CLAIMS: Final = [name for name in LIMITS if name != "interview"]
EXTENDED: Final = "resolve, extended"


def kind_of(name: str) -> LimitKind:
    """Return the limit's kind in the program."""
    return LimitKind.RESOLVE if name == EXTENDED else LimitKind(name)


def ends(name: str) -> datetime:
    """Return the instant at which the oracle's last day ends."""
    return beijing(f"{LIMITS[name].ends:%a %Y-%m-%d} 24:00")


class Start(NamedTuple):
    """A claim just before a limit starts, and the action that starts it."""

    build: Callable[[], Paper]
    action: Action
    actor: Actor
    fields: Mapping[str, object] = {}


def worked() -> Paper:
    paper = Paper().dispatched()
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    return paper


def called_again() -> Paper:
    paper = Paper().redoing()
    paper.must(Action.FEEDBACK, HANDLER)
    return paper


DISSATISFIED: Final = {"grade": "dissatisfied"}
STARTS: Final[Mapping[str, Start]] = {
    "return-window": Start(Paper, Action.DISPATCH, OPERATOR),
    "redetermine": Start(lambda: Paper().dispatched(), Action.REJECT, HANDLER),
    "arbitrate": Start(lambda: Paper().returned(), Action.REFER, SUPERVISOR),
    "contact": Start(Paper, Action.DISPATCH, OPERATOR),
    "reply": Start(Paper, Action.DISPATCH, OPERATOR),
    "resolve": Start(Paper, Action.DISPATCH, OPERATOR),
    "extension-decision": Start(worked, Action.REQUEST_EXTENSION, HANDLER),
    "call-back": Start(worked, Action.FEEDBACK, HANDLER),
    "redo": Start(lambda: Paper().fed_back(), Action.CALL_BACK, CALLER, DISSATISFIED),
    "review-form": Start(called_again, Action.CALL_BACK, CALLER, DISSATISFIED),
    "verification": Start(lambda: Paper().in_review(), Action.REVIEW_FORM, HANDLER),
    "ordered-completion": Start(lambda: Paper().verifying(), Action.VERIFY, SUPERVISOR),
}


def started(name: str) -> Paper:
    """Return a claim with this limit running since Tuesday, and as few others as possible."""
    match name:
        case "dispatch":
            return Paper()
        case "supervised-feedback":
            paper = Paper().dispatched()
            paper.must(Action.REPLY, HANDLER)
            paper.until("Thu 2026-11-26 08:00")
            return paper
        case "resolve, extended":
            paper = worked()
            paper.must(Action.REQUEST_EXTENSION, HANDLER)
            paper.must(Action.DECIDE_EXTENSION, SUPERVISOR)
            return paper
    start = STARTS[name]
    paper = start.build()
    paper.must(start.action, start.actor, **start.fields)
    done = {"contact": (), "reply": (Action.CONTACT,), "resolve": (Action.CONTACT, Action.REPLY)}
    for action in done.get(name, ()):
        paper.must(action, HANDLER)
    return paper


def the_limit(paper: Paper, name: str) -> Limit:
    """Return the limit of the oracle's line."""
    of = LimitKind.CONTACT if name == "supervised-feedback" else None
    return paper.limit(kind_of(name), of)


@pytest.mark.rule("R2", "R3", "R6")
@pytest.mark.parametrize("name", ON_CLAIMS)
def test_a_limit_has_the_days_of_the_table_and_ends_with_the_last_of_them(name: str) -> None:
    paper = started(name)
    limit, wanted = the_limit(paper, name), LIMITS[name]
    assert limit.status is LimitStatus.RUNNING
    assert limit.schedule is not None
    assert (limit.schedule.working_days, limit.schedule.last_day) == (wanted.days, wanted.ends)
    assert limit.schedule.due_at == ends(name)


@pytest.mark.parametrize("name", ON_CLAIMS)
def test_a_limit_cites_the_rules_of_the_table_and_takes_its_days_from_the_policy(name: str) -> None:
    rule, wanted = LIMIT_RULES[kind_of(name)], LIMITS[name]
    assert rule.rules == wanted.cites
    days = DEFAULT_POLICY.extended_resolve_days if name == EXTENDED else rule.working_days(DEFAULT_POLICY)
    assert days == wanted.days


NOBODYS: Final = {LimitKind.FOLLOW_UP: ("R12",), LimitKind.LINK: ("R41",), LimitKind.STANDSTILL: ("R32",)}
"""Limits that nobody has to keep, and what they follow from."""


def test_the_table_has_every_limit_that_somebody_has_to_keep() -> None:
    assert {kind_of(name) for name in LIMITS} == set(LimitKind) - NOBODYS.keys()
    assert {kind: LIMIT_RULES[kind].rules for kind in NOBODYS} == NOBODYS


@pytest.mark.rule("R4")
@pytest.mark.parametrize("name", STARTS)
def test_a_limit_starts_with_the_act_that_the_table_names_and_at_its_instant(name: str) -> None:
    start = STARTS[name]
    paper = start.build()
    assert paper.claim.live(kind_of(name)) is None
    paper.wait(timedelta(hours=1))
    paper.must(start.action, start.actor, **start.fields)
    assert the_limit(paper, name).started_at == paper.now


@pytest.mark.rule("R17")
def test_an_extended_limit_is_counted_from_the_delivery() -> None:
    paper = started("resolve, extended")
    dispatch = paper.claim.dispatch
    assert dispatch is not None
    assert the_limit(paper, EXTENDED).started_at == dispatch.delivered_at


ACTORS: Final = {
    **dict.fromkeys((Action.ANSWER, Action.DECLINE, Action.DISPATCH), OPERATOR),
    **dict.fromkeys((Action.REDETERMINE, Action.REFER, Action.DECIDE_EXTENSION, Action.VERIFY), SUPERVISOR),
    Action.ARBITRATE: ARBITER,
    Action.CALL_BACK: CALLER,
}
MET: Final = [(name, Action(action)) for name in ON_CLAIMS for action in LIMITS[name].met_by]


@pytest.mark.parametrize(("name", "action"), MET)
def test_a_limit_is_met_by_the_acts_that_the_table_names(name: str, action: Action) -> None:
    paper = Paper(category=Category.CONSULTATION) if action is Action.ANSWER else started(name)
    id = the_limit(paper, name).id
    paper.wait(timedelta(hours=1))
    paper.must(action, ACTORS.get(action, HANDLER))
    limit = next(limit for limit in paper.claim.limits if limit.id == id)
    assert (limit.status, limit.ended_at) == (LimitStatus.MET, paper.now)


def at_its_end(name: str) -> tuple[Paper, list[Entry]]:
    """Return the claim after the limit was missed, with the journal lines of that second."""
    paper = started(name)
    paper.wait(ends(name) - paper.now - timedelta(seconds=1))
    told = len(paper.journal)
    paper.wait(timedelta(seconds=1))
    return paper, [entry for entry in paper.journal[told:] if entry.kind is not EventKind.LIMITS_FIXED]


def cited(entries: list[Entry]) -> list[tuple[EventKind, list[str]]]:
    return [(entry.kind, list(entry.rules)) for entry in entries]


def of(kind: EventKind, name: str) -> tuple[EventKind, list[str]]:
    return kind, CITED["supervision"][name]


LETTER_AND_YELLOW: Final = [
    of(EventKind.LETTER_ISSUED, "letter"),
    of(EventKind.LIGHT_GIVEN, "yellow light"),
]
BRINGS: Final[Mapping[str, list[tuple[EventKind, list[str]]]]] = {
    "letter and yellow": LETTER_AND_YELLOW,
    "red": [of(EventKind.LIGHT_GIVEN, "red light")],
    "accepted": [of(EventKind.WINDOW_CLOSED, "window closed")],
    "criticism": [
        of(EventKind.CRITICISED, "criticism of a missed order"),
        of(EventKind.ACCOUNTABILITY_OPENED, "accountability of a missed order"),
    ],
}
REPLY_WARNING: Final = of(EventKind.EARLY_WARNING, "early warning")
BESIDE: Final = {
    "return-window": [REPLY_WARNING, *LETTER_AND_YELLOW],
    "contact": [REPLY_WARNING, *BRINGS["accepted"]],
    "extension-decision": BRINGS["accepted"],
}
"""Other events at the same instant, after the same delivery."""


@pytest.mark.rule("R15", "R16", "R17", "R31", "R32", "R33", "R40", "R44", "R45")
@pytest.mark.parametrize("name", ON_CLAIMS)
def test_a_missed_limit_brings_what_the_table_says_and_cites_its_rules(name: str) -> None:
    paper, entries = at_its_end(name)
    miss = LIMITS[name].miss
    delay = [(EventKind.PLATFORM_DELAYED, list(LIMITS[name].cites))]
    wanted = delay if miss == "platform delay" else BRINGS[miss]
    found = cited(entries)
    for other in BESIDE.get(name, []):
        found.remove(other)
    assert found == wanted
    assert {entry.at for entry in entries} == {ends(name)}
    assert the_limit(paper, name).status is LimitStatus.MISSED


@pytest.mark.rule("R31", "R33")
@pytest.mark.parametrize("name", [name for name in ON_CLAIMS if LIMITS[name].miss == "letter and yellow"])
def test_a_yellow_light_has_its_letter_at_the_same_instant_and_starts_the_supervised_feedback(
    name: str,
) -> None:
    paper, _ = at_its_end(name)
    (yellow,), (letter,) = paper.claim.lights, paper.claim.letters
    assert (yellow.colour, yellow.limit, yellow.unit, yellow.at) == (
        Colour.YELLOW,
        kind_of(name),
        POWER,
        ends(name),
    )
    assert (letter.limit, letter.unit, letter.at) == (kind_of(name), POWER, ends(name))
    supervised = paper.limit(LimitKind.SUPERVISED_FEEDBACK, of=kind_of(name))
    assert (supervised.status, supervised.started_at) == (LimitStatus.RUNNING, ends(name))


@pytest.mark.rule("R32")
def test_a_red_light_follows_its_yellow_and_there_is_no_second_letter() -> None:
    paper, _ = at_its_end("supervised-feedback")
    assert [light.colour for light in paper.claim.lights] == [Colour.YELLOW, Colour.RED]
    assert [light.limit for light in paper.claim.lights] == [LimitKind.CONTACT, LimitKind.CONTACT]
    assert len(paper.claim.letters) == 1


@pytest.mark.rule("R31")
@pytest.mark.parametrize(
    "name", [name for name in ON_CLAIMS if LIMITS[name].miss in ("platform delay", "accepted", "criticism")]
)
def test_a_missed_limit_that_is_no_units_or_ordered_lights_nothing(name: str) -> None:
    paper, _ = at_its_end(name)
    assert [found for found in paper.claim.lights if found.limit is kind_of(name)] == []
    assert [found for found in paper.claim.letters if found.limit is kind_of(name)] == []
    assert paper.claim.limit(LimitKind.SUPERVISED_FEEDBACK, of=kind_of(name)) is None


@pytest.mark.rule("R30")
@pytest.mark.parametrize("name", ON_CLAIMS)
def test_a_unit_is_warned_before_its_limit_ends_and_the_warning_cites_its_rule(name: str) -> None:
    paper = started(name)
    told = len(paper.journal)
    paper.wait(ends(name) - paper.now - timedelta(seconds=1))
    warnings = [
        entry
        for entry in paper.journal[told:]
        if entry.kind is EventKind.EARLY_WARNING and entry.text.startswith(label(kind_of(name)))
    ]
    warned = LIMITS[name].warned
    wanted = [beijing(f"{warned:%a %Y-%m-%d} 24:00")] if isinstance(warned, date) else []
    assert [entry.at for entry in warnings] == wanted
    assert all(list(entry.rules) == CITED["supervision"]["early warning"] for entry in warnings)


@pytest.mark.rule("R32")
def test_after_the_red_come_reminders_and_the_inspectors_and_cite_their_rule() -> None:
    paper, _ = at_its_end("supervised-feedback")
    told = len(paper.journal)
    paper.until("Thu 2026-12-03 08:00")
    entries = cited(paper.journal[told:])
    kinds = (EventKind.UNIT_REMINDED, EventKind.ESCALATED)
    reminder = of(EventKind.UNIT_REMINDED, "reminder")
    assert [entry for entry in entries if entry[0] in kinds] == [
        *[reminder] * 3,
        of(EventKind.ESCALATED, "escalation"),
    ]


@pytest.mark.rule("R52")
def test_confirmed_false_feedback_is_criticised_and_has_its_file() -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CALLER, contacted=False)
    told = len(paper.journal)
    paper.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    assert cited(paper.journal[told:])[1:3] == [
        of(EventKind.CRITICISED, "criticism of false feedback"),
        of(EventKind.ACCOUNTABILITY_OPENED, "accountability of false feedback"),
    ]
