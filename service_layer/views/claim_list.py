"""View models of a list of claims. Instants are UTC."""

from datetime import datetime

from pydantic import BaseModel, Field

from claims.model.terms import (
    Category,
    Channel,
    Colour,
    LimitKind,
    LimitStatus,
    Stage,
)
from service_layer.views.claim import ClosedView


class SummaryLimit(BaseModel):
    """A limit in a line of a list."""

    kind: LimitKind
    kind_name: str
    unit: str | None = Field(description="谁的时限；null 为平台")
    due_at: datetime | None = Field(description="截止时刻（UTC，不含）")
    due_text: str = Field(description="截止时间的中文写法，例如 2026-11-30 24:00")
    status: LimitStatus
    status_name: str


class ClaimSummary(BaseModel):
    """One line of a list of claims."""

    number: str
    stage: Stage
    stage_name: str
    closed: ClosedView | None
    unit: str
    unit_name: str
    district: str
    district_name: str
    category: Category
    category_name: str
    channel: Channel
    channel_name: str = Field(description="来源渠道的名称")
    enterprise: str
    matter: str
    light: Colour | None
    light_name: str = Field(description="最重的亮牌颜色的名称；没有亮牌的为空")
    whose_turn: str = Field(description="现在轮到谁")
    next_due: datetime | None = Field(
        description="最紧急的截止时刻（UTC，不含）：超期未办的在前，其次计时中的"
    )
    next_due_text: str = Field(description="截止时间的中文写法，例如 2026-11-30 24:00")
    limits: list[SummaryLimit] = Field(description="计时中、暂停和超期的全部时限，按截止时间排列")
    registered_at: datetime
    updated_at: datetime


class ClaimList(BaseModel):
    """One page; `next_cursor` is null on the last."""

    claims: list[ClaimSummary]
    next_cursor: str | None
    total: int | None = Field(default=None, description="总数；仅在 with_total=true 时给出")
