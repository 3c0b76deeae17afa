"""A claim as a line of a worklist: whose turn it is, its running and missed limits, and the allowed actions."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from calendar_rules import due_at, local_day
from claims.lifecycle import allowed_actions
from claims.limits import WAITING_PERIODS, limit_name, status_name
from claims.model.claim import Claim
from claims.model.labels import end_of, label
from claims.model.limit import Limit, worst_colour
from claims.model.terms import Action, Colour, LimitKind, LimitStatus, Stage
from claims.model.values import Actor
from claims.need_to_know import may_see, sees_contacts
from claims.papers.redaction import redact_contact, redact_identity, redact_owner
from claims.ui_summary import whose_turn
from claims.urgency import by_urgency, is_unmet
from records.queries import worklists
from service_layer.clock import now
from service_layer.services import Services


class WorkLimit(BaseModel):
    """A limit that runs, is paused, or was missed and is still not met."""

    kind: LimitKind
    kind_name: str = Field(description="时限种类的名称")
    name: str
    unit: str | None
    due_at: datetime | None
    due_text: str = Field(description="截止时间的中文写法")
    status: LimitStatus
    status_name: str
    unmet: bool = Field(description="已超期，仍未办理")
    ends_today: bool = Field(description="今日到期")


class WorkItem(BaseModel):
    """An open claim in a worklist."""

    number: str
    stage: Stage
    stage_name: str
    category_name: str
    enterprise: str
    district_name: str
    matter: str
    unit: str = Field(description="承办单位编号")
    unit_name: str
    whose_turn: str = Field(description="现在轮到谁")
    light: Colour | None
    light_name: str = Field(description="最重的亮牌颜色的名称；没有亮牌的为空")
    limits: list[WorkLimit] = Field(description="计时中、暂停和超期未办的全部时限，最紧急的在前")
    signed: bool = Field(description="承办单位已签收")
    awaits_part: bool = Field(description="您的单位有协办事项待报送")
    round: int
    call_attempts: int = Field(description="本轮已回访次数")
    disputed: bool = Field(description="企业反映未被联系，待核对（R52）")
    extension_pending: bool
    registered_at: datetime
    allowed_actions: list[Action]
    allowed_action_names: list[str] = Field(description="这些操作的名称，次序相同")

    @property
    def is_late(self) -> bool:
        """Whether a limit was missed and is still not met."""
        return any(limit.unmet for limit in self.limits)

    @property
    def ends_today(self) -> bool:
        """Whether a limit ends today."""
        return any(limit.ends_today for limit in self.limits)


async def work_items(
    services: Services, actor: Actor, *, stages: Sequence[Stage] = (), unit: str = ""
) -> list[WorkItem]:
    """Return the most urgent open claims, in some stages or of a unit and those below it."""
    claims = await services.records.run(worklists.open_claims, stages=stages, unit=unit)
    return [work_item(claim, actor) for claim in claims if may_see(claim, actor)]


async def late_items(services: Services, actor: Actor) -> list[WorkItem]:
    """Claims with a limit that is past and not met, the longest first."""
    claims = await services.records.run(worklists.open_claims, late_at=now())
    items = (work_item(claim, actor) for claim in claims)
    return [item for item in items if item.is_late]


async def items_at_risk(services: Services, actor: Actor) -> list[WorkItem]:
    """Claims that are not late, with a limit that ends today or on the next working day; the first to end first (R30)."""
    today = local_day(now())
    until = due_at((await services.calendar()).nth_working_day_after(today, 1))
    claims = await services.records.run(worklists.open_claims, due_after=now(), due_until=until)
    items = (work_item(claim, actor) for claim in claims)
    return [item for item in items if not item.is_late]


def work_item(claim: Claim, actor: Actor) -> WorkItem:
    """Return one claim as the actor's work; whose it is stays hidden from those who may not know (R53, R54)."""
    order, dispatch = claim.order, claim.dispatch
    is_named = sees_contacts(claim, actor)
    matter = redact_contact(order.matter, order) if is_named else redact_identity(order.matter, order)
    worst = worst_colour(claim.lights)
    part = dispatch.part_below(actor.unit) if dispatch and actor.unit else None
    return WorkItem(
        number=claim.number,
        stage=claim.stage,
        stage_name=label(claim.stage),
        category_name=label(order.category),
        enterprise=order.enterprise if is_named else redact_owner(claim).order.enterprise,
        district_name=order.district_name,
        matter=str(matter),
        unit=dispatch.acting.id if dispatch else "",
        unit_name=dispatch.acting.name if dispatch else "",
        whose_turn=whose_turn(claim),
        light=worst,
        light_name=label(worst) if worst else "",
        limits=[_limit(claim, limit) for limit in by_urgency(claim) if _counts(claim, limit)],
        signed=dispatch is not None and dispatch.signed_for_at is not None,
        awaits_part=part is not None and part.reports and part.reported_at is None,
        round=claim.round,
        call_attempts=sum(1 for call in claim.call_backs if call.round == claim.round),
        disputed=claim.has_disputed_contact,
        extension_pending=claim.has_pending_extension,
        registered_at=claim.registered_at,
        allowed_actions=(actions := allowed_actions(claim, actor)),
        allowed_action_names=[*map(label, actions)],
    )


def _counts(claim: Claim, limit: Limit) -> bool:
    return limit.kind not in WAITING_PERIODS and (limit.is_live or is_unmet(claim, limit))


def _limit(claim: Claim, limit: Limit) -> WorkLimit:
    fixed = limit.schedule
    runs = limit.status is LimitStatus.RUNNING
    return WorkLimit(
        kind=limit.kind,
        kind_name=label(limit.kind),
        name=limit_name(limit, "·"),
        unit=limit.unit.name if limit.unit else None,
        due_at=fixed.due_at if fixed else None,
        due_text=end_of(fixed.last_day, fixed.due_at) if fixed else "",
        status=limit.status,
        status_name=status_name(limit),
        unmet=is_unmet(claim, limit),
        ends_today=runs and fixed is not None and fixed.last_day == local_day(now()),
    )
