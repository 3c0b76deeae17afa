"""The situations of the golden matrix: for each, the guards that hold and the units of the claim."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple

from claims.model.terms import Action, Category, Role, Stage
from claims.model.values import Actor
from tests.oracles import claims_by_stage as staged
from tests.oracles.golden import UNITS, Relation, Verdict, verdict
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ARBITER,
    ENTERPRISE,
    EVERYBODY,
    MAYOR,
    OPERATOR,
    POWER,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    XUECHENG,
    person,
)

USUALLY: Final = frozenset({"part not signed for yet", "part not reported yet", "not of a split"})


class Caller(NamedTuple):
    """A caller and their relation to the usual claim."""

    role: Role
    relation: Relation
    actor: Actor


def _at(unit: str, relation: Relation) -> list[Caller]:
    return [Caller(role, relation, person(role, unit)) for role in (Role.HANDLER, Role.HEAD)]


CALLERS: Final = (
    *(
        Caller(role, Relation.CITY, actor)
        for role, actor in EVERYBODY.items()
        if role not in (Role.HANDLER, Role.HEAD, Role.ENTERPRISE, Role.CHANNEL, Role.ARBITER)
    ),
    Caller(Role.ARBITER, Relation.OFFICE, ARBITER),
    Caller(Role.ARBITER, Relation.CITY, person(Role.ARBITER, "ZZ-SFJ")),
    Caller(Role.CHANNEL, Relation.STRANGER, MAYOR),
    Caller(Role.ENTERPRISE, Relation.OWN, ENTERPRISE),
    Caller(Role.ENTERPRISE, Relation.OTHER, person(Role.ENTERPRISE, name="另一家公司")),
    *_at(TENGZHOU, Relation.LEAD),
    *_at("ZZ", Relation.ABOVE),
    *_at(TENGZHOU_HOUSING, Relation.DELEGATE),
    *_at(WATER, Relation.CO_UNIT),
    *_at(POWER, Relation.FORMER),
    *_at(XUECHENG, Relation.STRANGER),
    *_at(f"{TENGZHOU}-SPJ", Relation.STRANGER),  # below the lead, but without a part in the claim
    Caller(Role.HANDLER, Relation.STRANGER, person(Role.HANDLER)),
)


@dataclass(frozen=True)
class Situation:
    """A claim in a stage: how it got there, which guards hold, which units it has."""

    name: str
    stage: Stage
    build: Callable[[], Paper]
    holds: frozenset[str] = frozenset()
    units: frozenset[Relation] = UNITS
    over: bool = False
    lacks: frozenset[str] = frozenset()
    """Guards that usually hold, but not here."""

    def __post_init__(self) -> None:
        """Add the guards that hold by default."""
        object.__setattr__(self, "holds", self.holds | USUALLY - self.lacks)

    @property
    def paper(self) -> Paper:
        """The claim, built once; do not change it."""
        return _built(self.build)

    def relation(self, caller: Caller) -> Relation:
        """Return the caller's relation to this claim. A unit that is not part of it, or no longer is (R54),
        is a stranger.
        """
        has_left = caller.relation is Relation.FORMER
        return Relation.STRANGER if has_left or caller.relation in UNITS - self.units else caller.relation


@cache
def _built(build: Callable[[], Paper]) -> Paper:
    return build()


NOT_FULL: Final = "journal not full"
UNDISLIKED: Final = "no answer disliked"
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
    Situation("as delivered", S.HANDLING, staged.usual(staged.handling), FRESH),
    Situation("not delegated", S.HANDLING, staged.usual(staged.moved_on), FRESH, _UNDELEGATED),
    Situation("at its first unit", S.HANDLING, staged.usual(staged.first_unit), FRESH, _NEVER_MOVED),
    Situation("signed for", S.HANDLING, staged.usual(staged.signed), FRESH - {"not signed for yet"}),
    Situation(
        "part signed for",
        S.HANDLING,
        staged.part_signed(staged.handling),
        FRESH,
        lacks=frozenset({"part not signed for yet"}),
    ),
    Situation("contacted alone", S.HANDLING, staged.usual(staged.contacted), FRESH),
    Situation("replied alone", S.HANDLING, staged.usual(staged.replied), FRESH),
    Situation("contacted and replied", S.HANDLING, staged.usual(staged.worked), FRESH | _WORKED),
    Situation(
        "after the return window",
        S.HANDLING,
        staged.usual(staged.window_closed),
        FRESH - {"return window open"},
    ),
    Situation(
        "confirmed",
        S.HANDLING,
        staged.usual(staged.confirmed),
        FRESH - {"not returned before", "return window open"},
        _NEVER_MOVED,
    ),
    Situation(
        "arbitrated",
        S.HANDLING,
        staged.usual(staged.arbitrated),
        FRESH - {"not arbitrated", "return window open"},
    ),
    Situation(
        "arbitrated to the same unit",
        S.HANDLING,
        staged.usual(staged.arbitrated_to_the_same),
        FRESH - {"not arbitrated", "not returned before", "return window open"},
    ),
    Situation(
        "extension requested",
        S.HANDLING,
        staged.usual(staged.extension_requested),
        _APPLIED - {"resolve limit running"} | {"extension pending"},
    ),
    Situation("extension approved", S.HANDLING, staged.extension_decided(approve=True), _APPLIED),
    Situation("extension refused", S.HANDLING, staged.extension_decided(approve=False), _APPLIED),
    Situation("after the tenth day", S.HANDLING, staged.usual(staged.tenth_day_over), FRESH - _LATE),
    Situation(
        "sent back", S.HANDLING, staged.usual(staged.sent_back), (FRESH | _WORKED) - {"return window open"}
    ),
    Situation(
        "sent back after the tenth day",
        S.HANDLING,
        staged.usual(staged.sent_back_late),
        (FRESH | _WORKED) - _LATE,
    ),
    Situation("full", S.HANDLING, staged.full(staged.handling), FRESH - {NOT_FULL}),
)
_REVIEWED: Final = tuple(
    situation
    for stage, build in (
        (S.REVIEW, staged.review),
        (S.VERIFICATION, staged.verification),
        (S.COMPLETION, staged.completion),
        (S.LEADERSHIP, staged.leadership),
    )
    for situation in (
        Situation("undisputed", stage, staged.usual(build), _PLAIN),
        Situation("disputed", stage, staged.disputing(build), _PLAIN | DISPUTED),
        Situation("full", stage, staged.full(build)),
    )
)
_AWAITED: Final = frozenset({"awaiting explanation"})
_UNREACHED: Final = frozenset({"closed as unreachable"})
_CLOSED: Final = (
    Situation("unreachable", S.CLOSED, staged.usual(staged.unreachable), _UNREACHED),
    Situation("verified", S.CLOSED, staged.usual(staged.verified), _AWAITED),
    Situation("verified and disputed", S.CLOSED, staged.disputing(staged.verified), _AWAITED | DISPUTED),
    Situation("explained and disputed", S.CLOSED, staged.disputing(staged.explained), DISPUTED),
    Situation("satisfied and disputed", S.CLOSED, staged.disputing(staged.satisfied), DISPUTED),
    *(
        replace(situation, over=True)
        for situation in (
            Situation("declined", S.CLOSED, staged.closed_at_once(Action.DECLINE, OPERATOR), units=_NOBODY),
            Situation("merged", S.CLOSED, staged.closed_at_once(Action.MERGE, OPERATOR), units=_NOBODY),
            Situation("withdrawn", S.CLOSED, staged.usual(staged.withdrawn)),
            Situation("satisfied", S.CLOSED, staged.usual(staged.satisfied)),
            Situation("explained", S.CLOSED, staged.usual(staged.explained)),
            Situation("never reopened", S.CLOSED, staged.usual(staged.never_reopened), _UNREACHED),
            Situation("found false", S.CLOSED, staged.usual(staged.found_false)),
        )
    ),
)
SITUATIONS: Final = (
    Situation("help", S.REGISTERED, staged.registered, _PLAIN | {UNDISLIKED}, _NOBODY),
    Situation(
        "consultation",
        S.REGISTERED,
        lambda: staged.registered(Category.CONSULTATION),
        _PLAIN | {"a consultation", UNDISLIKED},
        _NOBODY,
    ),
    Situation(
        "answer did not satisfy",
        S.REGISTERED,
        staged.answer_did_not_satisfy,
        _PLAIN | {"a consultation"},
        _NOBODY,
    ),
    Situation("full", S.REGISTERED, staged.full(lambda paper: paper), frozenset({UNDISLIKED}), units=_NOBODY),
    Situation(
        "split",
        S.REGISTERED,
        staged.split,
        _PLAIN | {UNDISLIKED},
        _NOBODY,
        lacks=frozenset({"not of a split"}),
    ),
    Situation("answered", S.ANSWERED, staged.answered, _PLAIN, _NOBODY),
    *_HANDLING,
    Situation("returned", S.REDETERMINATION, staged.usual(staged.returned), _PLAIN, _NEVER_MOVED),
    Situation("full", S.REDETERMINATION, staged.full(staged.returned), units=_NEVER_MOVED),
    Situation("objected", S.ARBITRATION, staged.usual(staged.objected), _PLAIN),
    Situation("full", S.ARBITRATION, staged.full(staged.objected)),
    Situation("fed back", S.CALL_BACK, staged.usual(staged.fed_back), _PLAIN),
    Situation("nobody reached", S.CALL_BACK, staged.usual(staged.nobody_reached), _PLAIN),
    Situation("reopened", S.CALL_BACK, staged.usual(staged.reopened), _PLAIN),
    Situation("disputed", S.CALL_BACK, staged.disputing(staged.called_again), _PLAIN | DISPUTED),
    Situation("full", S.CALL_BACK, staged.full(staged.fed_back)),
    Situation("not signed for", S.REDO, staged.usual(staged.redo), _PLAIN | {"not signed for yet"}),
    Situation("signed for", S.REDO, staged.usual(staged.redo_signed), _PLAIN),
    Situation("disputed", S.REDO, staged.disputing(staged.redo), _PLAIN | DISPUTED | {"not signed for yet"}),
    Situation("full", S.REDO, staged.full(staged.redo), frozenset({"not signed for yet"})),
    Situation(
        "part signed for",
        S.REDO,
        staged.part_signed(staged.redo),
        _PLAIN | {"not signed for yet"},
        lacks=frozenset({"part not signed for yet"}),
    ),
    *_REVIEWED,
    *_CLOSED,
    *(
        Situation(
            "part reported",
            stage,
            staged.part_reported(build),
            holds,
            lacks=frozenset({"part not reported yet"}),
        )
        for stage, build, holds in (
            (S.HANDLING, staged.handling, FRESH),
            (S.CALL_BACK, staged.fed_back, _PLAIN),
            (S.REDO, staged.redo, _PLAIN | {"not signed for yet"}),
            (S.REVIEW, staged.review, _PLAIN),
            (S.VERIFICATION, staged.verification, _PLAIN),
            (S.COMPLETION, staged.completion, _PLAIN),
            (S.LEADERSHIP, staged.leadership, _PLAIN),
        )
    ),
)


def in_stage(stage: Stage) -> list[Situation]:
    """Return all claims in a stage."""
    return [situation for situation in SITUATIONS if situation.stage is stage]


def expected_verdict(situation: Situation, action: Action, caller: Caller) -> Verdict:
    """Return the oracle's answer to a caller's action."""
    relation = situation.relation(caller)
    return verdict(situation.stage, action, caller.role, relation, holds=situation.holds, over=situation.over)
