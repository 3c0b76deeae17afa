"""Starting a period, and what people do to its assessment (R62)."""

from pydantic import Field

from activities.workflow_ids import assessment_workflow_id
from assessment.cadence.actions import (
    PERIOD_ACTION_NAMES,
    PERIOD_ROLES,
    Object,
    PeriodAction,
)
from assessment.cadence.model import PeriodState
from assessment.cases.model import CaseBody, CaseSnapshot, ShortText
from assessment.cases.step import require_own_unit
from assessment.periods import Period, PeriodKind, check_over
from assessment.schemes import load_schemes, scheme_for
from claims.model.refusals import Refused
from claims.model.values import Actor
from records import attachments
from records.cases.reader import period_state
from records.database.engine import Records
from service_layer.assessment.assessment_reading import parsed_period, refuse_merged, rows_of
from service_layer.assessment.cases import Act, case_snapshot, envelope_of, perform
from service_layer.assessment.drafts import current_draft
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError, from_refusal, unavailable
from service_layer.permissions import ASSESSMENT_STARTERS, require_role
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable
from service_layer.views.assessment_serializers import Shown
from workflows.cases.assessment import ASSESSMENT
from workflows.cases.assessment_schedule import title
from workflows.cases.case_runner import CaseOpening


class StartAssessment(CaseBody):
    """Start a period by hand."""

    scheme: ShortText = Field(default="", description="考核方案编号；不填为该周期施行中的方案")


def require_starter(actor: Actor) -> None:
    """Raises FORBIDDEN."""
    require_role(actor, *ASSESSMENT_STARTERS, what="启动考核", rule="R62")


def require_period_role(actor: Actor, action: PeriodAction) -> None:
    """Raises FORBIDDEN for a role that may never do this."""
    require_role(actor, *PERIOD_ROLES[action], what=PERIOD_ACTION_NAMES[action], rule="R62")


async def start_assessment(services: Services, period: str, body: StartAssessment) -> bool:
    """Start a period's assessment; False: it was started before. Raises ServiceError.

    On virtual time a period may be started before its end: its own clock is moved there.
    """
    wanted = parsed_period(period)
    try:
        scheme_for(wanted, load_schemes(), body.scheme)
        if not services.settings.virtual_time:
            check_over(wanted, now())
    except Refused as refusal:
        raise from_refusal(refusal) from refusal
    opening = CaseOpening(id=str(wanted), state={"scheme": body.scheme})
    try:
        return await services.temporal.start_case(
            ASSESSMENT,
            opening,
            id=assessment_workflow_id(str(wanted)),
            summary=title(str(wanted), wanted.kind),
        )
    except (TemporalUnavailable, NoAnswer, NotRunning) as error:
        raise unavailable("流程引擎暂时没有应答，请稍后重试") from error


async def act_on_period(
    services: Services, period: str, action: PeriodAction, body: CaseBody, actor: Actor
) -> CaseSnapshot | None:
    """Perform an act on a period's assessment; None: its outcome is not known yet. Raises ServiceError."""
    require_period_role(actor, action)
    wanted = parsed_period(period)
    if isinstance(body, Object):
        _check_own_unit(actor, body)
        refuse_merged(services, wanted, body.unit)
        await _check_objection(services, wanted, body)
    act = Act(assessment_workflow_id(str(wanted)), action, envelope_of(services, body, actor))

    async def send() -> None:
        await services.temporal.signal_case(act.workflow_id, act.signal, act.envelope)

    return await perform(services, act, send, lambda: _not_started(wanted))


async def period_snapshot(services: Services, period: str, request_id: str) -> CaseSnapshot | None:
    """Return a period, and the outcome of a request. Raises ServiceError for an invalid period."""
    return await case_snapshot(services, assessment_workflow_id(str(parsed_period(period))), request_id)


def _not_started(period: Period) -> ServiceError:
    detail = f"{period}的考核尚未启动，或更正期已满"
    return ServiceError(
        ErrorKind.NOT_NOW, detail, rule="R62", instead="周期结束后自动启动，也可由综合协调组启动"
    )


def _check_own_unit(actor: Actor, body: Object) -> None:
    """Checked first, so that nobody finds out what is behind another unit's figures. Raises FORBIDDEN."""
    try:
        require_own_unit(actor, body.unit, rule="R62", what="对本单位的数据提出异议")
    except Refused as refusal:
        raise from_refusal(refusal) from refusal


async def _check_objection(services: Services, period: Period, body: Object) -> None:
    """The claim is behind one of the unit's figures, and the papers are there. Raises ServiceError."""
    await check_papers(services, body.evidence)
    if period.kind is not PeriodKind.MONTH:
        return
    state = await _state(services, period)
    shown = await services.records.run(_shown, services, state) if state is not None else None
    if shown is None:
        return
    rows = await rows_of(services, period, shown, [body.unit])
    if not any(body.claim in (fact.claim, fact.article) for fact in rows):
        detail = f"{period}的草案中，{body.unit}没有工单{body.claim}的数据"
        raise ServiceError(ErrorKind.NOT_FOUND, detail, rule="R62", instead="请从本单位的考核依据中选择工单")


def _shown(records: Records, services: Services, state: PeriodState) -> Shown | None:
    return current_draft(records, services.contents, services.city.organisation_on(state.of.last_day), state)


async def _state(services: Services, period: Period) -> PeriodState | None:
    snapshot = await case_snapshot(services, assessment_workflow_id(str(period)))
    if snapshot is not None:
        return PeriodState.model_validate(snapshot.state)
    return await services.records.run(period_state, str(period))


async def check_papers(services: Services, papers: tuple[str, ...]) -> None:
    """The attachments are on record. Raises INVALID."""
    for id in papers:
        if await services.records.run(attachments.attachment, id) is None:
            detail = f"没有编号为{id[:60]}的附件"
            raise ServiceError(ErrorKind.INVALID, detail, rule="R65", instead="请先上传证明材料")
