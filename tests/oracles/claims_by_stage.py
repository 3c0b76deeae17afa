"""Claims advanced to every stage by the procedure, for the golden matrix.

The usual claim was dispatched to a first unit (POWER), returned, and dispatched to a district (TENGZHOU) that
delegated it to its bureau; a co-unit (WATER) helps. 2026-11-24 is a Tuesday.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Category, Role
from claims.model.values import Actor
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ARBITER,
    CALLER,
    ENTERPRISE,
    HANDLER,
    HOUSING,
    OPERATOR,
    POWER,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    person,
)

DISTRICT: Final = person(Role.HANDLER, TENGZHOU)
BUREAU: Final = person(Role.HANDLER, TENGZHOU_HOUSING)
CO_UNIT: Final = person(Role.HANDLER, WATER)
FULL_FROM_THE_START: Final = DEFAULT_POLICY.model_copy(update={"journal_lines": 1})


def registered(category: Category = Category.HELP) -> Paper:
    return Paper(category=category)


def answered() -> Paper:
    paper = registered(Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    return paper


def answer_did_not_satisfy() -> Paper:
    paper = answered()
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    return paper


def split() -> Paper:
    """One matter of the call was split off (R49)."""
    paper = registered()
    paper.must(Action.SPLIT, OPERATOR)
    return paper


def full(build: Callable[[Paper], Paper]) -> Callable[[], Paper]:
    """Build the claim under a policy with all maximums reached from the start."""
    return lambda: build(Paper(policy=FULL_FROM_THE_START))


def usual(build: Callable[[Paper], Paper]) -> Callable[[], Paper]:
    return lambda: build(Paper())


def part_signed(build: Callable[[Paper], Paper]) -> Callable[[], Paper]:
    """The co-unit has signed for its part (R22)."""
    return _and(build, Action.SIGN_FOR)


def part_reported(build: Callable[[Paper], Paper]) -> Callable[[], Paper]:
    """The co-unit has reported its part (R22)."""
    return _and(build, Action.REPORT_PART)


def _and(build: Callable[[Paper], Paper], action: Action) -> Callable[[], Paper]:
    def built() -> Paper:
        paper = build(Paper())
        paper.must(action, CO_UNIT)
        return paper

    return built


def moved_on(paper: Paper) -> Paper:
    """At the second unit, not delegated."""
    paper.dispatched(POWER, co_units=[WATER])
    paper.must(Action.REJECT, HANDLER, suggested_unit=TENGZHOU)
    paper.must(Action.REDETERMINE, SUPERVISOR, unit=TENGZHOU)
    return paper


def handling(paper: Paper) -> Paper:
    moved_on(paper).must(Action.DELEGATE, DISTRICT, unit=TENGZHOU_HOUSING)
    return paper


def first_unit(paper: Paper) -> Paper:
    """At the district from the start."""
    paper.dispatched(TENGZHOU, co_units=[WATER])
    paper.must(Action.DELEGATE, DISTRICT, unit=TENGZHOU_HOUSING)
    return paper


def returned(paper: Paper) -> Paper:
    first_unit(paper).must(Action.REJECT, DISTRICT, suggested_unit=HOUSING)
    return paper


def objected(paper: Paper) -> Paper:
    """The unit of a redetermination has objected, so the claim is at the arbiter (R16)."""
    handling(paper).must(Action.REJECT, DISTRICT, suggested_unit=HOUSING)
    return paper


def signed(paper: Paper) -> Paper:
    handling(paper).must(Action.SIGN_FOR, BUREAU)
    return paper


def contacted(paper: Paper) -> Paper:
    handling(paper).must(Action.CONTACT, BUREAU)
    return paper


def replied(paper: Paper) -> Paper:
    handling(paper).must(Action.REPLY, BUREAU)
    return paper


def worked(paper: Paper) -> Paper:
    contacted(paper).must(Action.REPLY, BUREAU)
    return paper


def window_closed(paper: Paper) -> Paper:
    handling(paper).until("Thu 2026-11-26 08:00")
    return paper


def confirmed(paper: Paper) -> Paper:
    returned(paper).must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    return paper


def arbitrated(paper: Paper) -> Paper:
    """Dispatched to another unit than the first."""
    paper.dispatched(POWER, co_units=[WATER])
    paper.must(Action.REJECT, HANDLER, suggested_unit=TENGZHOU)
    paper.must(Action.REFER, SUPERVISOR)
    paper.must(Action.ARBITRATE, ARBITER, unit=TENGZHOU)
    paper.must(Action.DELEGATE, DISTRICT, unit=TENGZHOU_HOUSING)
    return paper


def arbitrated_to_the_same(paper: Paper) -> Paper:
    objected(paper).must(Action.ARBITRATE, ARBITER, unit=TENGZHOU)
    return paper


def extension_requested(paper: Paper) -> Paper:
    handling(paper).must(Action.REQUEST_EXTENSION, DISTRICT)
    return paper


def extension_decided(approve: bool) -> Callable[[], Paper]:
    def build() -> Paper:
        paper = extension_requested(Paper())
        paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=approve)
        return paper

    return build


def tenth_day_over(paper: Paper) -> Paper:
    handling(paper).until("Wed 2026-12-09 08:00")
    return paper


def fed_back(paper: Paper, **fields: object) -> Paper:
    worked(paper).must(Action.FEEDBACK, BUREAU, **fields)
    return paper


def sent_back(paper: Paper) -> Paper:
    fed_back(paper).must(Action.VERIFY, SUPERVISOR)
    return paper


def sent_back_late(paper: Paper) -> Paper:
    worked(paper).until("Wed 2026-12-09 08:00")
    paper.must(Action.FEEDBACK, BUREAU)
    paper.must(Action.VERIFY, SUPERVISOR)
    return paper


def nobody_reached(paper: Paper) -> Paper:
    fed_back(paper)
    for day in range(3):
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
        if day < 2:
            paper.wait(timedelta(days=1))
    return paper


def unreachable(paper: Paper) -> Paper:
    nobody_reached(paper).wait(timedelta(days=8))
    return paper


def reopened(paper: Paper) -> Paper:
    unreachable(paper).must(Action.REOPEN, ENTERPRISE)
    return paper


def never_reopened(paper: Paper) -> Paper:
    unreachable(paper).wait(timedelta(days=30))
    return paper


def redo(paper: Paper, *, disputes: bool = False) -> Paper:
    fed_back(paper).must(Action.CALL_BACK, CALLER, grade="dissatisfied", contacted=not disputes)
    return paper


def redo_signed(paper: Paper) -> Paper:
    redo(paper).must(Action.SIGN_FOR, BUREAU)
    return paper


def called_again(paper: Paper, *, disputes: bool = False) -> Paper:
    redo(paper, disputes=disputes).must(Action.FEEDBACK, BUREAU)
    return paper


def review(paper: Paper, *, disputes: bool = False) -> Paper:
    called_again(paper, disputes=disputes).must(Action.CALL_BACK, CALLER, grade="very-dissatisfied")
    return paper


def verification(paper: Paper, *, disputes: bool = False) -> Paper:
    review(paper, disputes=disputes).must(Action.REVIEW_FORM, DISTRICT)
    return paper


def completion(paper: Paper, *, disputes: bool = False) -> Paper:
    verification(paper, disputes=disputes).must(Action.VERIFY, SUPERVISOR)
    return paper


def leadership(paper: Paper, *, disputes: bool = False) -> Paper:
    completion(paper, disputes=disputes)
    for _ in range(2):
        paper.must(Action.FEEDBACK, BUREAU)
        paper.must(Action.VERIFY, SUPERVISOR)
    return paper


def verified(paper: Paper, *, disputes: bool = False) -> Paper:
    verification(paper, disputes=disputes).must(Action.VERIFY, SUPERVISOR, compliant=True)
    return paper


def explained(paper: Paper, *, disputes: bool = False) -> Paper:
    verified(paper, disputes=disputes).must(Action.REPLY, BUREAU)
    return paper


def satisfied(paper: Paper, *, disputes: bool = False) -> Paper:
    fed_back(paper).must(Action.CALL_BACK, CALLER, contacted=not disputes)
    return paper


def found_false(paper: Paper) -> Paper:
    satisfied(paper, disputes=True).must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    return paper


def disputing(build: Callable[..., Paper]) -> Callable[[], Paper]:
    """The enterprise has said that nobody contacted it."""
    return lambda: build(Paper(), disputes=True)


def closed_at_once(action: Action, actor: Actor) -> Callable[[], Paper]:
    def build() -> Paper:
        paper = Paper()
        paper.must(action, actor)
        return paper

    return build


def merge_unanswered() -> Paper:
    """The claim has asked another claim to take over its matter (R48)."""
    paper = Paper()
    paper.is_taken_over = False
    paper.must(Action.MERGE, OPERATOR)
    return paper


def withdrawn(paper: Paper) -> Paper:
    handling(paper).must(Action.WITHDRAW, CALLER)
    return paper
