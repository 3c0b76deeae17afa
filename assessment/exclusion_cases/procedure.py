"""From an act to the next state of a claim's exclusions (R65)."""

from datetime import datetime
from typing import Final

from assessment.cases.model import CaseEnvelope
from assessment.cases.step import CaseStep, act, require, require_own_unit
from assessment.exclusion_cases.actions import (
    EXCLUSION_ACTION_NAMES,
    EXCLUSION_BODIES,
    EXCLUSION_ROLES,
    AppealExclusion,
    AppealWindow,
    ApplicationWindow,
    ApplyExclusion,
    DecideExclusion,
    ExclusionAction,
    Succession,
)
from assessment.exclusion_cases.model import (
    STATUS_NAMES,
    WAITING,
    Appeal,
    Application,
    ApplicationStatus,
    Decision,
    ExclusionState,
)
from assessment.terms import INTERNAL, LIGHTS, name
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.labels import end_of
from claims.model.organisation import COORDINATION
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Actor

Step = CaseStep[ExclusionState]
RULE: Final = "R65"
MOST_APPLICATIONS: Final = 30
"""For one claim."""


def perform(
    state: ExclusionState, action: ExclusionAction, envelope: CaseEnvelope, *, now: datetime
) -> tuple[Step, Outcome]:
    """Perform an act; return the step and its outcome. Never raises."""
    return act(state, action, envelope, _apply, bodies=EXCLUSION_BODIES, rule=RULE, now=now)


def _apply(step: Step, action: str, envelope: CaseEnvelope) -> None:
    wanted = ExclusionAction(action)
    actor = require(step, "§1", EXCLUSION_ACTION_NAMES[wanted], *EXCLUSION_ROLES[wanted])
    body = EXCLUSION_BODIES[wanted].model_validate(envelope.body)
    match body:
        case ApplyExclusion():
            _take(step, actor, body, ApplicationWindow.model_validate(envelope.context))
        case DecideExclusion():
            _decide(step, actor, body, AppealWindow.model_validate(envelope.context))
        case AppealExclusion():
            _appeal(step, actor, body, Succession.model_validate(envelope.context))


def _take(step: Step, actor: Actor, body: ApplyExclusion, window: ApplicationWindow) -> None:
    require_own_unit(actor, body.unit, rule=RULE, what="为本单位申请剔除")
    _check_window(step, body, window)
    if body.measure in LIGHTS | INTERNAL:
        reason = f"{name(body.measure)}不能单独剔除" if body.measure else ""
        raise Refused(RULE, reason, "确属平台责任的，请依R37申请撤销亮牌", kind=RefusalKind.INCOMPLETE)
    units = {body.unit, *window.pooled_with}
    same = [one for one in step.state.applications if one.unit in units and one.measure == body.measure]
    if same:
        status = STATUS_NAMES[same[0].status]
        raise Refused(RULE, f"同一事项已经申请过（{same[0].id}：{status}）", "不予同意的，可以申诉一次")
    if len(step.state.applications) >= MOST_APPLICATIONS:
        raise Refused(RULE, f"本工单的剔除申请已达{MOST_APPLICATIONS}项", "请与综合协调组联系")
    id = f"{step.state.number}-{len(step.state.applications) + 1}"
    given = body.model_dump(include={"unit", "measure", "reason", "text", "evidence"})
    application = Application(id=id, by=_who(actor), at=step.at, **given)
    step.state.applications.append(application)
    what = name(body.measure) if body.measure else "整件"
    text = f"{body.unit}申请剔除{step.state.number}（{what}）：{name(body.reason)}"
    entry = step.write("applied", RULE, text=text, data={"application": id})
    step.notify(_id(step), entry, EventKind.EXCLUSION_APPLIED, COORDINATION.id)


def _check_window(step: Step, body: ApplyExclusion, window: ApplicationWindow) -> None:
    if body.unit not in window.accountable:
        reason = f"工单{step.state.number}没有派给{body.unit}"
        raise Refused(RULE, reason, "请核对工单编号", kind=RefusalKind.NOT_YOURS)
    if window.until is None or window.due_at is None:
        reason = "工单尚未办结，也不在考核草案中"
        raise Refused(RULE, reason, "请在办结或草案形成后五个工作日内申请")
    if step.at >= window.due_at:
        reason = f"申请期已于{end_of(window.until, window.due_at)}截止"
        raise Refused(RULE, reason, "剔除须在办结或草案形成后五个工作日内申请")


def _found(step: Step, id: str) -> Application:
    found = step.state.find(id)
    if found is None:
        raise Refused(RULE, f"没有编号为{id}的剔除申请", "请核对申请编号")
    return found


def _decide(step: Step, actor: Actor, body: DecideExclusion, window: AppealWindow) -> None:
    found = _found(step, body.application)
    if found.status not in WAITING:
        raise Refused(RULE, f"申请{found.id}已有结论：{STATUS_NAMES[found.status]}", "无需再核定")
    decision = Decision(approved=body.approve, text=body.text, by=_who(actor), sub=actor.sub, at=step.at)
    if found.status is ApplicationStatus.APPEALED:
        if found.decision is not None and found.decision.sub == actor.sub:
            reason = "申诉不由原核定人登记"
            raise Refused(RULE, reason, "请由另一位综合协调组人员登记领导小组的决定")
        changed = found.model_copy(update={"appeal_decision": decision})
    else:
        ends = {} if body.approve else {"appeal_until": window.until, "appeal_due_at": window.due_at}
        changed = found.model_copy(update={"decision": decision, **ends})
    _replace(step, changed)
    text = f"申请{found.id}：{STATUS_NAMES[changed.status]}"
    entry = step.write("decided", RULE, text=text, data={"application": found.id})
    step.notify(_id(step), entry, EventKind.EXCLUSION_DECIDED, found.unit)


def _appeal(step: Step, actor: Actor, body: AppealExclusion, succession: Succession) -> None:
    found = _found(step, body.application)
    if found.unit not in succession.taken_over:
        require_own_unit(actor, found.unit, rule=RULE, what="提出申诉")
    if found.status is not ApplicationStatus.REFUSED or found.appeal_until is None:
        reason = f"申请{found.id}现为“{STATUS_NAMES[found.status]}”，不能申诉"
        raise Refused(RULE, reason, "只有不予剔除的申请可以申诉一次")
    if found.appeal_due_at is not None and step.at >= found.appeal_due_at:
        reason = f"申诉期已于{end_of(found.appeal_until, found.appeal_due_at)}截止"
        raise Refused(RULE, reason, "核定为最终结论")
    appeal = Appeal(text=body.text, evidence=body.evidence, by=_who(actor), at=step.at)
    _replace(step, found.model_copy(update={"appeal": appeal}))
    text = f"{found.unit}就申请{found.id}向领导小组申诉"
    entry = step.write("appealed", RULE, text=text, data={"application": found.id})
    step.notify(_id(step), entry, EventKind.EXCLUSION_APPLIED, COORDINATION.id)


def _replace(step: Step, changed: Application) -> None:
    step.state.applications = [changed if one.id == changed.id else one for one in step.state.applications]


def _id(step: Step) -> str:
    return f"exclusion-{step.state.number}"


def _who(actor: Actor) -> str:
    return actor.name or actor.sub
