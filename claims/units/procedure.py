"""From an action to the step of a unit's account: the one way in which people change it."""

from datetime import datetime

from pydantic import ValidationError

from claims.model.journal import Outcome
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import EventKind
from claims.model.unit_account import AccountLight, UnitAccount
from claims.model.unit_action_bodies import (
    UNIT_BODIES,
    UNIT_ROLES,
    UNIT_RULES,
    RecordInterview,
    RecordStep,
    RevokeLight,
    UnitEnvelope,
)
from claims.units import step as unit_step
from claims.units.step import UnitStep


def act(
    account: UnitAccount, envelope: UnitEnvelope, *, now: datetime
) -> tuple[UnitStep, Outcome, AccountLight | None]:
    """Do what an envelope asks: the step, its outcome, and the light that it revoked. A refusal changes
    nothing else and is on record as well. Never raises."""
    at = min(envelope.received_at or now, now)
    request_id = str(envelope.body.get("request_id", ""))
    step = UnitStep(account, at=at, actor=envelope.actor, request_id=request_id)
    try:
        revoked = _do(step, envelope)
    except Refused as refused:
        step, outcome = _refuse(account, step, envelope, refused)
        return step, outcome, None
    seq = step.entries[0].seq
    outcome = Outcome(request_id=request_id, action=envelope.action, status="accepted", at=at, seq=seq)
    return step, outcome, revoked


def _do(step: UnitStep, envelope: UnitEnvelope) -> AccountLight | None:
    rule = UNIT_RULES[envelope.action]
    if not envelope.actor.has(*UNIT_ROLES[envelope.action]):
        raise Refused("§1", "您的身份不能办理此事项", kind=RefusalKind.WRONG_ROLE)
    try:
        body = UNIT_BODIES[envelope.action].model_validate(envelope.body)
    except ValidationError as error:
        kind = RefusalKind.INCOMPLETE
        raise Refused(rule, "内容有误", "请按接口说明填写后重新提交", kind=kind) from error
    match body:
        case RecordInterview():
            unit_step.record_interview(step, body)
        case RecordStep():
            unit_step.record_step(step, body)
        case RevokeLight():
            return unit_step.revoke_light(step, body)
    return None


def _refuse(
    account: UnitAccount, tried: UnitStep, envelope: UnitEnvelope, refused: Refused
) -> tuple[UnitStep, Outcome]:
    step = UnitStep(account, at=tried.at, actor=tried.actor, request_id=tried.request_id)
    entry = step.write(EventKind.REFUSED, refused.rule, text=f"不予办理：{refused.reason}")
    outcome = Outcome(
        request_id=tried.request_id,
        action=envelope.action,
        status="refused",
        at=tried.at,
        seq=entry.seq,
        kind=refused.kind,
        rule=refused.rule,
        reason=refused.reason,
        instead=refused.instead,
    )
    return step, outcome
