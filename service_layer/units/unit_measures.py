"""Access to the signed scans of an interview or an accountability file (R35, R36)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from claims.lifecycle import UNIT
from claims.model.messages.unit_action_bodies import UNIT_ROLES, UnitAction
from claims.model.organisation import Unit, UnknownUnit
from claims.model.terms import Role
from claims.model.unit_account import Measure, MeasureKind, MeasureStatus, kind_of_measure
from claims.model.values import Actor
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import ACCOUNTABILITY_READERS, require_role, sees_unit
from service_layer.services import Services
from service_layer.units.unit_accounts import account_of

_UPLOADERS: Final[Mapping[MeasureKind, tuple[Role, ...]]] = MappingProxyType(
    {
        MeasureKind.INTERVIEW: (*UNIT_ROLES[UnitAction.RECORD_INTERVIEW], *UNIT),
        MeasureKind.ACCOUNTABILITY: UNIT_ROLES[UnitAction.RECORD_ACCOUNTABILITY_STEP],
    }
)
"""Roles that record the measure; the record of an interview is signed by the unit's own people as well."""


async def unit_of_scan(services: Services, id: str, actor: Actor) -> str:
    """Return the id of the unit that a measure is about, where the actor may upload a scan for it.

    Raises FORBIDDEN, NOT_FOUND, NOT_NOW.
    """
    unit, measure = await _find(services, id, actor)
    require_role(actor, *_UPLOADERS[measure.kind], what="上传此项的签字扫描件")
    if measure.status is MeasureStatus.WITHDRAWN:
        raise ServiceError(ErrorKind.NOT_NOW, "所依据的亮牌已撤销，此项已撤回", rule=measure.rule)
    if not measure.notes:
        detail = "尚无登记的记录，没有可签字的文书"
        raise ServiceError(ErrorKind.NOT_NOW, detail, rule=measure.rule, instead="请先登记")
    return unit.id


async def _find(services: Services, id: str, actor: Actor) -> tuple[Unit, Measure]:
    missing = ServiceError(
        ErrorKind.NOT_FOUND,
        f"没有编号为{id[:200]}的约谈或问责材料",
        rule="R35",
        instead="请从单位的约谈与问责中选择",
    )
    try:
        unit = services.organisation.get(id.partition("/")[0])
    except UnknownUnit as error:
        raise missing from error
    account = (
        await account_of(services, unit.id) if sees_unit(services.organisation, unit.id, actor) else None
    )
    measure = account.measure(id) if account else None
    if measure is None or not reads_measure(id, actor):
        raise missing
    return unit, measure


def reads_measure(id: str, actor: Actor) -> bool:
    """Return whether somebody who sees the unit may see this measure."""
    return kind_of_measure(id) is MeasureKind.INTERVIEW or actor.has(*ACCOUNTABILITY_READERS)
