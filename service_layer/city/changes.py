"""A change of the directory, the knowledge base or the standard texts: one person proposes it, another approves it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, JsonValue, ValidationError

from calendar_rules import local_day
from claims.lookup.directory import OWN_DISTRICT, DirectoryEntry
from claims.lookup.knowledge import Article
from claims.lookup.unit_versions import UnitVersion
from claims.model.messages.envelopes import digest
from claims.model.organisation import UnknownUnit
from claims.model.terms import Role
from claims.model.values import Actor
from claims.text.unknown_fields import unknown_field_at
from claims.transition import ENTERPRISE
from records.people import city_entries
from records.people.city_entries import CityKind, CityVersion, VersionState
from service_layer.city.unit_changes import check_unit_version
from service_layer.city_data import MODELS, StandardText, UnitChannels
from service_layer.clock import now
from service_layer.errors import ErrorKind, FieldError, ServiceError, request_id_reused
from service_layer.permissions import require_role
from service_layer.services import Services

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EDITORS: Final = (Role.COORDINATOR, Role.ADMIN)
_RULE: Final = {
    CityKind.DIRECTORY: "R14",
    CityKind.KNOWLEDGE: "R12",
    CityKind.STANDARD_TEXT: "R29",
    CityKind.CHANNELS: "R20",
    CityKind.UNITS: "R14",
}
_LONGEST_ID: Final = 40
_LONGEST_ENTRY: Final = 20_000
CityEntry = DirectoryEntry | Article | StandardText | UnitChannels | UnitVersion
_ADDRESSEES: Final = ("default", ENTERPRISE)


def require_editor(actor: Actor) -> None:
    """Raise FORBIDDEN for roles that do not maintain the city's data."""
    require_role(actor, *EDITORS, what="维护组织机构、派单目录、知识库、常用语和通知通道")


def entries_of(services: Services, kind: CityKind) -> Sequence[CityEntry]:
    """Return the entries in force now."""
    match kind:
        case CityKind.DIRECTORY:
            return services.city.directory
        case CityKind.KNOWLEDGE:
            return services.city.knowledge
        case CityKind.STANDARD_TEXT:
            return services.city.standard_texts
        case CityKind.CHANNELS:
            return services.city.channels
        case CityKind.UNITS:
            return services.city.units


async def propose_change(
    services: Services,
    kind: CityKind,
    content: Mapping[str, JsonValue],
    *,
    reason: str,
    request_id: str,
    actor: Actor,
) -> CityVersion:
    """Propose a version of an entry, once for each request id. It takes effect on its `effective_from`, today
    at the earliest, when another person has approved it. Raises FORBIDDEN, INVALID, CONFLICT,
    RecordsUnavailable.
    """
    require_editor(actor)
    entry = _checked(services, kind, content)
    if not reason:
        missing = [_wrong("reason", "missing")]
        raise ServiceError(ErrorKind.INVALID, "须写明修改的理由", rule=_RULE[kind], fields=missing)
    version = CityVersion(
        id=digest([actor.sub, request_id])[:16],
        kind=kind,
        entry=entry.id,
        content=entry.model_dump(mode="json"),
        in_force_from=max(entry.effective_from, local_day(now())),
        reason=reason[:2000],
        proposed_by=actor.sub,
        proposer=actor.name or actor.sub,
        proposed_at=now(),
    )
    return await _kept(services, version, request_id)


async def _kept(services: Services, version: CityVersion, request_id: str) -> CityVersion:
    await services.records.run(city_entries.propose, version)
    kept = await services.records.run(city_entries.version_of, version.id) or version
    if (kept.kind, kept.content, kept.reason) != (version.kind, version.content, version.reason):
        raise request_id_reused(request_id, "内容不同的修改")
    return kept


async def decide_change(
    services: Services, id: str, actor: Actor, *, approve: bool, text: str
) -> CityVersion:
    """Approve or refuse what somebody else proposed; nothing is approved for days that have passed, of which figures may be
    published (R62). Raises FORBIDDEN, NOT_FOUND, NOT_NOW, RecordsUnavailable."""
    require_editor(actor)
    version = await services.records.run(city_entries.version_of, id)
    if version is None:
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这项修改", instead="请从列表中选择")
    if version.proposed_by == actor.sub:
        detail = "提出修改的人不能自己核准"
        raise ServiceError(ErrorKind.FORBIDDEN, detail, rule=_RULE[version.kind], instead="请由另一人核准")
    in_force_from = max(version.in_force_from, local_day(now()))
    if approve and version.kind is CityKind.UNITS:
        await services.city.refresh(services.records)
        check_unit_version(
            services, UnitVersion.model_validate(dict(version.content)), first_day=in_force_from
        )
    decided = version.model_copy(
        update={
            "in_force_from": in_force_from if approve else version.in_force_from,
            "state": VersionState.APPROVED if approve else VersionState.REFUSED,
            "decided_by": actor.sub,
            "decider": actor.name or actor.sub,
            "decided_at": now(),
            "decision": text[:2000],
        }
    )
    if not await services.records.run(city_entries.decide, decided):
        detail = "这项修改已经核定"
        raise ServiceError(ErrorKind.NOT_NOW, detail, rule=_RULE[version.kind], instead="请刷新查看结果")
    await services.city.refresh(services.records)
    return decided


