"""Exclusions of a claim (R65): apply, decide, appeal, and read. The claim itself is not touched."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from pydantic import BaseModel, Field

from activities.workflow_ids import exclusion_workflow_id
from assessment.cases.model import CaseBody, CaseSnapshot
from assessment.exclusion_cases.actions import (
    EXCLUSION_ACTION_NAMES,
    EXCLUSION_ROLES,
    AppealExclusion,
    AppealWindow,
    ApplicationWindow,
    ApplyExclusion,
    ExclusionAction,
    Succession,
)
from assessment.exclusion_cases.model import STATUS_NAMES, Application, ExclusionState
from assessment.periods import last_day_to_exclude, parse_period
from assessment.terms import name
from assessment.units import assessed_units
from calendar_rules import WorkingCalendar, due_at, local_day
from claims.model.claim import Claim
from claims.model.values import Actor
from records.cases.reader import exclusion_state, period_states
from service_layer.assessment.cases import Act, case_snapshot, envelope_of, perform
from service_layer.assessment.period_actions import check_papers
from service_layer.claims.claim_access import find_for_action
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import ASSESSMENT_READERS, EXCLUSION_READERS, require_role
from service_layer.services import Services
from workflows.cases.case_runner import CaseOpening
from workflows.cases.exclusion import EXCLUSION


class ApplicationView(BaseModel):
    """An application and its outcome."""

    application: str
    unit: str
    unit_name: str
    measure: str | None
    measure_name: str
    reason: str
    reason_name: str
    text: str
    evidence: list[str]
    by: str
    at: datetime
    status: str
    status_name: str
    decision: str | None = Field(description="核定意见")
    decided_by: str | None
    appeal_until: date | None = Field(description="可以申诉的最后一天")
    appeal: str | None = Field(description="申诉理由")
    appeal_decision: str | None = Field(description="领导小组的决定")


class ExclusionsView(BaseModel):
    """All applications on a claim, as far as the caller may see them."""

    number: str
    applications: list[ApplicationView]


def require_exclusion_role(actor: Actor, action: ExclusionAction) -> None:
    """Raises FORBIDDEN for a role that may never do this."""
    require_role(actor, *EXCLUSION_ROLES[action], what=EXCLUSION_ACTION_NAMES[action], rule="R65")


async def act_on_exclusion(
    services: Services, number: str, action: ExclusionAction, body: CaseBody, actor: Actor
) -> ExclusionsView | None:
    """Apply, decide or appeal, once; None: the outcome is not known yet. Raises ServiceError."""
    require_exclusion_role(actor, action)
    claim = await find_for_action(services, number, actor)
    if isinstance(body, ApplyExclusion | AppealExclusion):
        await check_papers(services, body.evidence)
    context = await _context(services, claim, body, actor)
    act = Act(exclusion_workflow_id(number), action, envelope_of(services, body, actor, context))
    snapshot = await perform(services, act, await _sender(services, number, act), lambda: _nothing(number))
    return _view(services, actor, ExclusionState.model_validate(snapshot.state)) if snapshot else None


async def _sender(services: Services, number: str, act: Act) -> Callable[[], Awaitable[None]]:
    """An application starts the workflow where it does not run; everything else needs one that runs."""
    known = await services.records.run(exclusion_state, number)
    opening = CaseOpening(id=number, state=known.model_dump(mode="json") if known else {})

    async def start() -> None:
        await services.temporal.signal_with_start(
            EXCLUSION, opening, act.signal, act.envelope, id=act.workflow_id, summary=f"剔除申请 · {number}"
        )

    async def send() -> None:
        await services.temporal.signal_case(act.workflow_id, act.signal, act.envelope)

    return start if act.action is ExclusionAction.APPLY else send


async def _context(services: Services, claim: Claim, body: CaseBody, actor: Actor) -> dict[str, object]:
    calendar = await services.calendar()
    if isinstance(body, AppealExclusion):
        merged = services.organisation.merged_into(actor.unit.id) if actor.unit else ()
        return Succession(taken_over=tuple(unit.id for unit in merged)).model_dump(mode="json")
    if not isinstance(body, ApplyExclusion):
        until = last_day_to_exclude(now(), calendar)
        return AppealWindow(until=until, due_at=due_at(until)).model_dump(mode="json")
    return (await _window(services, claim, body.unit, calendar)).model_dump(mode="json")


async def _window(
    services: Services, claim: Claim, applicant: str, calendar: WorkingCalendar
) -> ApplicationWindow:
    units = assessed_units(services.organisation)
    accountable = {dispatch.unit.accountable for dispatch in claim.dispatches}
    line = units.counted_with(applicant)
    days = [last_day_to_exclude(claim.closed.at, calendar)] if claim.closed else []
    days += [
        state.draft.exclusions_until
        for state in await services.records.run(period_states)
        if state.draft is not None and line & {*state.draft.units} and _is_drafted(state.period, claim)
    ]
    until = max(days, default=None)
    return ApplicationWindow(
        accountable=tuple(sorted(accountable | {units.successor_of(unit) for unit in accountable})),
        pooled_with=tuple(sorted(line)),
        until=until,
        due_at=due_at(until) if until else None,
    )


def _is_drafted(period: str, claim: Claim) -> bool:
    """Return whether a limit of the claim, or its closing, is in the period."""
    of = parse_period(period)
    days = [limit.schedule.last_day for limit in claim.limits if limit.schedule]
    days += [local_day(claim.closed.at)] if claim.closed else []
    return any(of.first_day <= day <= of.last_day for day in days)


async def read_exclusions(services: Services, number: str, actor: Actor) -> ExclusionsView:
    """Return the applications on a claim. Raises ServiceError."""
    require_role(actor, *EXCLUSION_READERS, what="查看剔除申请", rule="R65")
    await find_for_action(services, number, actor)
    snapshot = await case_snapshot(services, exclusion_workflow_id(number))
    if snapshot is not None:
        return _view(services, actor, ExclusionState.model_validate(snapshot.state))
    known = await services.records.run(exclusion_state, number)
    return _view(services, actor, known or ExclusionState(number=number))


async def exclusion_snapshot(services: Services, number: str, request_id: str) -> CaseSnapshot | None:
    """Return a claim's exclusions, and the outcome of a request."""
    return await case_snapshot(services, exclusion_workflow_id(number), request_id)


