"""Who may do what in which stage: one table, read by everything that decides or shows it.

A row allows an action in a stage to roles, on the claims in its scope, if its guard holds. No other place
decides what may be done now; the functions in `claims.actions` only check what an action contains.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from claims import guards
from claims.model.claim import Claim
from claims.model.labels import label, role_refusal
from claims.model.organisation import ARBITRATION_OFFICE
from claims.model.policy import Policy
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Action as A
from claims.model.terms import Role
from claims.model.terms import Stage as S
from claims.model.values import Actor
from claims.need_to_know import is_above, may_see, saw_formerly
from claims.repeats import require_room


class Scope(StrEnum):
    """The claims that a row allows its roles to act on."""

    CITY = "city"
    LEAD = "lead"
    ANSWERABLE = "answerable"
    """The lead itself, not the unit that it delegated to, which gives the claim back to it (R5, R21)."""
    PARTY = "party"
    PART = "part"
    """A co-unit's own part (R22), which the row's guard asks about."""
    OWN = "own"
    ARBITERS = "arbiters"
    """Any claim, for 市委编办 alone (R16)."""


class Row(NamedTuple):
    """One line of the table. `guard` and `actor_guard` raise `Refused` if a further rule forbids the action; roles in
    `exempt` are not subject to it.

    `since`: the policy's switch that brought the row (R7). To claims whose policy has it off, the row is not there.
    """

    stage: S
    action: A
    roles: tuple[Role, ...]
    scope: Scope
    rule: str
    guard: guards.Guard = guards.no_guard
    exempt: tuple[Role, ...] = ()
    actor_guard: guards.ActorGuard = guards.anybody
    since: str = ""

    def is_in_force(self, policy: Policy) -> bool:
        """Return whether a policy has the row."""
        return not self.since or bool(getattr(policy, self.since))


DESK = (Role.OPERATOR,)
PLATFORM = (Role.SUPERVISOR,)
HOTLINE = (Role.CALLER,)
UNIT = (Role.HANDLER, Role.HEAD)
ARBITER = (Role.ARBITER,)
CLAIMANT: Final = (*HOTLINE, *DESK, Role.ENTERPRISE)
"""The enterprise, or staff who record its words."""
CONFIRMS_WITHDRAWAL: Final = (*HOTLINE, *DESK)
"""R47: who calls the enterprise to confirm its withdrawal; an enterprise's own application waits for that call."""
REVIEWING: Final = (S.REVIEW, S.VERIFICATION, S.COMPLETION, S.LEADERSHIP)
OPEN: Final = (
    *(S.REGISTERED, S.HANDLING, S.REDETERMINATION, S.ARBITRATION, S.CALL_BACK, S.REDO),
    *REVIEWING,
)

