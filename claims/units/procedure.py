"""From an action to a transition of a unit's account: the only way in which people change it."""

from datetime import datetime

from pydantic import ValidationError

from claims.lifecycle import require_role
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.messages.known_fields import require_known_fields
from claims.model.messages.unit_action_bodies import (
    UNIT_BODIES,
    UNIT_ROLES,
    UNIT_RULES,
    RecordInterview,
    RecordStep,
    RevokeLight,
    UnitEnvelope,
)
from claims.model.refusals import RefusalKind, Refused
from claims.model.unit_account import AccountLight, Cause, UnitAccount
from claims.model.values import CONSOLE, is_console
from claims.text.normalisation import UnreadableText, clean_json
from claims.units import limits
from claims.units import transition as unit_transition
from claims.units.transition import UnitTransition


def act(
    account: UnitAccount, envelope: UnitEnvelope, *, now: datetime
) -> tuple[UnitTransition, Outcome, AccountLight | None]:
    """Apply an action: the transition, its outcome, and the light it revoked. A refused action changes nothing
    else and is written into the journal too. Never raises."""
    at = _received_at(account, envelope, now)
    request_id = str(envelope.body.get("request_id", ""))
    transition = UnitTransition(account, at=at, actor=envelope.actor, request_id=request_id)
    try:
        revoked = _apply(transition, envelope)
    except Refused as refused:
        transition, outcome = _refuse(account, transition, envelope, refused)
        return transition, outcome, None
    seq = transition.entries[0].seq
    outcome = Outcome(
        request_id=request_id,
        action=envelope.action,
        status="accepted",
        at=at,
        seq=seq,
        fingerprint=envelope.fingerprint,
    )
    return transition, outcome, revoked


def post(account: UnitAccount, item: AccountLight | Cause, *, now: datetime) -> UnitTransition:
    """Add a light or a cause (R33, R36). One for which the account has no room changes nothing else and is written into
    the journal. Never raises."""
    transition = UnitTransition(account, at=now)
    try:
        if isinstance(item, AccountLight):
            unit_transition.post_light(transition, item)
        else:
            unit_transition.post_cause(transition, item)
    except Refused as refused:
        return refuse(account, f"{item.id[:200]}：{refused.reason}", rule=refused.rule, now=now)
    return transition


def refuse(account: UnitAccount, text: str, *, rule: str, now: datetime) -> UnitTransition:
    """Note what the account does not take."""
    transition = UnitTransition(account, at=now, actor=CONSOLE)
    if limits.is_recorded(transition.account):
        transition.write(EventKind.REFUSED, rule, text=f"不予计入：{text}")
    return transition


def _received_at(account: UnitAccount, envelope: UnitEnvelope, now: datetime) -> datetime:
    """When the API received it; else now, and not before the lights that have come: on virtual time, claims' clocks run
    ahead of the account's."""
    if envelope.received_at is None and account.policy.revoked_yellow_stops_red:
        return max([now, *(light.at for light in account.lights.values())])
    return min(envelope.received_at or now, now)


def _apply(transition: UnitTransition, envelope: UnitEnvelope) -> AccountLight | None:
    rule = UNIT_RULES[envelope.action]
    if transition.account.policy.refuses_unknown_fields and is_console(envelope.actor):
        require_known_fields(envelope.body, UNIT_BODIES[envelope.action], envelope.beside)
    require_role(envelope.actor, UNIT_ROLES[envelope.action], rule="§1", reason="您的身份不能办理此事项")
    try:
        is_normalised = transition.account.policy.normalises_text
        sent = clean_json(envelope.body) if is_normalised else envelope.body
        body = UNIT_BODIES[envelope.action].model_validate(sent)
    except (UnreadableText, ValidationError) as error:
        kind = RefusalKind.INCOMPLETE
        raise Refused(rule, "内容有误", "请按接口说明填写后重新提交", kind=kind) from error
    limits.count_accepted(transition.account, body)
    match body:
        case RecordInterview():
            unit_transition.record_interview(transition, body)
        case RecordStep():
            unit_transition.record_accountability_step(transition, body)
        case RevokeLight():
            return unit_transition.revoke_light(transition, body)
    return None


def _refuse(
    account: UnitAccount, tried: UnitTransition, envelope: UnitEnvelope, refused: Refused
) -> tuple[UnitTransition, Outcome]:
    transition = UnitTransition(account, at=tried.at, actor=tried.actor, request_id=tried.request_id)
    if limits.is_recorded(transition.account):
        transition.write(EventKind.REFUSED, refused.rule, text=f"不予办理：{refused.reason}")
    outcome = Outcome(
        request_id=tried.request_id,
        action=envelope.action,
        status="refused",
        at=tried.at,
        seq=transition.account.seq,
        kind=refused.kind,
        rule=refused.rule,
        reason=refused.reason,
        fingerprint=envelope.fingerprint,
        instead=refused.instead,
    )
    return transition, outcome
