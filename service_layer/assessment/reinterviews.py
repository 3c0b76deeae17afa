"""The sample of a quarter's evaluation: the claims whose enterprises the hotline re-interviews (R62)."""

from itertools import islice
from typing import Final

from assessment.cadence.model import PeriodState
from claims.lookup.unit_tree import Organisation
from claims.model.terms import Role
from claims.model.values import Actor
from records.cases.reader import waiting_periods
from service_layer.permissions import ASSESSMENT_READERS, require_role
from service_layer.services import Services
from service_layer.views.assessment import SampledClaim, SampleView

MOST_CLAIMS: Final = 200
"""The maximum of answers in one request."""


def require_sample_reader(actor: Actor) -> None:
    """Raises FORBIDDEN: units and enterprises do not know whom the hotline will ask."""
    require_role(actor, Role.CALLER, *ASSESSMENT_READERS, what="查看再回访样本", rule="R62")


async def open_samples(services: Services, limit: int = MOST_CLAIMS) -> list[SampleView]:
    """Return the periods that wait for answers, oldest first; of each at most `limit` claims without one.
    Raises RecordsUnavailable.
    """
    states = await services.records.run(waiting_periods)
    return [
        _view(state, services.city.organisation_on(state.of.last_day), limit)
        for state in sorted(states, key=lambda one: one.of.last_day)
        if state.missing_answers
    ]


def _view(state: PeriodState, organisation: Organisation, limit: int) -> SampleView:
    names = {unit.id: unit.short for unit in organisation.units}
    missing = state.missing_answers
    waiting = (
        SampledClaim(claim=claim, unit=unit, unit_name=names.get(unit, unit))
        for unit, claims in missing.items()
        for claim in claims
    )
    drawn = sum(map(len, state.wanted.sample.values()))
    return SampleView(
        period=state.period,
        seed=state.wanted.seed,
        drawn=drawn,
        answered=drawn - sum(map(len, missing.values())),
        missing=list(islice(waiting, limit)),
    )
