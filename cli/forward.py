"""`zaoying forward`: moves the clock of a claim, of a unit's account, or of a case, for demo and rehearsal."""

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.console import wait
from cli.refusals import CommandRefused
from runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from temporalio.client import WorkflowHandle

Subject = Annotated[
    str,
    typer.Argument(
        help="工单编号（QH…）、单位编号或名称（ZZ-SWJ）、assessment-2026-11、exclusion-QH…、clue-…",
        metavar="SUBJECT",
    ),
]
Duration = Annotated[str, typer.Argument(help="时长：36h、3d、1d12h、90m", metavar="DURATION")]
_CLAIM: Final = re.compile(r"QH\d")
_CASE: Final = re.compile(r"(assessment|exclusion|clue|meeting)-.")
_POLL_SECONDS: Final = 0.05
_DURATION: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_LONGEST: Final = timedelta(days=3660)


def forward(subject: Subject, duration: Duration) -> None:
    """把一件工单或一个单位台账的时钟向前拨（36h、3d、1d12h），到期事项办完后返回。须以 --virtual-time 启动。"""
    wait(_forward(load_settings(), subject, _duration(duration)))


async def _forward(settings: Settings, subject: str, duration: timedelta) -> None:
    from temporalio.service import RPCError, RPCStatusCode
    from temporalio.testing import TimeSkipper

    from activities.workflow_ids import unit_workflow_id, workflow_id
    from claims.model.labels import minute
    from runtime.connection import connect
    from runtime.telemetry import core_runtime
    from workflows.execution.virtual_clock import clock_of

    is_claim, is_case = _CLAIM.match(subject) is not None, _CASE.match(subject) is not None
    try:
        client = await connect(settings, runtime=core_runtime())
        name = (
            workflow_id(subject) if is_claim else subject if is_case else unit_workflow_id(unit_id(subject))
        )
        handle = client.get_workflow_handle(name)
        await TimeSkipper(client).fast_forward(handle, duration)
        is_settled = _claim_is_settled if is_claim else _case_is_settled if is_case else _unit_is_settled
        while not await is_settled(handle):
            await asyncio.sleep(_POLL_SECONDS)
        clock = await clock_of(handle)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            missing = "的工单，或工单已办结" if is_claim else "的单位，或该单位尚无亮牌"
            missing = "的流程，或流程已结束" if is_case else missing
            raise CommandRefused(f"没有编号为{subject}{missing}") from error
        raise CommandRefused(f"不能快进（系统是否以 --virtual-time 启动？）：{error.message}") from error
    except RuntimeError as error:
        raise CommandRefused(f"Temporal 服务器没有应答：{error}") from error
    typer.echo(f"{subject} 现为 {minute(clock)}" if clock else f"{subject} 的时钟没有拨动")


def unit_id(text: str) -> str:
    """Return the id of a unit by its id or name; what nobody knows stays as it is."""
    from claims.model.organisation import UnknownUnit
    from data import load_organisation

    try:
        return load_organisation().find(text.removeprefix("unit-")).id
    except UnknownUnit:
        return text.removeprefix("unit-")


async def _claim_is_settled(handle: "WorkflowHandle[object, object]") -> bool:
    from workflows.messages import QUERY_STATE, ClaimState

    state: ClaimState = await handle.query(QUERY_STATE, "", result_type=ClaimState)
    return state.is_settled


async def _case_is_settled(handle: "WorkflowHandle[object, object]") -> bool:
    """Return whether nothing is in progress."""
    found = (await handle.describe()).raw_description
    return not (found.pending_activities or found.HasField("pending_workflow_task"))


async def _unit_is_settled(handle: "WorkflowHandle[object, object]") -> bool:
    """Return whether every interview is scheduled and every overdue one is marked."""
    from claims.units.interviews import interviews_to_schedule, next_interview
    from workflows.execution.virtual_clock import clock_of
    from workflows.unit_messages import QUERY_STATE, UnitSnapshot

    snapshot: UnitSnapshot = await handle.query(QUERY_STATE, "", result_type=UnitSnapshot)
    interview, clock = next_interview(snapshot.account), await clock_of(handle)
    ends = interview.schedule if interview else None
    is_overdue = ends is not None and clock is not None and ends.due_at <= clock
    return not (interviews_to_schedule(snapshot.account) or is_overdue)


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
