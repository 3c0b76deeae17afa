"""From an act, or an activity's result, to a period's next state (R62)."""

from datetime import datetime
from typing import Final

from pydantic import JsonValue

from assessment.cadence.actions import (
    PERIOD_ACTION_NAMES,
    PERIOD_BODIES,
    PERIOD_ROLES,
    Correct,
    DecideObjection,
    GiveOrganisationPoints,
    Object,
    PeriodAction,
    RecordReinterviews,
)
from assessment.cadence.model import (
    Draft,
    Objection,
    ObjectionDecision,
    ObjectionEffect,
    Outstanding,
    PeriodStage,
    PeriodState,
    PublishedEdition,
    RecordedAnswer,
    RecordedPoints,
)
from assessment.cases.model import CaseEnvelope
from assessment.cases.step import CaseStep, act, require, require_own_unit
from assessment.terms import INTERNAL, LIGHTS, name
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.labels import end_of, minute
from claims.model.organisation import COORDINATION
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Actor

Step = CaseStep[PeriodState]
RULE: Final = "R62"
MOST_OBJECTIONS: Final = 20
"""Maximum objections of one unit to one draft."""
MOST_EDITIONS: Final = 50


def perform(
    state: PeriodState, action: PeriodAction, envelope: CaseEnvelope, *, now: datetime
) -> tuple[Step, Outcome]:
    """Perform an act; return the step and its outcome. Never raises."""
    return act(state, action, envelope, _apply, bodies=PERIOD_BODIES, rule=RULE, now=now)


def _apply(step: Step, action: str, envelope: CaseEnvelope) -> None:
    wanted = PeriodAction(action)
    actor = require(step, "§1", PERIOD_ACTION_NAMES[wanted], *PERIOD_ROLES[wanted])
    body = PERIOD_BODIES[wanted].model_validate(envelope.body)
    match body:
        case Object():
            _object(step, actor, body)
        case DecideObjection():
            _decide(step, actor, body)
        case Correct():
            _correct(step, actor, body)
        case RecordReinterviews():
            _answers(step, actor, body)
        case GiveOrganisationPoints():
            _points(step, actor, body)
        case _:
            _publish(step, actor)


def _draft(step: Step, what: str) -> Draft:
    state = step.state
    if state.stage is PeriodStage.PUBLISHING:
        raise Refused(RULE, f"{state.period}正在公布，不能再{what}", "请稍后查看公布结果")
    if state.stage is not PeriodStage.DRAFT or state.draft is None:
        instead = "已公布的周期只能更正" if state.published else "请在草案形成后再试"
        raise Refused(RULE, f"{state.period}没有可以{what}的草案", instead)
    return state.draft


def _object(step: Step, actor: Actor, body: Object) -> None:
    draft = _draft(step, "提出异议")
    require_own_unit(actor, body.unit, rule=RULE, what="对本单位的数据提出异议")
    if body.unit not in draft.units:
        raise Refused(RULE, f"本期草案没有单位{body.unit}的数据", "请核对单位编号")
    if step.at >= draft.objections_due_at:
        end = end_of(draft.objections_until, draft.objections_due_at)
        raise Refused(RULE, f"异议期已于{end}截止", "可以依R65申请剔除")
    if body.measure in LIGHTS | INTERNAL:
        raise Refused("R65", "亮牌和通报批评不能在异议中剔除", "确属平台责任的，请依R37申请撤销亮牌")
    own = [one for one in step.state.objections if one.unit == body.unit]
    if any((one.claim, one.measure) == (body.claim, body.measure) for one in own):
        raise Refused(RULE, f"对{body.claim}的这项异议已经提出", "请等待核定")
    if len(own) >= MOST_OBJECTIONS:
        raise Refused(RULE, f"每期草案每个单位最多提出{MOST_OBJECTIONS}项异议", "请与综合协调组联系")
    id = f"{step.state.period}-{len(step.state.objections) + 1}"
    step.state.objections.append(
        Objection(
            id=id,
            unit=body.unit,
            claim=body.claim,
            measure=body.measure,
            text=body.reason,
            evidence=body.evidence,
            by=_who(actor),
            at=step.at,
        )
    )
    what = name(body.measure) if body.measure else "整件"
    text = f"{body.unit}对{body.claim}（{what}）提出异议"
    entry = step.write("objected", RULE, text=text, data={"objection": id})
    step.notify(_id(step), entry, EventKind.ASSESSMENT_OBJECTED, COORDINATION.id)


