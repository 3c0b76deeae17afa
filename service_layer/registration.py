"""Registering a claim (R10): a number first, durably; then its workflow; nothing received is lost."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Final, NamedTuple

import structlog
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    field_validator,
)
from structlog.contextvars import bind_contextvars

from api.http.problems import Kind, Problem
from calendar_rules import local_day
from claims.lifecycle import may_see
from claims.model.claim import WorkOrder
from claims.model.organisation import Unit, UnknownUnit
from claims.model.terms import Category, Channel, EnterpriseStatus, Role
from claims.model.values import Actor
from records import intake
from records.errors import RecordsUnavailable
from service_layer.claim_access import Sighting, recorded
from service_layer.clock import now
from service_layer.polling import live
from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, NumberTaken, TemporalAway
from workflows.messages import Opening

SWEEP_SECONDS: Final = 30.0
LEFT_ALONE: Final = timedelta(seconds=10)
"""Whoever took a claim in gets so long to start it before the sweep does."""

PHONE_DIGITS: Final = range(5, 26)

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
FilledLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^\+?[0-9][0-9 ()*#,转-]{3,38}[0-9]$"),
]

log = structlog.get_logger()


class Registration(BaseModel):
    """A claim as a channel sends it."""

    model_config = ConfigDict(extra="ignore")

    channel: Channel = Field(description="来源渠道")
    external_id: Line = Field(default="", description="渠道自己的编号；同一渠道同一编号只登记一次")
    enterprise: FilledLine = Field(description="企业名称")
    contact: FilledLine = Field(description="联系人")
    phone: Phone = Field(description="联系电话")
    enterprise_status: EnterpriseStatus = Field(
        default=EnterpriseStatus.OPERATING, description="operating 在营，contracted 已签约待落地"
    )
    district: Line = Field(default="", description="区（市）编号或简称")
    town: Line = Field(default="", description="镇（街）")
    category: Category = Field(
        description="consultation 咨询，help 求助，suggestion 意见建议，complaint 投诉"
    )
    subcategory: Line = Field(default="", description="小类")
    matter: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)] = Field(
        description="诉求内容"
    )

    linked_to: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = Field(
        default="", description="关联的已办结工单编号（R48：同一事项有新情况）"
    )

    @field_validator("phone")
    @classmethod
    def _is_a_number(cls, phone: str) -> str:
        if not PHONE_DIGITS.start <= len(digits_of(phone)) < PHONE_DIGITS.stop:
            raise ValueError(f"应有{PHONE_DIGITS.start}至{PHONE_DIGITS.stop - 1}位数字")
        return phone


def digits_of(phone: str) -> str:
    """The digits of a phone number."""
    return "".join(char for char in phone if char in "0123456789")


class Registered(NamedTuple):
    """The claim's number, whether it is new, and the claim if it can be shown."""

    number: str
    first: bool
    sighting: Sighting | None


async def register(services: Services, sent: Registration, actor: Actor) -> Registered:
    """Take a claim in. Raises RecordsUnavailable: then nothing was acknowledged."""
    _check_own_claim(sent, actor)
    order = _work_order(services, sent)
    received = now()

    def opening(number: str) -> Mapping[str, JsonValue]:
        at = None if services.settings.virtual_time else received
        return Opening(number=number, order=order, actor=actor, received_at=at).model_dump(mode="json")

    taken = await services.book.ask(
        intake.register_intake,
        day=local_day(received),
        channel=order.channel,
        external_id=order.external_id,
        payload=opening,
        received_at=received,
    )
    services.metrics.registrations.labels(order.channel, "new" if taken.first else "known").inc()
    number, runs = taken.number, True
    if taken.first:
        number, runs = await _start_new(services, number, opening)
    bind_contextvars(claim=number)
    look = await live(services, number) if runs else None
    found = Sighting(look.claim, look.now) if look else await recorded(services, number)
    if found is not None and not may_see(found.claim, actor):
        raise Problem(Kind.CONFLICT, "该渠道编号已用于其他诉求", rule="R10", instead="请核对 external_id")
    return Registered(number, taken.first, found)


