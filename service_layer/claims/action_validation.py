"""Checking an action's body against the city's data, and making the envelope that is signalled.

Only what the claim cannot know by itself is checked here: whether units, directory entries, articles and
scans exist. The claim decides everything else.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from calendar_rules import local_day
from claims.lookup.directory import OWN_DISTRICT, has_entry
from claims.lookup.doors import find_door
from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.messages import action_bodies as act
from claims.model.messages.action_bodies import ActionBody, units_named
from claims.model.messages.envelopes import Envelope, digest
from claims.model.organisation import UnitRef, UnknownUnit
from claims.model.terms import Stage
from claims.model.values import Actor
from claims.need_to_know import is_same_enterprise
from claims.text.credit_code import NotACreditCode, credit_code
from claims.text.normalisation import claim_number
from service_layer.claims.claim_access import recorded
from service_layer.claims.dispatch_candidates import dispatch_candidates
from service_layer.claims.merged_claims import merge_target
from service_layer.claims.signed_scans import check_scans
from service_layer.claims.subcategories import listed_subcategory
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services

BY_TERRITORY: Final = "属地管理、谁主管谁负责（枣办发〔2021〕4号 二（三）2）"


async def prepare(services: Services, claim: Claim, body: ActionBody, actor: Actor) -> Envelope:
    """Return the envelope for the claim. Raises INVALID or INCOMPLETE with the rule."""
    sent = digest(body.model_dump(mode="json"))
    units = {unit: _resolved(services, unit) for unit in units_named(body)}
    today = local_day(now())
    match body:
        case act.Answer(article=article) if article:
            _check_article(services, article, today)
        case act.Dispatch():
            _check_handle(services, (body.unit, *body.co_units))
            body = _with_basis(services, claim.order, body, today)
        case act.Reject() | act.RequestExtension() | act.ReviewForm():
            await check_scans(services, claim, body)
        case act.Split() if claim.policy.subcategories_listed:
            body = _with_listed_kinds(services, claim.order, body)
        case act.Supplement(credit_code=code) if code:
            body = body.model_copy(update={"credit_code": _checked_code(code)})
        case act.Merge(into=into):
            number = claim_number(into)
            body = body.model_copy(update={"into": number})
            await _check_mergeable(services, claim, number)
        case act.Redetermine(unit=unit) | act.Arbitrate(unit=unit) if unit:
            _check_handle(services, (unit,))
    door = find_door(body.door, services.doors) if isinstance(body, act.Decline) else None
    return Envelope(
        actor=actor,
        received_at=None if services.settings.virtual_time else now(),
        units=units,
        door=door,
        body=body.model_dump(mode="json"),
        content=sent,
    )


def _with_listed_kinds(services: Services, order: WorkOrder, body: act.Split) -> act.Split:
    """R11, R49: each matter's subcategory is one of its category's kinds."""
    matters = tuple(
        one.model_copy(
            update={
                "subcategory": listed_subcategory(services, one.subcategory, one.category or order.category)
            }
        )
        for one in body.matters
    )
    return body.model_copy(update={"matters": matters})


async def _check_mergeable(services: Services, claim: Claim, into: str) -> None:
    """R48: into a claim of the same enterprise that is open."""
    found = await recorded(services, into)
    other = found.claim if found else None
    if other is None or not is_same_enterprise(claim.order, other.order):
        detail = f"没有同一企业的工单{into[:40]}"
        instead = "请核对并入的工单编号；两件由不同账号登记的，先核实并补填同一统一社会信用代码"
        raise ServiceError(ErrorKind.INVALID, detail, rule="R48", instead=instead)
    if other.merged_into:
        target = (await merge_target(services, other)).number
        detail = f"工单{other.number}已并入工单{target}，不能并入"
        raise ServiceError(ErrorKind.INCOMPLETE, detail, rule="R48", instead=f"请并入工单{target}")
    if other.stage is Stage.CLOSED:
        detail = f"工单{into[:40]}已办结，不能并入"
        instead = "无新情况的告知办理结果；有新情况的登记为关联诉求"
        raise ServiceError(ErrorKind.INCOMPLETE, detail, rule="R48", instead=instead)


def _checked_code(text: str) -> str:
    try:
        return credit_code(text)
    except NotACreditCode as error:
        raise ServiceError(
            ErrorKind.INVALID, f"credit_code：{error}", rule="§1", instead="请核对代码"
        ) from error


def _resolved(services: Services, unit: str) -> UnitRef:
    try:
        return services.organisation.ref(unit)
    except UnknownUnit as error:
        detail = f"没有编号为{unit}的单位"
        raise ServiceError(ErrorKind.INVALID, detail, rule="R14", instead="请从单位列表中选择") from error


def _check_handle(services: Services, units: Sequence[str]) -> None:
    """R14: leadership, platforms and the arbiter handle no claims."""
    for unit in units:
        if not services.organisation.can_handle(unit):
            name = services.organisation.get(unit).short
            raise ServiceError(
                ErrorKind.INVALID, f"{name}不是承办单位，不能派单", rule="R14", instead="请另选承办单位"
            )


def _check_article(services: Services, article: str, today: date) -> None:
    if not any(known.id == article and known.in_force(today) for known in services.knowledge):
        detail = f"知识库中没有有效的条目{article}"
        raise ServiceError(ErrorKind.INVALID, detail, rule="R12", instead="请检索知识库，或派单办理")


def _with_basis(services: Services, order: WorkOrder, body: act.Dispatch, today: date) -> act.Dispatch:
    """R14: the directory is the basis where it lists the unit; otherwise the basis must be given."""
    if body.basis:
        return body
    basis = _basis(services, order, body.unit, today)
    if basis is None:
        name = services.organisation.get(body.unit).short
        detail = f"{name}不在派单目录内，派单须写明职责依据"
        raise ServiceError(
            ErrorKind.INCOMPLETE, detail, rule="R14", instead="请填写 basis，或从派单目录中选择单位"
        )
    return body.model_copy(update={"basis": basis})


def _basis(services: Services, order: WorkOrder, unit: str, today: date) -> str | None:
    """Return the entry that matches the matter, else the first that names the unit."""
    directory, organisation = services.directory, services.organisation
    entries = {entry.id: entry for entry in directory if entry.in_force(today)}
    if not has_entry(unit, on=today, entries=directory, organisation=organisation):
        return None
    candidates = dispatch_candidates(services, order.matter, order.district, most=len(directory) + 1)
    matching = [entries[one.entry_id] for one in candidates if one.unit == unit and one.entry_id in entries]
    name = organisation.get(unit).short
    named = [entry for entry in entries.values() if entry.unit == name]
    as_co_unit = [
        entry for entry in entries.values() if name in entry.co_units and entry.unit != OWN_DISTRICT
    ]
    entry = next(iter([*matching, *named, *as_co_unit]), None)
    return f"派单目录{entry.id}：{entry.matter}" if entry else BY_TERRITORY