def _decide(step: Step, actor: Actor, body: DecideObjection) -> None:
    _draft(step, "核定异议")
    found = next((one for one in step.state.objections if one.id == body.objection), None)
    if found is None:
        raise Refused(RULE, f"没有编号为{body.objection}的异议", "请核对异议编号")
    if found.decision is not None:
        raise Refused(RULE, f"异议{found.id}已经核定", "请在公布后以更正处理")
    effect = body.effect if body.upheld else None
    if body.upheld and effect is None:
        raise Refused(RULE, "异议成立的，须写明处理方式", "请填写 effect", kind=RefusalKind.INCOMPLETE)
    if effect is ObjectionEffect.EXCLUDE and body.reason is None:
        raise Refused("R65", "剔除须从目录中选择理由", "请填写 reason", kind=RefusalKind.INCOMPLETE)
    decision = ObjectionDecision(
        upheld=body.upheld,
        text=body.text,
        effect=effect,
        reason=body.reason if effect is ObjectionEffect.EXCLUDE else None,
        by=_who(actor),
        at=step.at,
    )
    place = step.state.objections.index(found)
    step.state.objections[place] = found.model_copy(update={"decision": decision})
    word = "成立" if body.upheld else "不成立"
    entry = step.write("objection-decided", RULE, text=f"异议{found.id}{word}", data={"objection": found.id})
    step.notify(_id(step), entry, EventKind.OBJECTION_DECIDED, found.unit)


def _publish(step: Step, actor: Actor) -> None:
    draft = _draft(step, "公布")
    if step.at < draft.objections_due_at:
        end = end_of(draft.objections_until, draft.objections_due_at)
        raise Refused(RULE, f"异议期至{end}，期满前不能公布", "请在异议期满后公布")
    if waiting := step.state.undecided:
        raise Refused(RULE, f"还有{len(waiting)}项异议没有核定：{waiting[0].id}", "请先逐项核定")
    step.state.stage = PeriodStage.PUBLISHING
    step.state.publisher = _who(actor)
    step.write("publication-ordered", RULE, text=f"{_who(actor)}决定公布{step.state.period}")


def _correct(step: Step, actor: Actor, body: Correct) -> None:
    state = step.state
    if state.stage is PeriodStage.PUBLISHING:
        raise Refused(RULE, f"{state.period}正在公布，不能更正", "请稍后查看公布结果")
    if state.stage is not PeriodStage.PUBLISHED:
        raise Refused(RULE, f"{state.period}还没有公布，不能更正", "公布前请核定异议或剔除")
    if len(state.published) >= MOST_EDITIONS:
        raise Refused(RULE, f"{state.period}已更正{MOST_EDITIONS}次", "请由领导小组研究")
    state.stage, state.publisher, state.correcting = PeriodStage.PUBLISHING, _who(actor), body.reason
    step.write("correction-ordered", RULE, text=f"{_who(actor)}决定更正{state.period}：{body.reason}")


def _answers(step: Step, actor: Actor, body: RecordReinterviews) -> None:
    if step.state.stage is not PeriodStage.ASKING:
        raise Refused(RULE, f"{step.state.period}现在没有再回访", "请在抽取样本后登记")
    given = {(one.answer.unit, one.answer.claim) for one in step.state.answers}
    for answer in body.answers:
        key = (answer.unit, answer.claim)
        if answer.claim not in step.state.wanted.sample.get(answer.unit, ()):
            raise Refused(RULE, f"{answer.claim}不在{answer.unit}的再回访样本之内", "请核对样本")
        if key in given:
            raise Refused(RULE, f"{answer.claim}的再回访结果已经登记", "请勿重复登记")
        given.add(key)
        step.state.answers.append(RecordedAnswer(answer=answer, by=_who(actor), at=step.at))
    step.write("reinterviewed", RULE, text=f"登记再回访{len(body.answers)}件")


