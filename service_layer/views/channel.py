"""View models of what a source system reads back (R10)."""

from datetime import datetime

from pydantic import BaseModel, Field

from claims.model.terms import Channel, Stage
from service_layer.views.claim import ClosedView
from service_layer.views.track import PublicEvent


class ChannelOutcome(BaseModel):
    """The outcome so far of one of the channel's claims, in public words."""

    external_id: str = Field(description="渠道自己的编号（半角）")
    number: str = Field(description="工单编号")
    stage: Stage
    stage_name: str
    closed: ClosedView | None = Field(description="尚未办结为 null")
    merged_into: str = Field(description="并入的工单编号（R48）；未并案时为空")
    unit_name: str = Field(description="承办单位；尚未派单时为空")
    registered_at: datetime
    updated_at: datetime
    events: list[PublicEvent] = Field(description="办理经过，公开文字")


class ChannelOutcomes(BaseModel):
    """In the order of their changes; `next_cursor` is null if nothing follows yet."""

    channel: Channel
    channel_name: str
    outcomes: list[ChannelOutcome]
    next_cursor: str | None
