"""Reading units as one caller may see them (R21, R33)."""

from claims.model.labels import label
from claims.model.organisation import Unit, UnknownUnit
from claims.model.terms import Colour
from claims.model.unit_account import Measure, UnitAccount
from claims.model.values import Actor
from claims.papers.requests import paper_attachment_id
from claims.papers.unit_papers import measure_paper_id
from records.queries.units import UnitCounts, counts_by_unit, unit_lights
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import is_outside, sees_unit
from service_layer.services import Services
from service_layer.units.unit_accounts import account_of
from service_layer.views.unit import MeasureView, UnitLight, UnitSummary, UnitView


def find_unit(services: Services, unit_id: str) -> Unit:
    """Return the unit. Raises NOT_FOUND."""
    try:
        return services.organisation.get(unit_id)
    except UnknownUnit as error:
        detail = f"没有编号为{unit_id[:40]}的单位"
        raise ServiceError(ErrorKind.NOT_FOUND, detail, rule="R14", instead="请从单位列表中选择") from error


async def unit_summaries(services: Services, actor: Actor) -> list[UnitSummary]:
    """Return the whole tree, in its order."""
    counts = await services.records.run(counts_by_unit)
    return [UnitSummary(**_facts(services, unit, actor, counts)) for unit in services.organisation.units]


async def unit_view(services: Services, unit: Unit, actor: Actor) -> UnitView:
    """Return a unit with its lights and measures, where the actor may see them."""
    organisation = services.organisation
    may_read = sees_unit(organisation, unit.id, actor)
    account = await account_of(services, unit.id) if may_read else None
    lights = await _lights_of(services, unit.id, account) if may_read else None
    measures = [_measure(measure) for measure in account.measures] if account else []
    counts = await services.records.run(counts_by_unit)
    if lights is not None:
        counts[unit.id] = counts.get(unit.id, UnitCounts()).model_copy(update=_standing(lights))
    return UnitView(
        **_facts(services, unit, actor, counts),
        path=list(organisation.path(unit.id)),
        children=[child.id for child in organisation.children(unit.id)],
        duties=unit.duties,
        recipients=[] if is_outside(actor) else list(unit.recipients),
        lights=lights,
        measures=measures if may_read else None,
    )


async def _lights_of(services: Services, unit: str, account: UnitAccount | None) -> list[UnitLight]:
    """Return the lights that claims have recorded; the account knows first which are revoked (R37)."""
    lights = await services.records.run(unit_lights, unit)
    known = account.lights.values() if account else ()
    revoked = {light.id for light in (*known, *lights) if light.revoked}
    fields = set(UnitLight.model_fields) - {"revoked", "colour_name", "limit_name"}
    return [
        UnitLight(
            **light.model_dump(include=fields),
            revoked=light.id in revoked,
            colour_name=label(light.colour),
            limit_name=label(light.limit),
        )
        for light in lights
    ]


def _standing(lights: list[UnitLight]) -> dict[str, int]:
    """Return how many lights of each colour are not revoked."""
    return {
        colour.value: sum(light.colour is colour and not light.revoked for light in lights)
        for colour in Colour
    }


def _measure(measure: Measure) -> MeasureView:
    fields = measure.model_dump(include=set(MeasureView.model_fields) - {"lights", "notes"})
    paper = measure_paper_id(measure)
    return MeasureView(
        **fields,
        kind_name=label(measure.kind),
        status_name=label(measure.status),
        lights=list(measure.lights),
        due_at=measure.schedule.due_at if measure.schedule else None,
        paper=paper_attachment_id(paper) if paper else None,
        notes=measure.notes,
    )


def _facts(services: Services, unit: Unit, actor: Actor, counts: dict[str, UnitCounts]) -> dict[str, object]:
    is_visible = sees_unit(services.organisation, unit.id, actor)
    return {
        **unit.model_dump(include={"id", "name", "short", "level", "kind", "parent"}),
        "roles": list(unit.roles),
        "handles": unit.handles,
        "accountable": services.organisation.accountable(unit.id).id,
        "counts": counts.get(unit.id, UnitCounts()) if is_visible else None,
    }
