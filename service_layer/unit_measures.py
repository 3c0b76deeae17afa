"""Signed scans that belong to an interview or an accountability file, and to no claim: whose they are (R35, R36)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from api.http.problems import Kind, Problem
from api.http.routing import require
from claims.lifecycle import UNIT
from claims.model.organisation import Unit, UnknownUnit
from claims.model.terms import Role
from claims.model.unit_account import Measure, MeasureKind, MeasureStatus, kind_of_measure
from claims.model.unit_action_bodies import UNIT_ROLES, UnitAction
from claims.model.values import Actor
from service_layer.claim_access import sees_unit
from service_layer.services import Services
from service_layer.unit_accounts import account_of

DECIDE_ON_FILES: Final = (Role.SUPERVISOR, Role.COORDINATOR, Role.INSPECTOR, Role.AUDITOR)
"""R36: for whom an accountability file is made; the unit that it is about is not among them."""

_HAND_IN: Final[Mapping[MeasureKind, tuple[Role, ...]]] = MappingProxyType(
    {
        MeasureKind.INTERVIEW: (*UNIT_ROLES[UnitAction.RECORD_INTERVIEW], *UNIT),
        MeasureKind.ACCOUNTABILITY: UNIT_ROLES[UnitAction.RECORD_ACCOUNTABILITY_STEP],
    }
)
"""Those who record; what was said in an interview the unit's own people sign as well."""


async def unit_of_scan(services: Services, id: str, actor: Actor) -> str:
    """Id of the unit that a measure has fallen on, where the actor may hand in a scan for it. Raises a 403, 404 or 409
    problem."""
    unit, measure = await _find(services, id, actor)
    require(actor, *_HAND_IN[measure.kind], what="上传此项的签字扫描件")
    if measure.status is MeasureStatus.WITHDRAWN:
        raise Problem(Kind.NOT_NOW, "所依据的亮牌已撤销，此项已撤回", rule=measure.rule)
    if not measure.notes:
        detail = "尚无登记的记录，没有可签字的文书"
        raise Problem(Kind.NOT_NOW, detail, rule=measure.rule, instead="请先登记（POST /units/{id}/…）")
    return unit.id


async def _find(services: Services, id: str, actor: Actor) -> tuple[Unit, Measure]:
    missing = Problem(
        Kind.NOT_FOUND,
        f"没有编号为{id[:200]}的约谈或问责材料",
        rule="R35",
        instead="请从单位的约谈与问责（GET /units/{id}）中选择",
    )
    try:
        unit = services.organisation.get(id.partition("/")[0])
    except UnknownUnit as error:
        raise missing from error
    account = await account_of(services, unit.id) if sees_unit(services, unit.id, actor) else None
    measure = account.measure(id) if account else None
    if measure is None or not reads_measure(id, actor):
        raise missing
    return unit, measure


def reads_measure(id: str, actor: Actor) -> bool:
    """May somebody who sees the unit see this of it?"""
    return kind_of_measure(id) is MeasureKind.INTERVIEW or actor.has(*DECIDE_ON_FILES)