TABLE: Final[tuple[Row, ...]] = (
    # 分类处置 §二.三.2
    Row(S.REGISTERED, A.ANSWER, DESK, Scope.CITY, "R12", guards.is_answerable),
    Row(S.REGISTERED, A.DECLINE, DESK, Scope.CITY, "R13", guards.is_no_disliked_answer),
    Row(S.REGISTERED, A.SPLIT, DESK, Scope.CITY, "R49", guards.is_splittable),
    Row(S.REGISTERED, A.DISPATCH, DESK, Scope.CITY, "R14", guards.has_dispatches_left),
    # 限期办理 §二.四
    Row(S.HANDLING, A.SIGN_FOR, UNIT, Scope.PARTY, "R20", actor_guard=guards.is_unsigned),
    Row(S.HANDLING, A.REJECT, UNIT, Scope.ANSWERABLE, "R15", guards.is_returnable),
    Row(S.HANDLING, A.CONTACT, UNIT, Scope.LEAD, "§二.四.1", guards.is_signed_for_where_required),
    Row(S.HANDLING, A.REPLY, UNIT, Scope.LEAD, "§二.四.2"),
    Row(S.HANDLING, A.FEEDBACK, UNIT, Scope.LEAD, "R18", guards.has_contact_and_reply),
    Row(S.HANDLING, A.PROGRESS, UNIT, Scope.PARTY, "R18", guards.has_room_in_journal),
    Row(S.HANDLING, A.DELEGATE, UNIT, Scope.LEAD, "R21"),
    Row(S.HANDLING, A.REQUEST_EXTENSION, UNIT, Scope.ANSWERABLE, "R17", guards.is_extendable),
    Row(
        S.HANDLING,
        A.DECIDE_EXTENSION,
        (*PLATFORM, Role.CONSOLE),
        Scope.CITY,
        "R17",
        guards.has_pending_extension,
    ),
    # 退单核定与裁定 §二.三.2
    Row(S.REDETERMINATION, A.REDETERMINE, PLATFORM, Scope.CITY, "R15"),
    Row(S.REDETERMINATION, A.REFER, PLATFORM, Scope.CITY, "R15"),
    Row(S.ARBITRATION, A.ARBITRATE, ARBITER, Scope.ARBITERS, "R16"),
    # 回访评价与重办 §二.五.3
    Row(S.CALL_BACK, A.CALL_BACK, (*HOTLINE, Role.ENTERPRISE, Role.CONSOLE), Scope.OWN, "R40"),
    Row(S.ANSWERED, A.CALL_BACK, (*HOTLINE, Role.ENTERPRISE, Role.CONSOLE), Scope.OWN, "R12"),
    Row(S.CALL_BACK, A.VERIFY, PLATFORM, Scope.CITY, "R18"),
    Row(S.REDO, A.SIGN_FOR, UNIT, Scope.PARTY, "R20", actor_guard=guards.is_unsigned),
    Row(S.REDO, A.CONTACT, UNIT, Scope.LEAD, "R43"),
    Row(S.REDO, A.REPLY, UNIT, Scope.LEAD, "R43"),
    Row(S.REDO, A.PROGRESS, UNIT, Scope.PARTY, "R43", guards.has_room_in_journal),
    Row(S.REDO, A.DELEGATE, UNIT, Scope.LEAD, "R21"),
    Row(S.REDO, A.FEEDBACK, UNIT, Scope.LEAD, "R43"),
    # 不满意审核与责成办结 §二.六.2, §二.六.3
    Row(S.REVIEW, A.REVIEW_FORM, UNIT, Scope.LEAD, "R44"),
    Row(S.VERIFICATION, A.VERIFY, PLATFORM, Scope.CITY, "R44"),
    Row(S.COMPLETION, A.CONTACT, UNIT, Scope.LEAD, "R45"),
    Row(S.COMPLETION, A.REPLY, UNIT, Scope.LEAD, "R45"),
    Row(S.COMPLETION, A.FEEDBACK, UNIT, Scope.LEAD, "R45"),
    Row(S.LEADERSHIP, A.VERIFY, (Role.COORDINATOR,), Scope.CITY, "R45"),
    *(Row(s, A.PROGRESS, UNIT, Scope.PARTY, "R44", guards.has_room_in_journal) for s in REVIEWING),
    # 协办 R22
    *(
        Row(s, A.REPORT_PART, UNIT, Scope.PART, "R22", actor_guard=guards.has_part_to_report)
        for s in (S.HANDLING, S.CALL_BACK, S.REDO, *REVIEWING)
    ),
    # 办结以后 R41, R44
    Row(S.CLOSED, A.REPLY, UNIT, Scope.LEAD, "R44", guards.awaits_explanation),
    Row(S.CLOSED, A.REOPEN, CLAIMANT, Scope.OWN, "R41", guards.is_reopenable),
    # 虚假反馈 R52
    *(
        Row(s, A.CONFIRM_FALSE_FEEDBACK, PLATFORM, Scope.CITY, "R52", guards.has_disputed_contact)
        for s in (S.CALL_BACK, S.REDO, *REVIEWING, S.CLOSED)
    ),
    # 并案 R48
    Row(S.REGISTERED, A.MERGE, DESK, Scope.CITY, "R48", guards.is_no_disliked_answer),
    Row(S.HANDLING, A.MERGE, DESK, Scope.CITY, "R48"),
    # At any time until the claim is closed: R46, R47
    *(Row(s, A.REMIND, CLAIMANT, Scope.OWN, "R46", guards.has_room_in_journal) for s in OPEN),
    *(Row(s, A.SUPPLEMENT, CLAIMANT, Scope.OWN, "R46", guards.has_room_in_journal) for s in OPEN),
    *(
        Row(s, A.WITHDRAW, CLAIMANT, Scope.OWN, "R47", guards.has_room_in_journal, exempt=CONFIRMS_WITHDRAWAL)
        for s in OPEN
    ),
)