async def changes_of(services: Services, kind: CityKind, actor: Actor) -> list[CityVersion]:
    """Return every version, the newest first: what waits, what was approved, what was refused. Raises
    FORBIDDEN, RecordsUnavailable.
    """
    require_editor(actor)
    return await services.records.run(city_entries.versions, kind=kind)


def _checked(services: Services, kind: CityKind, content: Mapping[str, JsonValue]) -> CityEntry:
    """Return the entry, with units that exist and handle claims."""
    try:
        entry = MODELS[kind].model_validate(content)
    except ValidationError as error:
        wrong = [_problem(one, MODELS[kind]) for one in error.errors()]
        detail = "有几项没有填好，尚未提出"
        raise ServiceError(ErrorKind.INVALID, detail, rule=_RULE[kind], fields=wrong) from error
    empty = [
        _wrong(name, "missing")
        for name in ("id", "title", "matter", "answer", "name", "short")
        if _is_blank(entry, name)
    ]
    if empty:
        raise ServiceError(ErrorKind.INVALID, "有几项没有填好，尚未提出", rule=_RULE[kind], fields=empty)
    if len(entry.id) > _LONGEST_ID or len(entry.model_dump_json()) > _LONGEST_ENTRY:
        detail = f"编号至多{_LONGEST_ID}字，内容合计至多{_LONGEST_ENTRY}字"
        raise ServiceError(ErrorKind.INVALID, detail, rule=_RULE[kind], instead="请精简后重新提出")
    for name in _units(entry):
        _check_unit(services, kind, name)
    if isinstance(entry, UnitVersion):
        check_unit_version(services, entry, first_day=_first_day(entry.effective_from))
    if isinstance(entry, Article) and entry.reviewed_on > local_day(now()):
        later = FieldError(field="reviewed_on", problem="不能晚于今天")
        raise ServiceError(ErrorKind.INVALID, "核对日期有误", rule=_RULE[kind], fields=[later])
    if entry.effective_to is not None and entry.effective_to < _first_day(entry.effective_from):
        ends = FieldError(field="effective_to", problem="不能早于生效日期和今天")
        raise ServiceError(ErrorKind.INVALID, "失效日期有误", rule=_RULE[kind], fields=[ends])
    return entry


def _first_day(effective_from: date) -> date:
    return max(effective_from, local_day(now()))


def _is_blank(entry: CityEntry, name: str) -> bool:
    value = getattr(entry, name, None)
    return isinstance(value, str) and not value.strip()


def _problem(found: "ErrorDetails", model: type[BaseModel]) -> FieldError:
    name = ".".join(map(str, found["loc"][:1]))
    if found["type"] == "extra_forbidden":
        return FieldError(field=name, problem=unknown_field_at(found["loc"], model))
    return _wrong(name, found["type"])


def _wrong(name: str, type: str) -> FieldError:
    return FieldError(field=name, problem="请填写此项" if type == "missing" else "填写有误，请核对")


def _units(entry: CityEntry) -> Sequence[str]:
    match entry:
        case DirectoryEntry():
            return [one for one in (entry.unit, *entry.co_units) if one != OWN_DISTRICT]
        case Article():
            return [entry.unit]
        case UnitChannels():
            return [] if entry.id in _ADDRESSEES else [entry.id]
        case StandardText() | UnitVersion():
            return []


def _check_unit(services: Services, kind: CityKind, name: str) -> None:
    try:
        unit = services.organisation.find(name)
    except UnknownUnit as error:
        field = "id" if kind is CityKind.CHANNELS else "unit"
        wrong = FieldError(field=field, problem=f"没有单位“{name}”")
        raise ServiceError(ErrorKind.INVALID, "单位有误", rule=_RULE[kind], fields=[wrong]) from error
    if kind is CityKind.DIRECTORY and not unit.handles:
        wrong = FieldError(field="unit", problem=f"{unit.short}不是承办单位，不能派单")
        raise ServiceError(ErrorKind.INVALID, "单位有误", rule="R14", fields=[wrong])
