"""Who may do what in which stage: one table, read by everything that decides or shows it.

A row allows an action in a stage to roles, on claims of a reach, if its question is answered with
yes. No other place decides what may be done now.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from claims import guards as ask
from claims.model.claim import Claim
from claims.model.labels import label
from claims.model.organisation import UnitRef
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Action as A
from claims.model.terms import Role
from claims.model.terms import Stage as S
from claims.model.values import Actor


class Reach(StrEnum):
    """Whose claims a row is about."""

    CITY = "city"
    LEAD = "lead"
    PARTY = "party"
    OWN = "own"


class Row(NamedTuple):
    """One line of the table. `asks` raises `Refused` where a further rule stands in the way."""

    stage: S
    action: A
    roles: tuple[Role, ...]
    reach: Reach
    rule: str
    asks: ask.Condition = ask.nothing_more


DESK = (Role.OPERATOR,)
PLATFORM = (Role.SUPERVISOR,)
HOTLINE = (Role.CALLER,)
UNIT = (Role.HANDLER, Role.HEAD)
ARBITER = (Role.ARBITER,)
CLAIMANT: Final = (*HOTLINE, *DESK, Role.ENTERPRISE)
"""The enterprise, or whoever writes down what it says."""
REVIEWING: Final = (S.REVIEW, S.VERIFICATION, S.COMPLETION, S.LEADERSHIP)
OPEN: Final = (
    *(S.REGISTERED, S.HANDLING, S.REDETERMINATION, S.ARBITRATION, S.CALL_BACK, S.REDO),
    *REVIEWING,
)

TABLE: Final[tuple[Row, ...]] = (
    # 分类处置 §二.三.2
    Row(S.REGISTERED, A.ANSWER, DESK, Reach.CITY, "R12", ask.is_consultation),
    Row(S.REGISTERED, A.DECLINE, DESK, Reach.CITY, "R13"),
    Row(S.REGISTERED, A.DISPATCH, DESK, Reach.CITY, "R14", ask.may_be_dispatched_again),
    # 限期办理 §二.四
    Row(S.HANDLING, A.SIGN_FOR, UNIT, Reach.LEAD, "R20", ask.is_unsigned),
    Row(S.HANDLING, A.REJECT, UNIT, Reach.LEAD, "R15", ask.may_be_returned),
    Row(S.HANDLING, A.CONTACT, UNIT, Reach.LEAD, "§二.四.1"),
    Row(S.HANDLING, A.REPLY, UNIT, Reach.LEAD, "§二.四.2"),
    Row(S.HANDLING, A.FEEDBACK, UNIT, Reach.LEAD, "R18", ask.has_contacted_and_replied),
    Row(S.HANDLING, A.PROGRESS, UNIT, Reach.PARTY, "R18", ask.may_be_said_again),
    Row(S.HANDLING, A.DELEGATE, UNIT, Reach.LEAD, "R21"),
    Row(S.HANDLING, A.REQUEST_EXTENSION, UNIT, Reach.LEAD, "R17", ask.may_be_extended),
    Row(S.HANDLING, A.DECIDE_EXTENSION, (*PLATFORM, Role.CONSOLE), Reach.CITY, "R17", ask.extension_waits),
    # 退单核定与裁定 §二.三.2
    Row(S.REDETERMINATION, A.REDETERMINE, PLATFORM, Reach.CITY, "R15"),
    Row(S.REDETERMINATION, A.REFER, PLATFORM, Reach.CITY, "R15"),
    Row(S.ARBITRATION, A.ARBITRATE, ARBITER, Reach.CITY, "R16"),
    # 回访评价与重办 §二.五.3
    Row(S.CALL_BACK, A.CALL_BACK, (*HOTLINE, Role.ENTERPRISE, Role.CONSOLE), Reach.OWN, "R40"),
    Row(S.ANSWERED, A.CALL_BACK, (*HOTLINE, Role.ENTERPRISE, Role.CONSOLE), Reach.OWN, "R12"),
    Row(S.CALL_BACK, A.VERIFY, PLATFORM, Reach.CITY, "R18"),
    Row(S.REDO, A.SIGN_FOR, UNIT, Reach.LEAD, "R20", ask.is_unsigned),
    Row(S.REDO, A.CONTACT, UNIT, Reach.LEAD, "R43"),
    Row(S.REDO, A.REPLY, UNIT, Reach.LEAD, "R43"),
    Row(S.REDO, A.PROGRESS, UNIT, Reach.PARTY, "R43", ask.may_be_said_again),
    Row(S.REDO, A.DELEGATE, UNIT, Reach.LEAD, "R21"),
    Row(S.REDO, A.FEEDBACK, UNIT, Reach.LEAD, "R43"),
    # 不满意审核与责成办结 §二.六.2, §二.六.3
    Row(S.REVIEW, A.REVIEW_FORM, UNIT, Reach.LEAD, "R44"),
    Row(S.VERIFICATION, A.VERIFY, PLATFORM, Reach.CITY, "R44"),
    Row(S.COMPLETION, A.CONTACT, UNIT, Reach.LEAD, "R45"),
    Row(S.COMPLETION, A.REPLY, UNIT, Reach.LEAD, "R45"),
    Row(S.COMPLETION, A.FEEDBACK, UNIT, Reach.LEAD, "R45"),
    Row(S.LEADERSHIP, A.VERIFY, (Role.COORDINATOR,), Reach.CITY, "R45"),
    *(Row(s, A.PROGRESS, UNIT, Reach.PARTY, "R44", ask.may_be_said_again) for s in REVIEWING),
    # 办结以后 R41, R44
    Row(S.CLOSED, A.REPLY, UNIT, Reach.LEAD, "R44", ask.explanation_awaited),
    Row(S.CLOSED, A.REOPEN, CLAIMANT, Reach.OWN, "R41", ask.may_be_reopened),
    # 虚假反馈 R52
    *(
        Row(s, A.CONFIRM_FALSE_FEEDBACK, PLATFORM, Reach.CITY, "R52", ask.contact_is_disputed)
        for s in (S.CALL_BACK, S.REDO, *REVIEWING, S.CLOSED)
    ),
    # 并案 R48
    *(Row(s, A.MERGE, DESK, Reach.CITY, "R48") for s in (S.REGISTERED, S.HANDLING)),
    # At any time until the claim is closed: R46, R47
    *(Row(s, A.REMIND, CLAIMANT, Reach.OWN, "R46", ask.may_be_said_again) for s in OPEN),
    *(Row(s, A.SUPPLEMENT, CLAIMANT, Reach.OWN, "R46", ask.may_be_said_again) for s in OPEN),
    *(Row(s, A.WITHDRAW, CLAIMANT, Reach.OWN, "R47") for s in OPEN),
)

_ROWS: Final = {(row.stage, row.action): row for row in TABLE}
_ROLES: Final = {
    action: frozenset(role for row in TABLE if row.action is action for role in row.roles) for action in A
}


def row_of(stage: S, action: A) -> Row | None:
    """The table's row for an action in a stage; None where the stage has no such action."""
    return _ROWS.get((stage, action))


