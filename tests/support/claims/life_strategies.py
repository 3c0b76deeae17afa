"""Lives of claims, generated: who does what after how long."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from hypothesis import strategies as st
from pydantic import JsonValue

from calendar_rules import SHANGHAI
from calendar_rules.loading import load_calendar
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
from tests.support.claims.simulated_worker import Driven, Sent

Said = dict[str, JsonValue]
Choice = tuple[Action, Said]
BUSINESS_DAY: Final = DEFAULT_POLICY.model_copy(update={"cutoff": time(17, 30), "version": "test"})
FED_BACK: Final[Choice] = (Action.FEEDBACK, {})
"""In one sitting with the contact and the reply that it needs."""
DELIVERED: Final[Choice] = (Action.DISPATCH, {"unit": POWER})
SENT_BACK: Final[Choice] = (Action.VERIFY, {"compliant": False})
RETURNED: Final[Choice] = (Action.REJECT, {"suggested_unit": HOUSING})
ASKED_FOR_MORE: Final[Choice] = (Action.REQUEST_EXTENSION, {})
APPROVED: Final[Choice] = (Action.DECIDE_EXTENSION, {"approve": True})
REFUSED: Final[Choice] = (Action.DECIDE_EXTENSION, {"approve": False})
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
        (Action.CALL_BACK, {"grade": "dissatisfied"}),
        (Action.CALL_BACK, {"grade": "very-dissatisfied"}),
        SENT_BACK,
        (Action.VERIFY, {"compliant": True}),
    ),
    Stage.REDO: (FED_BACK, FED_BACK, (Action.CONTACT, {})),
    Stage.REVIEW: ((Action.REVIEW_FORM, {}),),
    Stage.VERIFICATION: (
        (Action.VERIFY, {"compliant": False}),
        (Action.VERIFY, {"compliant": False, "order_days": 2}),
        (Action.VERIFY, {"compliant": False, "order_days": 15}),
        (Action.VERIFY, {"compliant": False, "order_days": 1}),
        (Action.VERIFY, {"compliant": True}),
    ),
    Stage.COMPLETION: (FED_BACK,),
    Stage.LEADERSHIP: (
        (Action.VERIFY, {"compliant": False, "order_days": 2}),
        (Action.VERIFY, {"compliant": False}),
    ),
}
ACTORS: Final = {
    **dict.fromkeys((Action.DISPATCH,), OPERATOR),
    **dict.fromkeys((Action.REDETERMINE, Action.REFER, Action.DECIDE_EXTENSION, Action.VERIFY), SUPERVISOR),
    Action.ARBITRATE: ARBITER,
    Action.CALL_BACK: CALLER,
}
GAPS: Final = st.one_of(
    st.integers(0, 24 * 60),
    st.integers(0, 3 * 24 * 60),
    st.integers(0, 15 * 24 * 60),
    st.sampled_from(("midnight", "a minute before midnight", "the end of business")),
)


@dataclass(frozen=True)
class Life:
    """`acts`: how long after the one before, what or which of the stage's choices, and is the worker there?"""

    start: datetime
    policy: Policy
    acts: tuple[tuple[int | str, int | Choice, bool], ...]


FIRST: Final = datetime(2007, 1, 8, tzinfo=SHANGHAI)
LAST: Final = datetime(2028, 1, 1, tzinfo=SHANGHAI)


def life_of(start: datetime, *acts: tuple[int, Choice]) -> Life:
    """A life of a story's own: so many minutes after the act before."""
    return Life(start, DEFAULT_POLICY, tuple((gap, what, True) for gap, what in acts))


def starts() -> st.SearchStrategy[datetime]:
    """Any minute of 2007 to 2027, and often those around the Spring Festival and the National Day."""
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


def lives() -> st.SearchStrategy[Life]:
    """Up to sixteen acts, then nobody does anything any more."""
    policies = st.sampled_from((DEFAULT_POLICY, DEFAULT_POLICY, BUSINESS_DAY))
    act = st.tuples(GAPS, st.integers(0, 359), st.sampled_from((True, True, True, False)))
    return st.builds(Life, starts(), policies, st.lists(act, min_size=3, max_size=16).map(tuple))


def later(now: datetime, gap: int | str) -> datetime:
    """So many minutes later, or at an instant at which limits end."""
    if isinstance(gap, int):
        return now + timedelta(minutes=gap)
    local = now.astimezone(SHANGHAI)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), SHANGHAI)
    if gap == "midnight":
        return midnight.astimezone(UTC)
    if gap == "a minute before midnight":
        return max(now, (midnight - timedelta(minutes=1)).astimezone(UTC))
    return max(now, datetime.combine(local.date(), time(17, 30), SHANGHAI).astimezone(UTC))


def live(life: Life) -> Driven:
    """The procedure lives it, and two months in which nobody does anything."""
    play = Driven(life.start, load_calendar(), policy=life.policy)
    for n, (gap, which, present) in enumerate(life.acts):
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


def _do(play: Driven, action: Action, said: Said, n: int) -> None:
    needed = (Action.CONTACT, Action.REPLY) if action is Action.FEEDBACK else ()
    for each in (*needed, action):
        body = {"request_id": f"{n}-{each}", **said}
        letter = envelope(_actor(play, each), each, body, at=play.now, received_at=play.now)
        play.put(Sent(each, letter))


def _actor(play: Driven, action: Action) -> Actor:
    if action is Action.VERIFY and play.claim.stage is Stage.LEADERSHIP:
        return COORDINATOR
    dispatch = play.claim.dispatch
    return ACTORS.get(action) or person(Role.HEAD, dispatch.unit.id if dispatch else POWER)
