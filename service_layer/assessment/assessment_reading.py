"""Reading assessments: the city's readers see all units, a unit its own line (R62, §1)."""

from collections.abc import Iterable

from assessment.cadence.model import PeriodStage, PeriodState
from assessment.editions.model import Edition
from assessment.facts.model import Fact
from assessment.periods import (
    MONTHS,
    Period,
    longer_periods,
    months_between,
    parse_period,
    publication_day,
)
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from calendar_rules import local_day
from claims.lifecycle import UNIT
from claims.model.refusals import Refused
from claims.model.values import Actor
from records.cases.reader import period_state, period_states
from records.contents import ContentLost
from records.database.engine import Records
from records.queries.assessment import first_registration
from service_layer.assessment.drafts import current_draft, make_draft, published_figures
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError, from_refusal
from service_layer.permissions import ASSESSMENT_READERS, require_role
from service_layer.services import Services
from service_layer.views.assessment import AssessmentSummary, AssessmentView, UnitAssessmentView
from service_layer.views.assessment_serializers import (
    Shown,
    Sight,
    asking_view,
    assessment_view,
    summary,
    unit_assessment_view,
)


def require_reader(actor: Actor) -> None:
    """Raises FORBIDDEN for enterprises and for roles that drafts are not for."""
    require_role(actor, *ASSESSMENT_READERS, *UNIT, what="查看考核数据")


async def assessment_summaries(services: Services) -> list[AssessmentSummary]:
    """Return the months from the first claim's to the present one, and longer periods that have begun, newest
    first. Raises RecordsUnavailable.
    """
    at = now()
    first = await services.records.run(first_registration) or at
    states = {state.period: state for state in await services.records.run(period_states)}
    calendar = await services.calendar()
    months = [*months_between(local_day(first), local_day(at))]
    longer = {period for month in months for period in longer_periods(month) if str(period) in states}
    beyond = {parse_period(period) for period in states}
    wanted = sorted(
        {*months, *longer, *beyond}, key=lambda one: (one.last_day, MONTHS[one.kind]), reverse=True
    )
    return [summary(one, publication_day(one, calendar), states.get(str(one))) for one in wanted]


async def read_assessment(
    services: Services, actor: Actor, period: str, edition: int | None
) -> AssessmentView:
    """Return a period's edition in force, else its draft, as far as the actor may see it; of one that waits
    for answers, to the city's readers, what it waits for. Raises ServiceError, RecordsUnavailable.
    """
    wanted = parsed_period(period)
    state = await services.records.run(period_state, str(wanted))
    organisation = services.city.organisation_on(wanted.last_day)
    may_know = edition in (None, 1) and actor.has(*ASSESSMENT_READERS)
    if state is not None and state.stage is PeriodStage.ASKING and may_know:
        scheme = scheme_for(wanted, load_schemes(), state.scheme)
        return asking_view(wanted, scheme.id, organisation, state)
    shown = await _edition_shown(services, wanted, state, edition)
    sight = Sight(own=claims_shown_of(services, actor, shown.edition), all_lines=shown.published is not None)
    return assessment_view(wanted, shown, organisation, state, sight)


async def read_unit(
    services: Services, actor: Actor, period: str, unit: str, edition: int | None
) -> UnitAssessmentView:
    """Return a unit's line with every row behind it. Raises ServiceError, RecordsUnavailable."""
    wanted = parsed_period(period)
    state, found = await shown_edition(services, wanted, edition)
    line, shown = found.edition.unit(unit), claims_shown_of(services, actor, found.edition)
    if line is None:
        refuse_merged(services, wanted, unit)
    if line is None or (shown is not None and unit not in shown):
        detail = f"{wanted}没有单位{unit[:40]}的考核数据"
        raise ServiceError(ErrorKind.NOT_FOUND, detail, rule="R62", instead="请从该周期的单位中选择")
    facts = await rows_of(services, wanted, found, [unit])
    return unit_assessment_view(wanted, found, line, facts, state)


def refuse_merged(services: Services, period: Period, unit: str) -> None:
    """Raises NOT_NOW for a unit that was merged into another by the period's end: that one answers for its claims (R61)."""
    organisation = services.city.organisation_on(period.last_day)
    heir = assessed_units(organisation).successor_of(unit)
    if heir == unit:
        return
    former, new = organisation.get(unit).short, organisation.get(heir).short
    detail = f"{former}在{period.last_day}前已并入{new}，其工单计入{new}的考核"
    raise ServiceError(ErrorKind.NOT_NOW, detail, rule="R61", instead=f"请由{new}查看和提出异议")


async def shown_edition(
    services: Services, period: Period, edition: int | None
) -> tuple[PeriodState | None, Shown]:
    """Return the period's stage, and the wanted edition, the newest published one, or the draft.
    Raises ServiceError, RecordsUnavailable.
    """
    state = await services.records.run(period_state, str(period))
    return state, await _edition_shown(services, period, state, edition)


async def _edition_shown(
    services: Services, period: Period, state: PeriodState | None, edition: int | None
) -> Shown:
    try:
        async with services.drafting:
            shown = await services.records.run(_shown, services, period, state, edition)
    except Refused as refusal:
        raise from_refusal(refusal) from refusal
    except ContentLost as error:
        raise _damaged(period) from error
    if edition not in (None, shown.edition.edition):
        detail = f"{period}没有第{edition}期"
        raise ServiceError(ErrorKind.NOT_FOUND, detail, rule="R62", instead="请先查看该周期的现有期次")
    return shown


async def rows_of(services: Services, period: Period, shown: Shown, units: Iterable[str]) -> list[Fact]:
    """Return the rows behind units' figures. Raises ServiceError, RecordsUnavailable."""

    def read(_: Records) -> list[Fact]:
        return [fact for unit in units for fact in shown.facts_of(unit)]

    try:
        return await services.records.run(read)
    except ContentLost as error:
        raise _damaged(period) from error


def _damaged(period: Period) -> ServiceError:
    detail = f"{period}的通报内容缺失或已损坏"
    return ServiceError(ErrorKind.DAMAGED, detail, rule="R62", instead="请从归档恢复")


def _shown(
    records: Records, services: Services, period: Period, state: PeriodState | None, edition: int | None
) -> Shown:
    organisation = services.city.organisation_on(period.last_day)
    if state is not None and state.published:
        wanted = next((one for one in state.published if one.edition == edition), state.published[-1])
        return published_figures(services.contents, organisation, wanted)
    made = current_draft(records, services.contents, organisation, state) if state is not None else None
    return made or make_draft(records, organisation, period, now=now())


def parsed_period(period: str) -> Period:
    """Raises INVALID for what is no period."""
    try:
        return parse_period(period)
    except Refused as refusal:
        raise ServiceError(
            ErrorKind.INVALID, refusal.reason, rule=refusal.rule, instead=refusal.instead
        ) from refusal


def claims_shown_of(services: Services, actor: Actor, edition: Edition) -> frozenset[str] | None:
    """Return the units whose claims the actor may see; None: all, and whatever else the edition holds."""
    if actor.has(*ASSESSMENT_READERS):
        return None
    if actor.unit is None:
        return frozenset()
    own = actor.unit.id
    tree = services.organisation
    return frozenset(line.unit for line in edition.units if tree.is_at_or_below(line.unit, own))