def roles_for(action: A) -> frozenset[Role]:
    """Every role that may do this in some stage."""
    return _ROLES[action]


def check(claim: Claim, action: A, actor: Actor, at: datetime) -> Row:
    """May the actor do this to the claim at this instant? Raises `Refused` with the rule if not."""
    if not actor.has(*roles_for(action)):
        roles = "、".join(
            label(role) for role in Role if role in roles_for(action) and role is not Role.CONSOLE
        )
        reason = f"您的身份不能{label(action)}"
        raise Refused("§1", reason, f"请由{roles}办理", kind=RefusalKind.WRONG_ROLE)
    _check_ownership(claim, actor)
    row = None if claim.over else row_of(claim.stage, action)
    if row is None:
        raise Refused(rule_of(action), *_not_in_this_stage(claim, action))
    if not actor.has(*row.roles):
        raise Refused(row.rule, f"您的身份不能在此阶段{label(action)}", kind=RefusalKind.WRONG_ROLE)
    if row.reach in (Reach.LEAD, Reach.PARTY):
        _check_takes_part(claim, actor, row.reach)
    row.asks(claim, at)
    return row


def rule_of(action: A) -> str:
    """The rule that an action is about."""
    return next(row.rule for row in TABLE if row.action is action)


def _not_in_this_stage(claim: Claim, action: A) -> tuple[str, str]:
    if claim.over or claim.stage is S.CLOSED:
        return f"工单已办结，不能再{label(action)}", "如有新的情况，请登记新的诉求"
    possible = "、".join(dict.fromkeys(label(row.action) for row in TABLE if row.stage is claim.stage))
    return f"工单现处于“{label(claim.stage)}”，不能{label(action)}", f"此阶段可以：{possible}"


_PLATFORM_ROLES: Final = (
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.CALLER,
    Role.ARBITER,
    Role.COORDINATOR,
    Role.INSPECTOR,
    Role.AUDITOR,
    Role.ADMIN,
    Role.CONSOLE,
)


def may_see(claim: Claim, actor: Actor) -> bool:
    """The city platform sees all; a unit its own and those of units below it; an enterprise its own."""
    if actor.has(*_PLATFORM_ROLES):
        return True
    if actor.has(*UNIT) and actor.unit is not None and _is_above(actor.unit, _units_of(claim)):
        return True
    return actor.has(Role.ENTERPRISE) and actor.name == claim.order.enterprise


def _units_of(claim: Claim) -> Iterable[UnitRef]:
    for dispatch in claim.dispatches:
        yield dispatch.acting
        yield from (co_unit.unit for co_unit in dispatch.co_units)


def _is_above(unit: UnitRef, others: Iterable[UnitRef]) -> bool:
    return any(unit.id in other.path for other in others)


def _check_ownership(claim: Claim, actor: Actor) -> None:
    if not may_see(claim, actor):
        raise Refused("§1", f"没有编号为{claim.number}的工单", kind=RefusalKind.NOT_YOURS)


def _check_takes_part(claim: Claim, actor: Actor, reach: Reach) -> None:
    """Only the lead of the current dispatch handles it (首接负责); its co-units report progress (R14)."""
    dispatch = claim.dispatch
    if dispatch is None or actor.unit is None:
        raise Refused("R14", "此事项由承办单位办理", kind=RefusalKind.WRONG_ROLE)
    parties = [dispatch.acting]
    if reach is Reach.PARTY:
        parties += [co_unit.unit for co_unit in dispatch.co_units]
    if not _is_above(actor.unit, parties):
        lead = dispatch.unit.name
        raise Refused("R14", "此事项由首接单位办理", f"请由{lead}办理", kind=RefusalKind.WRONG_ROLE)


def allowed_actions(claim: Claim, actor: Actor, at: datetime) -> list[A]:
    """What the actor may do to the claim now, in the table's order."""
    return [row.action for row in TABLE if row.stage is claim.stage and _allows(claim, row.action, actor, at)]


def _allows(claim: Claim, action: A, actor: Actor, at: datetime) -> bool:
    try:
        check(claim, action, actor, at)
    except Refused:
        return False
    return True