_ROWS: Final = {(row.stage, row.action): row for row in TABLE}
_ROLES: Final = {
    action: frozenset(role for row in TABLE if row.action is action for role in row.roles) for action in A
}


def row_of(stage: S, action: A) -> Row | None:
    """Return the table's row for an action in a stage; None where the stage has no such action."""
    return _ROWS.get((stage, action))


def row_for(claim: Claim, action: A) -> Row | None:
    """Return the row for an action in the claim's stage; None where its policy has no such row."""
    row = row_of(claim.stage, action)
    return row if row is not None and row.is_in_force(claim.policy) else None


def knows(policy: Policy, action: A | None) -> bool:
    """Return whether a policy has the action at all. To a claim whose policy lacks it, its signal is an
    unknown one (R7).
    """
    return any(row.is_in_force(policy) for row in TABLE if row.action is action)


def roles_for(action: A) -> frozenset[Role]:
    """Return every role that may do this in some stage."""
    return _ROLES[action]


def require_role(
    actor: Actor | None, roles: Iterable[Role], *, rule: str, reason: str, instead: str = ""
) -> Actor:
    """Return the actor if they hold one of the roles; raises `Refused` otherwise. No other place refuses a role."""
    if actor is None or not actor.has(*roles):
        raise Refused(rule, reason, instead, kind=RefusalKind.WRONG_ROLE)
    return actor


def check_role(actor: Actor, action: A) -> None:
    """Raises `Refused` for an actor who may not do this in any stage."""
    roles = roles_for(action)
    if actor.has(*roles):
        return
    reason, instead = role_refusal(label(action), (role for role in Role if role in roles))
    require_role(actor, roles, rule="§1", reason=reason, instead=instead)


def check(claim: Claim, action: A, actor: Actor) -> Row:
    """Raises `Refused` with the rule if the actor may not do this to the claim as it is; returns the table's row."""
    check_role(actor, action)
    _check_ownership(claim, actor)
    row = None if claim.over else row_for(claim, action)
    if row is None:
        raise Refused(_rule_out_of_stage(claim, action), *_not_in_this_stage(claim, action))
    require_role(actor, row.roles, rule=row.rule, reason=f"您的身份不能在此阶段{label(action)}")
    _check_scope(claim, actor, row)
    if not actor.has(*row.exempt):
        row.guard(claim)
        row.actor_guard(claim, actor)
        require_room(claim, action, actor, rule=row.rule)
    return row


def rule_of(action: A) -> str:
    """Return the rule that an action is about."""
    return next(row.rule for row in TABLE if row.action is action)


def rule_here(claim: Claim, action: A) -> str:
    """Return the rule that an action is about in the claim's stage; its first rule where the stage has no
    such action.
    """
    row = row_for(claim, action)
    return row.rule if row else rule_of(action)