def _nothing(number: str) -> ServiceError:
    detail = f"工单{number}没有待核定或可申诉的剔除申请"
    return ServiceError(ErrorKind.NOT_NOW, detail, rule="R65", instead="请核对工单编号")


def _view(services: Services, actor: Actor, state: ExclusionState) -> ExclusionsView:
    names = {unit.id: unit.short for unit in services.organisation.units}
    own = actor.unit.id if actor.unit else ""
    shown = [
        one
        for one in state.applications
        if actor.has(*ASSESSMENT_READERS) or _is_own(services, one.unit, own)
    ]
    return ExclusionsView(number=state.number, applications=[_application(one, names) for one in shown])


def _is_own(services: Services, unit: str, own: str) -> bool:
    merged = [each.id for each in services.organisation.merged_into(own)]
    return any(services.organisation.is_at_or_below(unit, each) for each in (own, *merged))


def _application(one: Application, names: dict[str, str]) -> ApplicationView:
    given = one.model_dump(include={"unit", "text", "by", "at", "appeal_until"})
    return ApplicationView(
        **given,
        application=one.id,
        unit_name=names.get(one.unit, one.unit),
        measure=one.measure,
        measure_name=name(one.measure) if one.measure else "整件",
        reason=one.reason,
        reason_name=name(one.reason),
        evidence=list(one.evidence),
        status=one.status,
        status_name=STATUS_NAMES[one.status],
        decision=one.decision.text if one.decision else None,
        decided_by=one.decision.by if one.decision else None,
        appeal=one.appeal.text if one.appeal else None,
        appeal_decision=one.appeal_decision.text if one.appeal_decision else None,
    )
