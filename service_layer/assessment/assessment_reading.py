"""Reading assessments as one caller may see them (R62, §1): the city's readers all units, a unit its own line."""

from assessment.editions.model import Edition
from assessment.periods import Period, months_between, parse_period, publication_day
from calendar_rules import local_day
from claims.lifecycle import UNIT
from claims.model.refusals import Refused
from claims.model.values import Actor
from records.queries.assessment import first_registration
from service_layer.assessment.drafts import Draft, make_draft
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError, from_refusal
from service_layer.permissions import ASSESSMENT_READERS, require_role
from service_layer.services import Services
from service_layer.views.assessment import (
    AssessmentSummary,
    AssessmentView,
    UnitAssessmentView,
    assessment_view,
    summary,
    unit_assessment_view,
)


def require_reader(actor: Actor) -> None:
    """Raises FORBIDDEN for enterprises and for roles that drafts are not for."""
    require_role(actor, *ASSESSMENT_READERS, *UNIT, what="查看考核数据")


async def assessment_summaries(services: Services) -> list[AssessmentSummary]:
    """The months from the first claim's to the present one, newest first. Raises RecordsUnavailable."""
    at = now()
    first = await services.records.run(first_registration) or at
    calendar = await services.calendar()
    months = reversed([*months_between(local_day(first), local_day(at))])
    return [summary(month, publication_day(month, calendar)) for month in months]


async def read_assessment(
    services: Services, actor: Actor, period: str, edition: int | None
) -> AssessmentView:
    """A period's draft, as far as the actor may see it. Raises ServiceError, RecordsUnavailable."""
    wanted = _parsed(period)
    found = (await _draft(services, wanted, edition)).edition
    return assessment_view(wanted, found, services.organisation, shown=_visible(services, actor, found))


async def read_unit(
    services: Services, actor: Actor, period: str, unit: str, edition: int | None
) -> UnitAssessmentView:
    """A unit's line with every row behind it. Raises ServiceError, RecordsUnavailable."""
    wanted = _parsed(period)
    found = await _draft(services, wanted, edition)
    line, shown = found.edition.unit(unit), _visible(services, actor, found.edition)
    if line is None or (shown is not None and unit not in shown):
        detail = f"{wanted}没有单位{unit[:40]}的考核数据"
        raise ServiceError(ErrorKind.NOT_FOUND, detail, rule="R62", instead="请从该周期的单位中选择")
    facts = [fact for fact in found.facts if fact.unit == unit]
    return unit_assessment_view(wanted, found.edition, line, facts)


async def _draft(services: Services, period: Period, edition: int | None) -> Draft:
    try:
        async with services.drafting:
            found = await services.records.run(make_draft, services.organisation, period, now=now())
    except Refused as refusal:
        raise from_refusal(refusal) from refusal
    if edition not in (None, found.edition.edition):
        detail = f"{period}没有第{edition}期"
        raise ServiceError(ErrorKind.NOT_FOUND, detail, rule="R62", instead="请先查看该周期的现有期次")
    return found


def _parsed(period: str) -> Period:
    try:
        return parse_period(period)
    except Refused as refusal:
        raise ServiceError(
            ErrorKind.INVALID, refusal.reason, rule=refusal.rule, instead=refusal.instead
        ) from refusal


def _visible(services: Services, actor: Actor, edition: Edition) -> frozenset[str] | None:
    """The units whose lines the actor may read; None: all, and whatever else the draft holds."""
    if actor.has(*ASSESSMENT_READERS):
        return None
    if actor.unit is None:
        return frozenset()
    own = actor.unit.id
    tree = services.organisation
    return frozenset(line.unit for line in edition.units if tree.is_at_or_below(line.unit, own))
