"""`zaoying forward`: moves a claim's clock, for demo and rehearsal."""

import asyncio
import re
from datetime import timedelta
from typing import Final

import typer

from cli.console import wait
from cli.refusals import CommandRefused
from runtime.settings import Settings, load_settings

_POLL_SECONDS: Final = 0.05
_DURATION: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_LONGEST: Final = timedelta(days=3660)


def forward(number: str, duration: str) -> None:
    """把一件工单的时钟向前拨（36h、3d、1d12h），到期事项办完后返回。须以 --virtual-time 启动。"""
    wait(_forward(load_settings(), number, _duration(duration)))


async def _forward(settings: Settings, number: str, duration: timedelta) -> None:
    from temporalio.service import RPCError, RPCStatusCode
    from temporalio.testing import TimeSkipper

    from activities.workflow_ids import workflow_id
    from claims.model.labels import minute
    from runtime.connection import connect
    from runtime.telemetry import core_runtime
    from workflows.execution.virtual_clock import clock_of
    from workflows.messages import QUERY_STATE, ClaimState

    try:
        client = await connect(settings, runtime=core_runtime())
        handle = client.get_workflow_handle(workflow_id(number))
        await TimeSkipper(client).fast_forward(handle, duration)
        while not (await handle.query(QUERY_STATE, "", result_type=ClaimState)).is_settled:
            await asyncio.sleep(_POLL_SECONDS)
        clock = await clock_of(handle)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise CommandRefused(f"没有编号为{number}的工单，或工单已办结") from error
        raise CommandRefused(f"不能快进（系统是否以 --virtual-time 启动？）：{error.message}") from error
    except RuntimeError as error:
        raise CommandRefused(f"Temporal 服务器没有应答：{error}") from error
    typer.echo(f"{number} 现为 {minute(clock)}" if clock else f"{number} 的时钟没有拨动")


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise typer.BadParameter(f"看不懂的时长 {text!r}：请写成 36h、3d、1d12h、90m", param_hint="DURATION")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        duration = timedelta.max
    if not timedelta(0) < duration <= _LONGEST:
        raise typer.BadParameter("时长应大于 0，不超过 3660 天", param_hint="DURATION")
    return duration