def _check_own_claim(sent: Registration, actor: Actor) -> None:
    """An enterprise speaks for itself, and not with another channel's numbers: those are for what the
    channel sends, and would be lost as repeats."""
    if actor.roles != (Role.ENTERPRISE,):
        return
    if sent.enterprise != actor.name:
        raise Problem(Kind.FORBIDDEN, "企业只能登记本企业的诉求", rule="R10", instead="请以本企业名称登记")
    if sent.external_id and sent.channel is not Channel.APP:
        detail = "企业自行登记的诉求不能使用其他渠道的编号"
        raise Problem(Kind.FORBIDDEN, detail, rule="R10", instead="请将 external_id 留空")


def _work_order(services: Services, sent: Registration) -> WorkOrder:
    district = _district(services, sent)
    return WorkOrder(
        **sent.model_dump(exclude={"district"}),
        district=district.id if district else "",
        district_name=district.short if district else "",
    )


def _district(services: Services, sent: Registration) -> Unit | None:
    """The district by id or name; a town that the organisation knows must lie in it (R10)."""
    organisation = services.organisation
    try:
        district = organisation.district_of(sent.district) if sent.district else None
    except UnknownUnit as error:
        detail = f"district：没有“{sent.district}”这个区（市）"
        raise Problem(
            Kind.INVALID, detail, rule="R10", instead="请填写区（市）的编号或简称，例如 滕州市"
        ) from error
    try:
        town = organisation.district_of(sent.town) if sent.town else None
    except UnknownUnit:
        return district
    if district is not None and town is not None and town.id != district.id:
        detail = f"town：“{sent.town}”不在{district.short}，而在{town.short}"
        raise Problem(Kind.INVALID, detail, rule="R10", instead="请核对区（市）和镇（街）")
    return district or town


async def _start_new(
    services: Services, number: str, opening: Callable[[str], Mapping[str, JsonValue]]
) -> tuple[str, bool]:
    """Start a claim that nobody has been told the number of: its number, which no other claim has, and
    whether it runs already."""
    day, skip = local_day(now()), 1
    while True:
        try:
            return number, await _start(services, Opening.model_validate(opening(number)))
        except NumberTaken:
            log.error("number-taken", claim=number)
            number = await services.book.ask(intake.renumber, number, day=day, skip=skip, payload=opening)
            skip *= 2


async def _start(services: Services, opening: Opening) -> bool:
    """Start the claim's workflow and note that it runs; what fails here the sweep does later. True: it has been
    started. Raises NumberTaken."""
    try:
        await services.claims.start(opening)
    except (TemporalAway, NoAnswer, NotRunning) as error:
        log.warning("claim-not-started", claim=opening.number, error=type(error).__name__)
        return False
    try:
        await services.book.ask(intake.mark_started, opening.number, now())
    except RecordsUnavailable:
        log.warning("start-not-noted", claim=opening.number)
    return True


async def start_if_waiting(services: Services, number: str) -> bool:
    """Start a claim that has its number but not yet its workflow; False where there is none such.
    Raises NoAnswer where it still waits, RecordsUnavailable where nobody knows."""
    line = await services.book.ask(intake.intake_of, number)
    if line is None or line.started_at is not None:
        return False
    if not await _start_line(services, line):
        raise NoAnswer(number)
    return True


async def sweep(services: Services, *, settled: timedelta = LEFT_ALONE) -> int:
    """Start what was taken in and never started, because an API died between number and start."""
    waiting = await services.book.ask(intake.unstarted, now() - settled)
    if not waiting or not await services.claims.is_reachable():
        return 0
    return sum([await _start_line(services, line) for line in waiting])


async def _start_line(services: Services, line: intake.IntakeRecord) -> bool:
    try:
        opening = Opening.model_validate(line.payload)
    except ValidationError:
        log.error("intake-unreadable", claim=line.number)
        return False
    try:
        return await _start(services, opening)
    except NumberTaken:
        log.error("number-taken", claim=line.number)
        return False


async def keep_sweeping(services: Services) -> None:
    """At the start and every half minute, for as long as the API runs."""
    settled = timedelta()
    while True:
        try:
            if count := await sweep(services, settled=settled):
                log.info("claims-started-late", count=count)
        except RecordsUnavailable:
            log.warning("records-unavailable", during="sweep")
        except Exception as error:  # noqa: BLE001  the sweep must outlive whatever it meets
            log.error("sweep-failed", error=type(error).__qualname__)
        settled = LEFT_ALONE
        await asyncio.sleep(SWEEP_SECONDS)
