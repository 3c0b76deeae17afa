"""Claims in every stage, driven there by the procedure itself, and which guards of the golden matrix hold in each.

The usual claim has been to a first unit (POWER), was returned and given to a district (TENGZHOU) that delegated it to
its bureau; a co-unit (WATER) helps. Dates: 2026-11-24 is a Tuesday.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Final, NamedTuple

from claims.policy import DEFAULT_POLICY
from claims.terms import Action, Category, Role, Stage
from claims.values import Actor
from tests.oracles.golden import UNITS, Relation
from tests.paper import Paper
from tests.people import (
    ARBITER,
    CALLER,
    ENTERPRISE,
    EVERYBODY,
    HANDLER,
    HOUSING,
    OPERATOR,
    POWER,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    XUECHENG,
    person,
)

DISTRICT: Final = person(Role.HANDLER, TENGZHOU)
BUREAU: Final = person(Role.HANDLER, TENGZHOU_HOUSING)
FULL_FROM_THE_START: Final = DEFAULT_POLICY.model_copy(update={"journal_lines": 1})


class Caller(NamedTuple):
    """Somebody, and how they stand to the usual claim."""

    role: Role
    relation: Relation
    actor: Actor


def _at(unit: str, relation: Relation) -> list[Caller]:
    return [Caller(role, relation, person(role, unit)) for role in (Role.HANDLER, Role.HEAD)]


CALLERS: Final = (
    *(
        Caller(role, Relation.CITY, actor)
        for role, actor in EVERYBODY.items()
        if role not in (Role.HANDLER, Role.HEAD, Role.ENTERPRISE)
    ),
    Caller(Role.ENTERPRISE, Relation.OWN, ENTERPRISE),
    Caller(Role.ENTERPRISE, Relation.OTHER, person(Role.ENTERPRISE, name="另一家公司")),
    *_at(TENGZHOU, Relation.LEAD),
    *_at("ZZ", Relation.ABOVE),
    *_at(TENGZHOU_HOUSING, Relation.DELEGATE),
    *_at(WATER, Relation.CO_UNIT),
    *_at(POWER, Relation.FORMER),
    *_at(XUECHENG, Relation.STRANGER),
    *_at(f"{TENGZHOU}-SPJ", Relation.STRANGER),  # below the lead, without part in the claim
    Caller(Role.HANDLER, Relation.STRANGER, person(Role.HANDLER)),
)


@dataclass(frozen=True)
class Situation:
    """A claim in a stage: how it came there, which guards hold, which units it knows."""

    name: str
    stage: Stage
    build: Callable[[], Paper]
    holds: frozenset[str] = frozenset()
    units: frozenset[Relation] = UNITS
    over: bool = False

    @property
    def paper(self) -> Paper:
        """The claim, built once; nobody may change it."""
        return _built(self.build)

    def relation(self, caller: Caller) -> Relation:
        """How the caller stands to this claim: a unit that it does not know is a stranger."""
        return Relation.STRANGER if caller.relation in UNITS - self.units else caller.relation


@cache
def _built(build: Callable[[], Paper]) -> Paper:
    return build()


NOT_FULL: Final = "journal not full"
FRESH: Final = frozenset(
    {
        "not signed for yet",
        "not arbitrated",
        "not returned before",
        "no extension applied for",
        "return window open",
        "no extension filed before",
        "resolve limit running",
        NOT_FULL,
    }
)


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


def full(build: Callable[[Paper], Paper]) -> Callable[[], Paper]:
    """The same with a policy under which every claim is full."""
    return lambda: build(Paper(policy=FULL_FROM_THE_START))


def usual(build: Callable[[Paper], Paper]) -> Callable[[], Paper]:
    return lambda: build(Paper())


def moved_on(paper: Paper) -> Paper:
    """At the second unit, undelegated."""
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
    """The unit of a redetermination goes to the arbiter (R16)."""
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
    handling(paper).until("2026-11-26 08:00")  # Thursday
    return paper


def confirmed(paper: Paper) -> Paper:
    returned(paper).must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    return paper


def arbitrated(paper: Paper) -> Paper:
    """To another unit than the first."""
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
    handling(paper).until("2026-12-09 08:00")  # Wednesday
    return paper


def fed_back(paper: Paper, **fields: object) -> Paper:
    worked(paper).must(Action.FEEDBACK, BUREAU, **fields)
    return paper


def sent_back(paper: Paper) -> Paper:
    fed_back(paper).must(Action.VERIFY, SUPERVISOR)
    return paper


def sent_back_late(paper: Paper) -> Paper:
    worked(paper).until("2026-12-09 08:00")  # Wednesday
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
    """The same, and the enterprise said that nobody had contacted it."""
    return lambda: build(Paper(), disputes=True)


def closed_at_once(action: Action, actor: Actor) -> Callable[[], Paper]:
    def build() -> Paper:
        paper = Paper()
        paper.must(action, actor)
        return paper

    return build


def withdrawn(paper: Paper) -> Paper:
    handling(paper).must(Action.WITHDRAW, CALLER)
    return paper


DISPUTED: Final = frozenset({"contact disputed"})
_PLAIN: Final = frozenset({NOT_FULL})
_WORKED: Final = frozenset({"contacted and replied"})
_NOBODY: Final[frozenset[Relation]] = frozenset()
_UNDELEGATED: Final = UNITS - {Relation.DELEGATE}
_NEVER_MOVED: Final = UNITS - {Relation.FORMER}
_APPLIED: Final = FRESH - {"no extension applied for", "no extension filed before"}
_LATE: Final = frozenset({"return window open", "resolve limit running"})

S = Stage
_HANDLING: Final = (
    Situation("as delivered", S.HANDLING, usual(handling), FRESH),
    Situation("not delegated", S.HANDLING, usual(moved_on), FRESH, _UNDELEGATED),
    Situation("at its first unit", S.HANDLING, usual(first_unit), FRESH, _NEVER_MOVED),
    Situation("signed for", S.HANDLING, usual(signed), FRESH - {"not signed for yet"}),
    Situation("contacted alone", S.HANDLING, usual(contacted), FRESH),
    Situation("replied alone", S.HANDLING, usual(replied), FRESH),
    Situation("contacted and replied", S.HANDLING, usual(worked), FRESH | _WORKED),
    Situation("after the return window", S.HANDLING, usual(window_closed), FRESH - {"return window open"}),
    Situation(
        "confirmed",
        S.HANDLING,
        usual(confirmed),
        FRESH - {"not returned before", "return window open"},
        _NEVER_MOVED,
    ),
    Situation("arbitrated", S.HANDLING, usual(arbitrated), FRESH - {"not arbitrated", "return window open"}),
    Situation(
        "arbitrated to the same unit",
        S.HANDLING,
        usual(arbitrated_to_the_same),
        FRESH - {"not arbitrated", "not returned before", "return window open"},
    ),
    Situation(
        "extension requested",
        S.HANDLING,
        usual(extension_requested),
        _APPLIED - {"resolve limit running"} | {"extension pending"},
    ),
    Situation("extension approved", S.HANDLING, extension_decided(approve=True), _APPLIED),
    Situation("extension refused", S.HANDLING, extension_decided(approve=False), _APPLIED),
    Situation("after the tenth day", S.HANDLING, usual(tenth_day_over), FRESH - _LATE),
    Situation("sent back", S.HANDLING, usual(sent_back), (FRESH | _WORKED) - {"return window open"}),
    Situation("sent back after the tenth day", S.HANDLING, usual(sent_back_late), (FRESH | _WORKED) - _LATE),
    Situation("full", S.HANDLING, full(handling), FRESH - {NOT_FULL}),
)
_REVIEWED: Final = tuple(
    situation
    for stage, build in (
        (S.REVIEW, review),
        (S.VERIFICATION, verification),
        (S.COMPLETION, completion),
        (S.LEADERSHIP, leadership),
    )
    for situation in (
        Situation("undisputed", stage, usual(build), _PLAIN),
        Situation("disputed", stage, disputing(build), _PLAIN | DISPUTED),
        Situation("full", stage, full(build)),
    )
)
_AWAITED: Final = frozenset({"awaiting explanation"})
_UNREACHED: Final = frozenset({"closed as unreachable"})
_CLOSED: Final = (
    Situation("unreachable", S.CLOSED, usual(unreachable), _UNREACHED),
    Situation("verified", S.CLOSED, usual(verified), _AWAITED),
    Situation("verified and disputed", S.CLOSED, disputing(verified), _AWAITED | DISPUTED),
    Situation("explained and disputed", S.CLOSED, disputing(explained), DISPUTED),
    Situation("satisfied and disputed", S.CLOSED, disputing(satisfied), DISPUTED),
    *(
        replace(situation, over=True)
        for situation in (
            Situation("declined", S.CLOSED, closed_at_once(Action.DECLINE, OPERATOR), units=_NOBODY),
            Situation("merged", S.CLOSED, closed_at_once(Action.MERGE, OPERATOR), units=_NOBODY),
            Situation("withdrawn", S.CLOSED, usual(withdrawn)),
            Situation("satisfied", S.CLOSED, usual(satisfied)),
            Situation("explained", S.CLOSED, usual(explained)),
            Situation("never reopened", S.CLOSED, usual(never_reopened), _UNREACHED),
            Situation("found false", S.CLOSED, usual(found_false)),
        )
    ),
)
SITUATIONS: Final = (
    Situation("help", S.REGISTERED, registered, _PLAIN, _NOBODY),
    Situation(
        "consultation",
        S.REGISTERED,
        lambda: registered(Category.CONSULTATION),
        _PLAIN | {"a consultation"},
        _NOBODY,
    ),
    Situation(
        "answer did not satisfy",
        S.REGISTERED,
        answer_did_not_satisfy,
        _PLAIN | {"a consultation"},
        _NOBODY,
    ),
    Situation("full", S.REGISTERED, full(lambda paper: paper), units=_NOBODY),
    Situation("answered", S.ANSWERED, answered, _PLAIN, _NOBODY),
    *_HANDLING,
    Situation("returned", S.REDETERMINATION, usual(returned), _PLAIN, _NEVER_MOVED),
    Situation("full", S.REDETERMINATION, full(returned), units=_NEVER_MOVED),
    Situation("objected", S.ARBITRATION, usual(objected), _PLAIN),
    Situation("full", S.ARBITRATION, full(objected)),
    Situation("fed back", S.CALL_BACK, usual(fed_back), _PLAIN),
    Situation("nobody reached", S.CALL_BACK, usual(nobody_reached), _PLAIN),
    Situation("reopened", S.CALL_BACK, usual(reopened), _PLAIN),
    Situation("disputed", S.CALL_BACK, disputing(called_again), _PLAIN | DISPUTED),
    Situation("full", S.CALL_BACK, full(fed_back)),
    Situation("not signed for", S.REDO, usual(redo), _PLAIN | {"not signed for yet"}),
    Situation("signed for", S.REDO, usual(redo_signed), _PLAIN),
    Situation("disputed", S.REDO, disputing(redo), _PLAIN | DISPUTED | {"not signed for yet"}),
    Situation("full", S.REDO, full(redo), frozenset({"not signed for yet"})),
    *_REVIEWED,
    *_CLOSED,
)


def in_stage(stage: Stage) -> list[Situation]:
    """All the claims in a stage."""
    return [situation for situation in SITUATIONS if situation.stage is stage]
