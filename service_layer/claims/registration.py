"""Registering a claim (R10): first a number, stored durably; then its workflow. Nothing that was received is lost."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import NamedTuple

from pydantic import JsonValue
from structlog.contextvars import bind_contextvars

from calendar_rules import SHANGHAI, local_day
from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.labels import label
from claims.model.organisation import Unit, UnitRef, UnknownUnit
from claims.model.terms import Category
from claims.model.values import Actor
from claims.need_to_know import is_same_enterprise, may_see
from claims.text.normalisation import name_key
from records import intake
from records.access.request_counts import add_counts
from records.intake import FiledBy, Intake
from service_layer.claims.claim_access import ClaimSnapshot, current_snapshot, recorded, snapshot_of
from service_layer.claims.registration_form import BY_CODE, Registration
from service_layer.claims.starting import start_new, with_own_number
from service_layer.claims.subcategories import listed_subcategory
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import REGISTRARS, is_only_channel, is_only_enterprise, require_role
from service_layer.services import Services
from workflows.messages import CURRENT_PROTOCOL, Opening


class Registered(NamedTuple):
    """The claim's number, whether it is new, and the claim if it can be shown."""

    number: str
    is_new: bool
    snapshot: ClaimSnapshot | None


def check_registrar(actor: Actor) -> None:
    """Raise a FORBIDDEN error for roles that register nothing (§1)."""
    require_role(actor, *REGISTRARS, what="登记诉求")


async def register(services: Services, sent: Registration, actor: Actor, *, form: str = "") -> Registered:
    """Register a claim once. `form`: the id of the form that was filled in; sent again, it is the same claim. Raises
    ServiceError; RecordsUnavailable: nothing was stored or acknowledged."""
    check_registrar(actor)
    order = _as_registrar(_work_order(services, sent), actor)
    await _check_linked(services, order, actor)
    await _count_own_claim(services, actor)
    received = now()
    policy = await services.policy(order.channel, order.category, received)
    if policy.subcategories_listed:
        order = order.model_copy(
            update={"subcategory": listed_subcategory(services, order.subcategory, order.category)}
        )

    def opening(number: str) -> Mapping[str, JsonValue]:
        at = None if services.settings.virtual_time else received
        return Opening(
            number=number,
            order=order,
            actor=actor,
            received_at=at,
            policy=policy,
            protocol=CURRENT_PROTOCOL,
            is_on_record=True,
        ).model_dump(mode="json")

    async def take() -> Intake:
        return await services.records.run(
            intake.register_intake,
            day=local_day(received),
            channel=order.channel,
            external_id=order.external_id or (form and f"{intake.OF_A_FORM}{actor.sub}:{form}"),
            payload=opening,
            received_at=received,
            filed_by=FiledBy.SYSTEM if is_only_channel(actor) else FiledBy.PEOPLE,
        )

    taken = await with_own_number(services, take)
    services.counters.count_registration(order.channel, is_new=taken.first)
    if form and not taken.first:
        await _check_same_form(services, taken.number, order)
    number = taken.number
    if is_only_channel(actor) and not taken.first:
        return Registered(number, taken.first, None)
    if taken.first:
        number, state = await start_new(services, number, opening)
        found = snapshot_of(state) if state else await recorded(services, number)
    else:
        found = await current_snapshot(services, number)
    bind_contextvars(claim=number)
    if found is not None and not found.stale:
        services.recent_claims.note(found.claim)
    if is_only_channel(actor):
        return Registered(number, taken.first, None)
    if found is not None and not may_see(found.claim, actor):
        detail = "该渠道编号已用于其他诉求"
        raise ServiceError(ErrorKind.CONFLICT, detail, rule="R10", instead="请核对 external_id")
    return Registered(number, taken.first, found)


def _as_registrar(order: WorkOrder, actor: Actor) -> WorkOrder:
    """Return the order as this registrar may file it: an enterprise for itself, a source system under its own
    numbers (R10).
    """
    if is_only_enterprise(actor):
        return _own_order(order, actor)
    if is_only_channel(actor) and order.channel is not actor.channel:
        name = label(actor.channel) if actor.channel else "本系统"
        raise _forbidden(f"来源系统只能以自己的渠道（{name}）登记", f"请将 channel 填为{name}的代码")
    return order


def _own_order(order: WorkOrder, actor: Actor) -> WorkOrder:
    """An enterprise registers its own claims, known by its code, else by its account; never under a channel's
    number, whose own claim would be taken for a repetition.
    """
    if name_key(order.enterprise) != name_key(actor.name.removesuffix(BY_CODE)):
        raise _forbidden("企业只能登记本企业的诉求", "请以本企业名称登记")
    if order.credit_code and order.credit_code != actor.credit_code:
        raise _forbidden("统一社会信用代码与登录企业不符", "请填写本企业的代码，或不填")
    if order.external_id:
        raise _forbidden("企业自行登记的诉求不能使用渠道的编号", "请将 external_id 留空")
    return order.model_copy(update={"credit_code": actor.credit_code, "account": actor.sub})