def _rule_out_of_stage(claim: Claim, action: A) -> str:
    """R44 is what a verification is about; the check of feedback comes before it in the table. R43 says that a redo has
    no return and no extension."""
    if not claim.policy.refusals_cite_stage:
        return rule_of(action)
    if claim.stage is S.REDO and action in (A.REJECT, A.REQUEST_EXTENSION):
        return "R43"
    return "R44" if action is A.VERIFY else rule_of(action)


def _not_in_this_stage(claim: Claim, action: A) -> tuple[str, str]:
    if claim.merged_into and claim.policy.merge_answer_minutes:
        reason = f"本工单已并入工单{claim.merged_into}，不能再{label(action)}"
        return reason, f"请对工单{claim.merged_into}{label(action)}"
    if claim.over or claim.stage is S.CLOSED:
        return f"工单已办结，不能再{label(action)}", "如有新的情况，请登记新的诉求"
    rows = [row for row in TABLE if row.stage is claim.stage and row.is_in_force(claim.policy)]
    possible = "、".join(dict.fromkeys(label(row.action) for row in rows))
    return f"工单现处于“{label(claim.stage)}”，不能{label(action)}", f"此阶段可以：{possible}"


def _check_ownership(claim: Claim, actor: Actor) -> None:
    sees = may_see(claim, actor) or (not claim.policy.need_to_know and saw_formerly(claim, actor))
    if not sees:
        raise Refused("§1", f"没有编号为{claim.number}的工单", kind=RefusalKind.NOT_YOURS)


def _check_scope(claim: Claim, actor: Actor, row: Row) -> None:
    match row.scope:
        case Scope.ANSWERABLE if claim.policy.lead_signs:
            _check_leads(claim, actor, row)
        case Scope.LEAD | Scope.PARTY | Scope.ANSWERABLE:
            _check_takes_part(claim, actor, row.scope)
        case Scope.ARBITERS if claim.policy.arbiter_hears_justice:
            _check_rules(actor, row)


def _check_leads(claim: Claim, actor: Actor, row: Row) -> None:
    """R5, R21: the lead of the current dispatch, or a unit above it."""
    _check_takes_part(claim, actor, row.scope)
    lead = claim.dispatch.unit if claim.dispatch else None
    if lead is not None and actor.unit is not None and not is_above(actor.unit, [lead]):
        reason = f"{label(row.action)}须由{lead.name}提出，其主要负责人签字；转办的单位不能越过{lead.name}"
        raise Refused("R21", reason, f"请交回{lead.name}办理", kind=RefusalKind.WRONG_ROLE)


def _check_rules(actor: Actor, row: Row) -> None:
    """R16: a ruling is 市委编办's own, given in its name and nobody else's."""
    if actor.unit is None or actor.unit.id != ARBITRATION_OFFICE:
        raise Refused(row.rule, "裁定由市委编办作出", "请以市委编办的身份办理", kind=RefusalKind.WRONG_ROLE)


def _check_takes_part(claim: Claim, actor: Actor, scope: Scope) -> None:
    """The lead of the current dispatch alone handles it (首接负责); its co-units report progress (R14)."""
    dispatch = claim.dispatch
    if dispatch is None or actor.unit is None:
        raise Refused("R14", "此事项由承办单位办理", kind=RefusalKind.WRONG_ROLE)
    parties = [dispatch.acting]
    if scope is Scope.PARTY:
        parties += [co_unit.unit for co_unit in dispatch.co_units]
    if not is_above(actor.unit, parties):
        lead = dispatch.unit.name
        raise Refused("R14", "此事项由首接单位办理", f"请由{lead}办理", kind=RefusalKind.WRONG_ROLE)


def allowed_actions(claim: Claim, actor: Actor) -> list[A]:
    """Return the actor's allowed actions on the claim, in the table's order."""
    return [row.action for row in TABLE if row.stage is claim.stage and _allows(claim, row.action, actor)]


def _allows(claim: Claim, action: A, actor: Actor) -> bool:
    try:
        check(claim, action, actor)
    except Refused:
        return False
    return True
