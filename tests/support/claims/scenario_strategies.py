"""Hypothesis strategies for a claim: who does what, and after how long."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from hypothesis import strategies as st
from pydantic import JsonValue

from calendar_rules import SHANGHAI
from calendar_rules.loader import load_calendar
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action, Role, Stage
from claims.model.values import Actor
from tests.support.claims.people import (
    ARBITER,
    CALLER,
    COORDINATOR,
    HOUSING,
    OPERATOR,
    POWER,
    SUPERVISOR,
    WATER,
    person,
)
from tests.support.claims.random_actors import envelope
from tests.support.claims.simulated_worker import Sent, SimulatedWorker

Said = dict[str, JsonValue]
Choice = tuple[Action, Said]
BUSINESS_DAY: Final = DEFAULT_POLICY.model_copy(update={"cutoff": time(17, 30), "version": "test"})
FED_BACK: Final[Choice] = (Action.FEEDBACK, {})
"""Actions together with the contact and reply that they need."""
DELIVERED: Final[Choice] = (Action.DISPATCH, {"unit": POWER})
SENT_BACK: Final[Choice] = (Action.VERIFY, {"compliant": False})
RETURNED: Final[Choice] = (Action.REJECT, {"suggested_unit": HOUSING})
ASKED_FOR_MORE: Final[Choice] = (Action.REQUEST_EXTENSION, {})
APPROVED: Final[Choice] = (Action.DECIDE_EXTENSION, {"approve": True})
REFUSED: Final[Choice] = (Action.DECIDE_EXTENSION, {"approve": False})
LIKED: Final[Choice] = (Action.CALL_BACK, {"grade": "satisfied"})
DISLIKED: Final[Choice] = (Action.CALL_BACK, {"grade": "dissatisfied"})
NOT_SOLVED: Final[Choice] = (Action.CALL_BACK, {"grade": "fairly-satisfied", "resolved": False})
DENIED: Final[Choice] = (Action.CALL_BACK, {"grade": "very-dissatisfied", "contacted": False})
LIKED_AND_DENIED: Final[Choice] = (Action.CALL_BACK, {"grade": "satisfied", "contacted": False})
HALF_ASKED: Final[Choice] = (Action.CALL_BACK, {"grade": "satisfied", "resolved": None})
FALSE: Final[Choice] = (Action.CONFIRM_FALSE_FEEDBACK, {})
FORM_FILED: Final[Choice] = (Action.REVIEW_FORM, {})
NOT_COMPLIANT: Final[Choice] = (Action.VERIFY, {"compliant": False})
COMPLIANT: Final[Choice] = (Action.VERIFY, {"compliant": True})
CHOICES: Final[dict[Stage, tuple[Choice, ...]]] = {
    Stage.REGISTERED: (DELIVERED, (Action.DISPATCH, {"unit": WATER})),
    Stage.HANDLING: (
        (Action.CONTACT, {}),
        (Action.REPLY, {}),
        *[FED_BACK] * 3,
        *[RETURNED] * 3,
        *[ASKED_FOR_MORE] * 2,
        *[APPROVED, REFUSED] * 2,
    ),
    Stage.REDETERMINATION: (
        (Action.REDETERMINE, {"decision": "confirm"}),
        (Action.REDETERMINE, {"decision": "redispatch", "unit": HOUSING}),
        (Action.REFER, {}),
    ),
    Stage.ARBITRATION: ((Action.ARBITRATE, {"unit": POWER}), (Action.ARBITRATE, {"unit": HOUSING})),
    Stage.CALL_BACK: (
        *[DISLIKED, DENIED, SENT_BACK] * 3,
        *(LIKED, NOT_SOLVED, LIKED_AND_DENIED, HALF_ASKED, FALSE, COMPLIANT),
    ),
    Stage.REDO: (*[FED_BACK] * 3, (Action.CONTACT, {}), FALSE),
    Stage.REVIEW: (FORM_FILED, FORM_FILED, FALSE),
    Stage.VERIFICATION: (
        *[NOT_COMPLIANT] * 3,
        (Action.VERIFY, {"compliant": False, "order_days": 2}),
        (Action.VERIFY, {"compliant": False, "order_days": 15}),
        (Action.VERIFY, {"compliant": False, "order_days": 1}),
        COMPLIANT,
        FALSE,
    ),
    Stage.COMPLETION: (FED_BACK, FED_BACK, FALSE),
    Stage.LEADERSHIP: (
        (Action.VERIFY, {"compliant": False, "order_days": 2}),
        NOT_COMPLIANT,
        COMPLIANT,
        FALSE,
    ),
    Stage.CLOSED: (FALSE,),
}
TO_THE_CALL: Final = (DELIVERED, FED_BACK)
TO_THE_FORM: Final = (*TO_THE_CALL, DENIED, FED_BACK, DISLIKED)
TO_THE_LEADERS: Final = (
    *(*TO_THE_FORM, FORM_FILED, NOT_COMPLIANT, FED_BACK, NOT_COMPLIANT, FED_BACK, NOT_COMPLIANT),
)
BEGINNINGS: Final[tuple[tuple[Choice, ...], ...]] = ((), (), TO_THE_CALL, TO_THE_FORM, TO_THE_LEADERS)
"""How far some claims are advanced, each in its own time, before random actions start."""
ACTORS: Final = {
    **dict.fromkeys((Action.DISPATCH,), OPERATOR),
    **dict.fromkeys((Action.REDETERMINE, Action.REFER, Action.DECIDE_EXTENSION, Action.VERIFY), SUPERVISOR),
    Action.CONFIRM_FALSE_FEEDBACK: SUPERVISOR,
    Action.ARBITRATE: ARBITER,
    Action.CALL_BACK: CALLER,
}
GAPS: Final = st.one_of(
    st.integers(0, 24 * 60),
    st.integers(0, 3 * 24 * 60),
    st.integers(0, 15 * 24 * 60),
    st.sampled_from(("midnight", "a minute before midnight", "the end of business")),
)
THERE: Final = st.sampled_from((True, True, True, False))
"""Whether the worker is running."""


@dataclass(frozen=True)
class Scenario:
    """`acts`: the delay after the previous action, the action or the index of the stage's choices, and
    whether the worker is running.
    """

    start: datetime
    policy: Policy
    acts: tuple[tuple[int | str, int | Choice, bool], ...]


FIRST: Final = datetime(2007, 1, 8, tzinfo=SHANGHAI)
LAST: Final = datetime(2028, 1, 1, tzinfo=SHANGHAI)


def scenario_of(start: datetime, *acts: tuple[int, Choice]) -> Scenario:
    """Return a fixed scenario, with delays in minutes."""
    return Scenario(start, DEFAULT_POLICY, tuple((gap, what, True) for gap, what in acts))


def led(*choices: Choice) -> Scenario:
    """Return one in which everything is done in one morning."""
    return scenario_of(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), *((0, choice) for choice in choices))


RARE_ENDS: Final = (
    led(*TO_THE_CALL, LIKED),
    led(*TO_THE_CALL, NOT_SOLVED),
    led(*TO_THE_CALL, LIKED_AND_DENIED, FALSE),
    led(*TO_THE_CALL, DENIED, FALSE, FED_BACK, LIKED),
    led(*TO_THE_FORM, FALSE, FORM_FILED, COMPLIANT),
    led(*TO_THE_FORM, FORM_FILED, NOT_COMPLIANT),
    led(*TO_THE_LEADERS, (Action.VERIFY, {"compliant": False, "order_days": 2}), NOT_COMPLIANT),
    led(*TO_THE_LEADERS, COMPLIANT),
)
"""Situations that random scenarios reach too rarely: each way to end, false feedback before and after the
end, an order that is not kept.
"""


def starts() -> st.SearchStrategy[datetime]:
    """Any minute from 2007 to 2027, more often around the Spring Festival and the National Day."""
    minutes = st.integers(0, int((LAST - FIRST).total_seconds()) // 60 - 1)
    festive = st.builds(
        datetime,
        st.integers(2007, 2027),
        st.sampled_from((1, 2, 9, 12)),
        st.integers(20, 28),
        st.integers(0, 23),
        st.integers(0, 59),
        tzinfo=st.just(SHANGHAI),
    )
    anywhere = minutes.map(lambda n: FIRST + timedelta(minutes=n))
    return (anywhere | festive).map(lambda at: at.astimezone(UTC))


def scenarios() -> st.SearchStrategy[Scenario]:
    """Return a strategy of a start and up to sixteen actions, after which nobody does anything."""
    policies = st.sampled_from((DEFAULT_POLICY, DEFAULT_POLICY, BUSINESS_DAY))
    act = st.tuples(GAPS, st.integers(0, 359), THERE)
    any_acts = st.lists(act, min_size=3, max_size=16)
    acts = st.tuples(st.sampled_from(BEGINNINGS).flatmap(_in_their_time), any_acts).map(
        lambda two: (*two[0], *two[1])
    )
    return st.builds(Scenario, starts(), policies, acts)


def _in_their_time(
    choices: tuple[Choice, ...],
) -> st.SearchStrategy[tuple[tuple[int | str, Choice, bool], ...]]:
    return st.tuples(*(st.tuples(GAPS, st.just(choice), THERE) for choice in choices))


def later(now: datetime, gap: int | str) -> datetime:
    """Advance by minutes, or to the next instant at which limits end."""
    if isinstance(gap, int):
        return now + timedelta(minutes=gap)
    local = now.astimezone(SHANGHAI)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), SHANGHAI)
    if gap == "midnight":
        return midnight.astimezone(UTC)
    if gap == "a minute before midnight":
        return max(now, (midnight - timedelta(minutes=1)).astimezone(UTC))
    return max(now, datetime.combine(local.date(), time(17, 30), SHANGHAI).astimezone(UTC))


def play_scenario(scenario: Scenario) -> SimulatedWorker:
    """Play a scenario by the procedure, then two months without actions."""
    play = SimulatedWorker(scenario.start, load_calendar(), policy=scenario.policy)
    for n, (gap, which, present) in enumerate(scenario.acts):
        play.wait(later(play.now, gap))
        choices = CHOICES.get(play.claim.stage, ())
        if present and play.away:
            play.come_back()
        elif not present:
            play.leave()
        if choices:
            _do(play, *(choices[which % len(choices)] if isinstance(which, int) else which), n)
    play.come_back()
    play.wait(play.now + timedelta(days=75))
    return play


def _do(play: SimulatedWorker, action: Action, said: Said, n: int) -> None:
    needed = (Action.CONTACT, Action.REPLY) if action is Action.FEEDBACK else ()
    for each in (*needed, action):
        body = {"request_id": f"{n}-{each}", **said}
        letter = envelope(_actor(play, each), each, body, at=play.now, received_at=play.now)
        play.put(Sent(each, letter))


def _actor(play: SimulatedWorker, action: Action) -> Actor:
    if action is Action.VERIFY and play.claim.stage is Stage.LEADERSHIP:
        return COORDINATOR
    dispatch = play.claim.dispatch
    return ACTORS.get(action) or person(Role.HEAD, dispatch.unit.id if dispatch else POWER)