async def _check_same_form(services: Services, number: str, order: WorkOrder) -> None:
    """A form that is sent again is the same claim; with other words, typed after going back, it is another one. Under a
    channel's number it is the same in any words (R10)."""
    line = None if order.external_id else await services.records.run(intake.intake_of, number)
    if line is not None and Opening.model_validate(line.payload).order != order:
        detail = f"这份表单此前已登记为{number}，这次的内容与之不同，没有登记"
        instead = "另一件诉求请再提交一次；要补充原诉求，请到该工单办理"
        raise ServiceError(ErrorKind.CONFLICT, detail, rule="R10", instead=instead)


async def _check_linked(services: Services, order: WorkOrder, actor: Actor) -> None:
    """R48: what a claim with new facts is linked to has ended, is of the same enterprise, and is the registrar's to see; a
    source system names its own."""
    if not order.linked_to:
        return
    found = await current_snapshot(services, order.linked_to)
    if found is None or not (_filed_by(found.claim, actor) or may_see(found.claim, actor)):
        raise _invalid(f"linked_to：没有编号为{order.linked_to}的工单", "请核对编号，或留空", rule="R48")
    if not found.claim.over:
        instead = "请在原工单补充情况，或登记后并入原工单"
        raise _invalid(f"linked_to：{order.linked_to}尚未办结", instead, rule="R48")
    if not is_same_enterprise(order, found.claim.order):
        detail = f"linked_to：{order.linked_to}不是同一企业的工单"
        raise _invalid(detail, "请核对编号和企业名称，或留空", rule="R48")


def _filed_by(claim: Claim, actor: Actor) -> bool:
    return is_only_channel(actor) and claim.order.channel is actor.channel


async def _count_own_claim(services: Services, actor: Actor) -> None:
    """An enterprise's own claims of one day, over all APIs; the desk and the hotline register without limit
    (R10). Using another enterprise's name does not use up its quota (§1).
    """
    if not is_only_enterprise(actor):
        return
    key, quota = f"registrations {actor.credit_code or actor.sub}", services.settings.enterprise_claims
    midnight = int(datetime.combine(local_day(now()), time(), SHANGHAI).timestamp())
    counted = await services.records.run(add_counts, {key: 1}, since=midnight)
    if counted[key] > quota:
        raise ServiceError(
            ErrorKind.TOO_MANY,
            f"本企业今日已登记{quota}件诉求，达到每日上限",
            rule="R10",
            instead="请明日再登记，或拨打12345由话务员登记",
            retry_after=3600,
        )


def _forbidden(detail: str, instead: str) -> ServiceError:
    return ServiceError(ErrorKind.FORBIDDEN, detail, rule="R10", instead=instead)


def _work_order(services: Services, sent: Registration) -> WorkOrder:
    district = _district(services, sent)
    return WorkOrder(
        **sent.model_dump(exclude={"district", "complained_of"}),
        complained_of=_complained_of(services, sent),
        district=district.id if district else "",
        district_name=district.short if district else "",
    )


def _complained_of(services: Services, sent: Registration) -> UnitRef | None:
    """R53: a complaint may name the unit that it is about. Where its staff work for another unit (R21), it is about that one:
    they would read it there."""
    if not sent.complained_of:
        return None
    if sent.category is not Category.COMPLAINT:
        raise _invalid("complained_of：只有投诉类诉求填写被投诉单位", "请核对类别", rule="R53")
    try:
        return services.organisation.ref(services.organisation.acts_for(sent.complained_of))
    except UnknownUnit as error:
        detail = f"complained_of：没有编号为{sent.complained_of}的单位"
        raise _invalid(detail, "请从单位列表中选择", rule="R53") from error


def _district(services: Services, sent: Registration) -> Unit | None:
    """Return the district by id or name. A town that the organisation knows must lie in it (R10)."""
    organisation = services.organisation
    try:
        district = organisation.district_of(sent.district) if sent.district else None
    except UnknownUnit as error:
        detail = f"district：没有“{sent.district}”这个区（市）"
        raise _invalid(detail, "请填写区（市）的编号或简称，例如 滕州市") from error
    try:
        town = organisation.district_of(sent.town) if sent.town else None
    except UnknownUnit:
        return district
    if district is not None and town is not None and town.id != district.id:
        detail = f"town：“{sent.town}”不在{district.short}，而在{town.short}"
        raise _invalid(detail, "请核对区（市）和镇（街）")
    return district or town


def _invalid(detail: str, instead: str, *, rule: str = "R10") -> ServiceError:
    return ServiceError(ErrorKind.INVALID, detail, rule=rule, instead=instead)
