"""`/channels/{channel}/outcomes`: the outcomes of a source system's claims (R10)."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import Field, StringConstraints

from api.http.dependencies import Caller, Used
from api.http.requests.unknown_fields import StrictQuery
from api.http.routing import guarded_router
from claims.model.messages.field_types import Instant
from claims.model.terms import Channel
from service_layer.enquiries.channel_outcomes import channel_outcomes
from service_layer.views.channel import ChannelOutcomes

router = guarded_router("来源渠道")


class Since(StrictQuery):
    """From when on."""

    since: Annotated[Instant | None, Field(description="此时刻及以后有变动的；不填为全部")] = None
    cursor: Annotated[str, StringConstraints(max_length=100)] = Field(
        default="", description="上一页的 next_cursor；填写后不看 since"
    )


@router.get("/channels/{channel}/outcomes", summary="渠道诉求的办理结果")
async def read_outcomes(
    channel: Annotated[Channel, Path(description="渠道")],
    wanted: Annotated[Since, Query()],
    services: Used,
    actor: Caller,
) -> ChannelOutcomes:
    """来源系统以自己的编号登记的诉求办到哪里、结果如何，按变动先后；件件有回音。只能查询本渠道的。"""
    return await channel_outcomes(services, channel, actor, since=wanted.since, cursor=wanted.cursor)
