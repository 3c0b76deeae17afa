"""Each refusal of cited_rules.yaml, tried on a claim advanced by the procedure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from claims.model.journal import Outcome
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Category, Role
from claims.model.values import Actor
from tests.oracles import claims_by_stage as staged
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ARBITER,
    CALLER,
    COORDINATOR,
    ENTERPRISE,
    HANDLER,
    OPERATOR,
    POWER,
    SUPERVISOR,
    WATER,
    person,
)


@dataclass(frozen=True)
class Tried:
    """An action on a claim; calling it returns its outcome."""

    build: Callable[[], Paper]
    action: Action
    actor: Actor
    fields: Mapping[str, object]

    def __call__(self) -> Outcome:
        return self.build().do(self.action, self.actor, **self.fields)


def tried(build: Callable[[], Paper], action: Action, actor: Actor, /, **fields: object) -> Tried:
    """Return the action on the claim."""
    return Tried(build, action, actor, fields)


def on(build: Callable[[Paper], Paper], action: Action, actor: Actor, /, **fields: object) -> Tried:
    """Return the action on a situation of the golden matrix."""
    return tried(staged.usual(build), action, actor, **fields)


def allowing(dispatches: int) -> Paper:
    """Return a claim whose policy allows this many dispatches. Three are impossible without an arbitration,
    which is final.
    """
    return Paper(policy=DEFAULT_POLICY.model_copy(update={"max_dispatches": dispatches}))


def exhausted() -> Paper:
    return Paper(policy=staged.FULL_FROM_THE_START).dispatched()


LATER: Final = "2026-11-24T23:00:00+08:00"
EXPLAINED_LATER: Final = {"at": LATER, "means": "电话", "person": "王经理"}
UNPLACED: Final = Actor(sub="甲", roles=(Role.OPERATOR, Role.HANDLER))
"""Sees every claim and belongs to no unit."""
DISTRICT, BUREAU = staged.DISTRICT, staged.BUREAU
ASKED: Final[Mapping[str, Callable[[], Outcome]]] = {
    "role that may do this in no stage": tried(Paper, Action.DISPATCH, CALLER),
    "claim that is not theirs": tried(Paper, Action.CONTACT, HANDLER),
    "another unit handles it": on(staged.handling, Action.CONTACT, staged.CO_UNIT),
    "unit's act by somebody of no unit": on(staged.handling, Action.CONTACT, UNPLACED),
    "return or extension by a delegate": on(staged.handling, Action.REJECT, BUREAU),
    "report by a unit without a part": on(staged.handling, Action.REPORT_PART, BUREAU),
    "ruling by another office": on(staged.objected, Action.ARBITRATE, person(Role.ARBITER, "ZZ-SFJ")),
    "answer to what is no consultation": tried(Paper, Action.ANSWER, OPERATOR),
    "second answer on the spot": tried(staged.answer_did_not_satisfy, Action.ANSWER, OPERATOR),
    "declining what was answered on the spot": tried(staged.answer_did_not_satisfy, Action.DECLINE, OPERATOR),
    "merging what was answered on the spot": tried(staged.answer_did_not_satisfy, Action.MERGE, OPERATOR),
    "splitting what was answered on the spot": tried(staged.answer_did_not_satisfy, Action.SPLIT, OPERATOR),
    "second split": tried(staged.split, Action.SPLIT, OPERATOR),
    "second signing for a part": tried(staged.part_signed(staged.handling), Action.SIGN_FOR, staged.CO_UNIT),
    "second report of a part": tried(
        staged.part_reported(staged.handling), Action.REPORT_PART, staged.CO_UNIT, outcome="none"
    ),
    "second signing": on(staged.signed, Action.SIGN_FOR, BUREAU),
    "return after the window": on(staged.window_closed, Action.REJECT, DISTRICT),
    "return by a unit that was confirmed": on(staged.confirmed, Action.REJECT, DISTRICT),
    "return of an arbitrated dispatch": on(staged.arbitrated, Action.REJECT, DISTRICT),
    "return after an application for more time": on(staged.extension_requested, Action.REJECT, DISTRICT),
    "return in a redo": on(staged.redo, Action.REJECT, DISTRICT),
    "fourth dispatch": tried(lambda: allowing(1).returned(), Action.REDETERMINE, SUPERVISOR),
    "dispatch by the desk beyond the most": tried(lambda: allowing(0), Action.DISPATCH, OPERATOR),
    "feedback without contact": on(staged.replied, Action.FEEDBACK, BUREAU),
    "feedback without reply": on(staged.contacted, Action.FEEDBACK, BUREAU),
    "extension after the tenth day": on(staged.tenth_day_over, Action.REQUEST_EXTENSION, DISTRICT),
    "second extension": tried(staged.extension_decided(approve=False), Action.REQUEST_EXTENSION, DISTRICT),
    "extension in a redo": on(staged.redo, Action.REQUEST_EXTENSION, DISTRICT),
    "decision on no extension": on(staged.handling, Action.DECIDE_EXTENSION, SUPERVISOR),
    "false feedback that nobody disputed": on(staged.redo, Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR),
    "reopening of what was not unreachable": on(staged.verified, Action.REOPEN, ENTERPRISE),
    "reopening after ten working days": on(staged.never_reopened, Action.REOPEN, ENTERPRISE),
    "explanation that nobody awaits": on(staged.unreachable, Action.REPLY, BUREAU),
    "one reminder too many": tried(exhausted, Action.REMIND, CALLER),
    "one wish to withdraw too many": tried(exhausted, Action.WITHDRAW, ENTERPRISE),
    "second merge while one waits for its answer": tried(
        staged.merge_unanswered, Action.MERGE, OPERATOR, into="QH202611230008"
    ),
    "merge that the other claim refuses": lambda: staged.merge_unanswered().answered(accepted=False),
    "answer without an article": tried(
        lambda: Paper(category=Category.CONSULTATION), Action.ANSWER, OPERATOR, article=""
    ),
    "declining for a reason of one's own": tried(Paper, Action.DECLINE, OPERATOR, reason="太忙了"),
    "declining to a door of one's own": tried(Paper, Action.DECLINE, OPERATOR, door="以后再说"),
    "declining to the wrong door": tried(Paper, Action.DECLINE, OPERATOR, door="119"),
    "split into one matter": tried(Paper, Action.SPLIT, OPERATOR, matters=[{"matter": "供电"}]),
    "dispatch without a basis": tried(Paper, Action.DISPATCH, OPERATOR, basis=""),
    "lead that is its own co-unit": tried(Paper, Action.DISPATCH, OPERATOR, co_units=[POWER]),
    "dispatch to no unit": tried(Paper, Action.DISPATCH, OPERATOR, unit="ZZ-NONE"),
    "return without the head's signature": tried(
        lambda: Paper().dispatched(), Action.REJECT, HANDLER, signature=None
    ),
    "return that suggests nobody": tried(
        lambda: Paper().dispatched(), Action.REJECT, HANDLER, suggested_unit=""
    ),
    "return that suggests the unit itself": tried(
        lambda: Paper().dispatched(), Action.REJECT, HANDLER, suggested_unit=POWER
    ),
    "new dispatch to nobody": tried(lambda: Paper().returned(), Action.REDETERMINE, SUPERVISOR, unit=""),
    "new dispatch to the same unit": tried(
        lambda: Paper().returned(), Action.REDETERMINE, SUPERVISOR, unit=POWER
    ),
    "contact that has not happened yet": tried(
        lambda: Paper().dispatched(), Action.CONTACT, HANDLER, at=LATER
    ),
    "contact dated before registration": tried(
        lambda: Paper().dispatched(), Action.CONTACT, HANDLER, at="2026-11-23T23:59:00+08:00"
    ),
    "contact dated before delivery": tried(
        lambda: Paper().dispatched(), Action.CONTACT, HANDLER, at="2026-11-24T08:59:59+08:00"
    ),
    "extension without the head's signature": tried(
        lambda: Paper().dispatched(), Action.REQUEST_EXTENSION, HANDLER, signature=None
    ),
    "ruling without the opinion of 市司法局": on(staged.objected, Action.ARBITRATE, ARBITER, opinion=None),
    "ruling with an opinion of tomorrow": on(
        staged.objected,
        Action.ARBITRATE,
        ARBITER,
        opinion={"name": "张科长", "given_on": "2026-11-25", "text": "同意"},
    ),
    "extension that was not explained": tried(
        lambda: Paper().dispatched(), Action.REQUEST_EXTENSION, HANDLER, explained=None
    ),
    "extension explained in the future": tried(
        lambda: Paper().dispatched(), Action.REQUEST_EXTENSION, HANDLER, explained=EXPLAINED_LATER
    ),
    "delegation to a unit that is not below": on(staged.moved_on, Action.DELEGATE, DISTRICT, unit=WATER),
    "call that reached somebody without a grade": on(staged.fed_back, Action.CALL_BACK, CALLER, grade=None),
    "call without an answer to both questions": on(
        staged.fed_back, Action.CALL_BACK, CALLER, resolved=None, contacted=None
    ),
    "enterprise that says that nobody was reached": on(
        staged.fed_back, Action.CALL_BACK, ENTERPRISE, reached=False, grade=None
    ),
    "review form without signature": on(staged.review, Action.REVIEW_FORM, DISTRICT, signature=None),
    "review form without seal": on(staged.review, Action.REVIEW_FORM, DISTRICT, seal=""),
    "order of sixteen days": on(staged.verification, Action.VERIFY, SUPERVISOR, order_days=16),
    "order of no days": on(staged.verification, Action.VERIFY, SUPERVISOR, order_days=0),
    "third order by the leadership group": on(staged.leadership, Action.VERIFY, COORDINATOR, order_days=3),
    "withdrawal without a confirming call": tried(Paper, Action.WITHDRAW, CALLER, confirmed_by_call=False),
    "merging into itself": tried(Paper, Action.MERGE, OPERATOR, into="QH202611240001"),
    "merging into what can be no number": tried(Paper, Action.MERGE, OPERATOR, into="枣庄"),
    "form that cannot be read": on(staged.worked, Action.FEEDBACK, BUREAU, outcome="done"),
    "verification that cannot be read": on(staged.verification, Action.VERIFY, SUPERVISOR, opinion=""),
    "last opinion that cannot be read": on(staged.leadership, Action.VERIFY, COORDINATOR, opinion=""),
}
