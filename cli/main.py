"""`zaoying`: every program of the system, and the commands of those who run it.

Exit codes: 0 done, 1 refused or found wrong, 2 used wrongly.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from claims.model.terms import Role
from cli import archive, audit, db
from cli.console import say, wait
from cli.refusals import CommandRefused, JsonFlag
from runtime.settings import Settings, load_settings

app = typer.Typer(
    name="zaoying",
    help="企呼枣(早)应、接诉即办",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
calendar_app = typer.Typer(help="工作日历与时限", no_args_is_help=True)
app.add_typer(calendar_app, name="calendar")
app.add_typer(archive.app, name="archive")
app.add_typer(audit.app, name="audit")
app.add_typer(db.app, name="db")

_POLL_SECONDS = 0.05


@app.command()
def up(
    virtual_time: Annotated[bool, typer.Option("--virtual-time", help="工单时钟可快进，仅供演练")] = False,
) -> None:
    """启动服务器、工作进程和接口（前台运行，Ctrl-C 停止）。"""
    settings = load_settings()
    wait(_up(settings.model_copy(update={"virtual_time": virtual_time or settings.virtual_time})))


async def _up(settings: Settings) -> None:
    from runtime.local_stack import Embedded, EmbeddedError
    from tools.dev_server import DevServerError
    from tools.temporal_cli import TemporalCliError

    try:
        async with Embedded(settings, say=say) as city:
            say(f"数据目录 {city.settings.home}")
            say(f"Temporal UI {city.ui_url}")
            say(f"就绪：接口 {city.api_url}（文档 {city.api_url}/docs）")
            with suppress(asyncio.CancelledError):
                await city.keep_up()
    except (EmbeddedError, DevServerError, TemporalCliError) as error:
        raise CommandRefused(str(error)) from error


@app.command()
def demo(keep: Annotated[bool, typer.Option("--keep", help="演示后保持系统运行")] = False) -> None:
    """用虚拟时间走完 25 件样例诉求的一生。"""
    console = Console(width=None if sys.stdout.isatty() else 160)
    if not wait(_demo(console, keep=keep)):
        raise CommandRefused("演示未按预期完成")


async def _demo(console: Console, *, keep: bool) -> bool:
    from demo.run import run_demo
    from runtime.local_stack import EmbeddedError
    from tools.dev_server import DevServerError
    from tools.temporal_cli import TemporalCliError

    with tempfile.TemporaryDirectory(prefix="zaoying-demo-") as home:
        settings = load_settings().model_copy(
            update={"home": Path(home), "virtual_time": True, "api_port": 0, "temporal_port": 0, "ui_port": 0}
        )
        try:
            return await run_demo(settings, console, keep=keep)
        except (EmbeddedError, DevServerError, TemporalCliError) as error:
            raise CommandRefused(str(error)) from error


@app.command()
def worker() -> None:
    """运行工作进程。"""
    from worker import run_worker

    wait(run_worker(load_settings()))


@app.command()
def api() -> None:
    """运行接口。"""
    from api.serve import serve

    serve(load_settings())


@app.command()
def namespace(
    retention_days: Annotated[int, typer.Option(help="已办结工作流在服务器上保留的天数", min=1)] = 30,
) -> None:
    """在 Temporal 服务器上备好命名空间：保留期与检索字段（可重复执行）。"""
    settings = load_settings()
    wait(_namespace(settings, timedelta(days=retention_days)))
    typer.echo(f"命名空间 {settings.namespace} 已备好")


async def _namespace(settings: Settings, retention: timedelta) -> None:
    from temporalio.service import RPCError

    from runtime.connection import connect
    from tools import namespaces
    from workflows.search_attributes import SEARCH_ATTRIBUTES

    try:
        await namespaces.prepare(await connect(settings), retention, SEARCH_ATTRIBUTES)
    except (RPCError, RuntimeError, TimeoutError, namespaces.SearchAttributeConflict) as error:
        raise CommandRefused(f"命名空间没有备好：{error}") from error


@app.command()
def promote(build: Annotated[str, typer.Argument(help="工作进程的版本（ZAOYING_WORKER_BUILD）")]) -> None:
    """把全部工单交给这一版本的工作进程；先启动它们，再执行本命令。"""
    wait(_promote(load_settings(), build))
    typer.echo(f"工单已交由版本 {build} 的工作进程办理")


async def _promote(settings: Settings, build: str) -> None:
    from temporalio.service import RPCError

    from runtime.connection import connect
    from tools import deployments

    try:
        await deployments.promote(await connect(settings), build)
    except deployments.NobodyOfThatBuild as error:
        raise CommandRefused(f"没有版本为 {build} 的工作进程在运行，工单仍由原版本办理") from error
    except (RPCError, RuntimeError) as error:
        raise CommandRefused(f"Temporal 服务器没有接受：{error}") from error


@app.command()
def token(
    role: Annotated[list[Role], typer.Option(help="身份，可重复")],
    unit: Annotated[str | None, typer.Option(help="单位编号")] = None,
    name: Annotated[str, typer.Option(help="姓名；企业身份填企业名称")] = "",
    hours: Annotated[int, typer.Option(help="有效小时数", min=1, max=24 * 366)] = 12,
) -> None:
    """签发一枚内置密钥的访问令牌。"""
    from claims.model.organisation import UnknownUnit
    from data import load_organisation
    from service_layer.identity.tokens import issue_token, load_or_make_key

    if Role.CONSOLE in role:
        raise typer.BadParameter("console 不是令牌身份")
    if unit is not None:
        try:
            load_organisation().get(unit)
        except UnknownUnit as error:
            raise CommandRefused(error.reason) from error
    key = load_or_make_key(load_settings().token_key)
    typer.echo(issue_token(key, roles=role, unit=unit or "", name=name, lifetime=timedelta(hours=hours)))


@app.command()
def forward(number: str, duration: str) -> None:
    """把一件工单的时钟向前拨（36h、3d、1d12h），到期事项办完后返回。须以 --virtual-time 启动。"""
    wait(_forward(load_settings(), number, _duration(duration)))


async def _forward(settings: Settings, number: str, duration: timedelta) -> None:
    from temporalio.service import RPCError, RPCStatusCode
    from temporalio.testing import TimeSkipper

    from activities.workflow_ids import workflow_id
    from claims.model.labels import minute
    from runtime.connection import connect
    from workflows.execution.virtual_clock import clock_of
    from workflows.messages import QUERY_STATE, ClaimState

    try:
        client = await connect(settings)
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


_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise typer.BadParameter(f"看不懂的时长 {text!r}：请写成 36h、3d、1d12h、90m", param_hint="DURATION")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        duration = timedelta.max
    if not timedelta(0) < duration <= timedelta(days=3660):
        raise typer.BadParameter("时长应大于 0，不超过 3660 天", param_hint="DURATION")
    return duration


@calendar_app.command("explain")
def calendar_explain(
    start: Annotated[str, typer.Option(help="起算时间，带时区，如 2026-02-13T10:00:00+08:00")],
    days: Annotated[int, typer.Option(help="工作日数")],
    as_json: JsonFlag = False,
) -> None:
    """逐日说明一个时限。"""
    from calendar_rules import CalendarError, explain_text
    from records.calendars import calendar_at

    try:
        instant = datetime.fromisoformat(start)
    except ValueError as error:
        raise typer.BadParameter(f"看不懂的时间 {start!r}", param_hint="--start") from error
    try:
        deadline = calendar_at(load_settings().records_url).deadline(instant, days)
    except CalendarError as error:
        raise CommandRefused(str(error)) from error
    typer.echo(deadline.model_dump_json(indent=2) if as_json else explain_text(deadline))


@calendar_app.command("show")
def calendar_show(year: int, as_json: JsonFlag = False) -> None:
    """一年的放假与调休。"""
    from calendar_rules import CalendarError
    from records.calendars import calendar_at

    try:
        found = calendar_at(load_settings().records_url).year(year)
    except CalendarError as error:
        raise CommandRefused(str(error)) from error
    if as_json:
        typer.echo(json.dumps(found.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    typer.echo(
        f"{year}年{'（暂定，尚未公布放假安排）' if found.provisional else ''}　日历版本 {found.version}"
    )
    for title, listed in (("放假", found.days_off), ("调休上班", found.make_up_days)):
        for day in listed:
            typer.echo(f"{title}\t{day.date}\t{day.name}")


def _run(arguments: list[str]) -> int:
    """Run a command; its exit code."""
    try:
        app(arguments, standalone_mode=True)
    except CommandRefused as refused:
        typer.echo(str(refused), err=True)
        return 1
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:  # noqa: BLE001  whatever it is, it is told and the exit code is true
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return 0


def main() -> NoReturn:
    """The one way out: the SDK's native threads can crash an interpreter that winds down, and a
    command's exit code must be true."""
    code = _run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
