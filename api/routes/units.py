"""`/units`: the organisation tree, and each unit's lights (R21, R33)."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, Field

from api.http.problems import Kind, Problem, documented
from api.http.routing import Caller, guarded_router
from claims.model.labels import label
from claims.model.organisation import Recipient, Unit, UnitKind, UnitLevel, UnitRole, UnknownUnit
from claims.model.terms import Colour, LimitKind, Role
from claims.model.unit_account import Measure, MeasureKind, MeasureStatus, Note, UnitAccount
from claims.model.values import Actor
from claims.papers.requests import paper_attachment_id
from claims.papers.unit_papers import measure_paper_id
from records.queries.units import UnitCounts, counts_by_unit, unit_lights
from service_layer.claim_access import sees_unit
from service_layer.services import Services, Used
from service_layer.unit_accounts import account_of

router = guarded_router("单位")


class UnitSummary(BaseModel):
    """One unit of the tree."""

    id: str
    name: str
    short: str
    level: UnitLevel
    kind: UnitKind
    parent: str | None
    roles: list[UnitRole]
    handles: bool = Field(description="可以派单给它")
    accountable: str = Field(description="亮灯记在哪个单位")
    counts: UnitCounts | None = Field(description="办理中、已办结的工单和有效的黄灯、红灯；无权查看时为 null")


class UnitLight(BaseModel):
    """A light of a unit."""

    id: str
    number: str
    unit: str
    colour: Colour
    limit: LimitKind
    dispatch: int
    round: int
    at: datetime
    caused_by: str
    caused_by_name: str
    revoked: bool


class MeasureView(BaseModel):
    """An interview (R35) or an accountability file (R36)."""

    id: str
    kind: MeasureKind
    kind_name: str
    status: MeasureStatus
    status_name: str
    lights: list[str] = Field(description="所依据的亮牌")
    rule: str
    reason: str
    opened_at: datetime
    due_at: datetime | None = Field(description="约谈时限")
    missed: bool = Field(description="约谈时限已过，尚无记录")
    superseded: bool = Field(description="所依据的亮牌已撤销，但已有办理记录")
    paper: str | None = Field(description="约谈记录或问责材料的附件编号；尚未制发为 null")
    notes: list[Note]


class UnitView(UnitSummary):
    """A unit with its lights."""

    path: list[str] = Field(description="自本单位至市的各级编号")
    children: list[str]
    duties: str
    recipients: list[Recipient] = Field(description="工单接收岗位（R20）")
    lights: list[UnitLight] | None = Field(description="全部黄灯、红灯，含已撤销的；无权查看时为 null")
    measures: list[MeasureView] | None = Field(description="约谈与问责；无权查看时为 null")


class Units(BaseModel):
    """The whole tree, in its order."""

    units: list[UnitSummary]


@router.get("/units", summary="单位列表")
async def list_units(services: Used, actor: Caller) -> Units:
    """组织目录中的全部单位；有权查看的附工单数和亮灯数。"""
    counts = await services.book.ask(counts_by_unit)
    shown = [UnitSummary(**_facts(services, unit, actor, counts)) for unit in services.organisation.units]
    return Units(units=shown)


@router.get("/units/{unit_id}", summary="单位及其亮灯", responses={404: documented(404)})
async def read_unit(
    unit_id: Annotated[str, Path(description="单位编号", examples=["ZZ-GD"])], services: Used, actor: Caller
) -> UnitView:
    """单位的基本情况、接收岗位、亮灯（按亮灯时刻排列）、约谈与问责。"""
    return await unit_view(services, unit_or_404(services, unit_id), actor)


def unit_or_404(services: Services, unit_id: str) -> Unit:
    """The unit, or a 404 problem."""
    try:
        return services.organisation.get(unit_id)
    except UnknownUnit as error:
        detail = f"没有编号为{unit_id[:40]}的单位"
        raise Problem(
            Kind.NOT_FOUND, detail, rule="R14", instead="请从单位列表（GET /units）中选择"
        ) from error


async def unit_view(services: Services, unit: Unit, actor: Actor) -> UnitView:
    """A unit as its caller sees it."""
    organisation = services.organisation
    may_read = sees_unit(services, unit.id, actor)
    account = await account_of(services, unit.id) if may_read else None
    lights = await _lights_of(services, unit.id, account) if may_read else None
    measures = [_measure(measure) for measure in account.measures] if account else []
    counts = await services.book.ask(counts_by_unit)
    if lights is not None:
        counts[unit.id] = counts.get(unit.id, UnitCounts()).model_copy(update=_lit(lights))
    return UnitView(
        **_facts(services, unit, actor, counts),
        path=list(organisation.path(unit.id)),
        children=[child.id for child in organisation.children(unit.id)],
        duties=unit.duties,
        recipients=[] if set(actor.roles) == {Role.ENTERPRISE} else list(unit.recipients),
        lights=lights,
        measures=measures if may_read else None,
    )


async def _lights_of(services: Services, unit: str, account: UnitAccount | None) -> list[UnitLight]:
    """As the claims have put them on record; the account knows first which are revoked (R37)."""
    lights = await services.book.ask(unit_lights, unit)
    known = account.lights.values() if account else ()
    revoked = {light.id for light in (*known, *lights) if light.revoked}
    fields = set(UnitLight.model_fields) - {"revoked"}
    return [UnitLight(**light.model_dump(include=fields), revoked=light.id in revoked) for light in lights]


def _lit(lights: list[UnitLight]) -> dict[str, int]:
    """How many lights of each colour stand."""
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
    own = counts.get(unit.id, UnitCounts()) if sees_unit(services, unit.id, actor) else None
    return {
        **unit.model_dump(include={"id", "name", "short", "level", "kind", "parent"}),
        "roles": list(unit.roles),
        "handles": unit.handles,
        "accountable": services.organisation.accountable(unit.id).id,
        "counts": own,
    }