def _points(step: Step, actor: Actor, body: GiveOrganisationPoints) -> None:
    wanted = step.state.wanted
    if step.state.stage is not PeriodStage.ASKING or not wanted.points_for:
        raise Refused(RULE, f"{step.state.period}现在没有组织领导评分", "只有年终总评评组织领导分")
    if body.unit not in wanted.points_for:
        raise Refused(RULE, f"本期没有单位{body.unit}", "请核对单位编号")
    if body.unit not in step.state.missing_points:
        raise Refused(RULE, f"{body.unit}的组织领导得分已经给出", "请勿重复登记")
    if not 0 <= body.points <= wanted.most_points:
        reason = f"组织领导得分应在0至{wanted.most_points}之间"
        raise Refused(RULE, reason, "请改正", kind=RefusalKind.INCOMPLETE)
    from_body = {"unit": body.unit, "points": body.points, "reason": body.reason}
    points = RecordedPoints.model_validate({"points": from_body, "by": _who(actor), "at": step.at})
    step.state.points.append(points)
    text = f"{body.unit}组织领导{body.points}分：{body.reason}"
    step.write("points-given", RULE, text=text)


def ask(state: PeriodState, wanted: Outstanding, *, now: datetime) -> Step:
    """Once the months are published, ask people for what is still missing."""
    step = CaseStep(state, at=now)
    step.state.stage, step.state.wanted, step.state.problem = PeriodStage.ASKING, wanted, ""
    count = sum(map(len, wanted.sample.values()))
    text = f"抽取再回访样本{count}件，种子{wanted.seed}" if wanted.sample else "各月均已公布"
    step.write("sample-drawn", RULE, text=text, data={"seed": wanted.seed})
    return step


def adopt_draft(state: PeriodState, draft: Draft, *, now: datetime) -> Step:
    """Adopt a draft and notify its units, which may object."""
    step = CaseStep(state, at=now)
    step.state.stage, step.state.draft, step.state.problem = PeriodStage.DRAFT, draft, ""
    end = end_of(draft.objections_until, draft.objections_due_at)
    text = f"{state.period}考核草案已形成，可于{end}前提出异议"
    entry = step.write("drafted", RULE, text=text, data={"hash": draft.edition})
    step.notify(_id(step), entry, EventKind.ASSESSMENT_DRAFTED, *draft.units, COORDINATION.id)
    return step


def note_problem(state: PeriodState, problem: str, *, now: datetime) -> Step:
    """Note that no draft or edition could be made, once for each reason. A publication returns to the stage before."""
    step = CaseStep(state, at=now)
    if step.state.stage is PeriodStage.PUBLISHING:
        step.state.stage = PeriodStage.PUBLISHED if step.state.published else PeriodStage.DRAFT
        step.state.correcting = ""
    elif step.state.problem == problem:
        return step
    step.state.problem = problem
    entry = step.write("not-made", RULE, text=f"{state.period}：{problem}")
    step.notify(_id(step), entry, EventKind.ASSESSMENT_HELD_UP, COORDINATION.id)
    return step


def note_overdue(state: PeriodState, *, now: datetime) -> Step:
    """R62: its day of publication has passed."""
    step = CaseStep(state, at=now)
    step.state.overdue = True
    day = step.state.draft.publication_day if step.state.draft else ""
    entry = step.write("overdue", RULE, text=f"{state.period}应于{day}前公布，尚未公布")
    step.notify(_id(step), entry, EventKind.ASSESSMENT_OVERDUE, COORDINATION.id)
    return step


def adopt_edition(
    state: PeriodState, made: PublishedEdition, units: tuple[str, ...], *, now: datetime
) -> Step:
    """Adopt a frozen edition: the first one, or a correction."""
    step = CaseStep(state, at=now)
    published = made.model_copy(
        update={"published_at": now, "by": state.publisher, "reason": state.correcting}
    )
    step.state.published.append(published)
    step.state.stage, step.state.correcting, step.state.problem = PeriodStage.PUBLISHED, "", ""
    what = f"更正：{state.correcting}" if state.correcting else "公布"
    text = f"{state.period}第{made.edition}期{what}（{minute(now)}）"
    data: dict[str, JsonValue] = {"hash": made.hash, "edition": made.edition}
    entry = step.write("published", RULE, text=text, data=data)
    step.notify(_id(step), entry, EventKind.ASSESSMENT_PUBLISHED, *units, COORDINATION.id)
    return step


def _id(step: Step) -> str:
    return f"assessment-{step.state.period}"


def _who(actor: Actor) -> str:
    return actor.name or actor.sub
