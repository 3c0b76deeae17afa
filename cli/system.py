"""The programs of the system: `zaoying up`, `worker`, `api`, `namespace`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Annotated

import typer

from cli.console import say, wait
from cli.refusals import CommandRefused
from runtime.secret_files import UnreadableSecret
from runtime.settings import Settings, load_settings


def up(
    virtual_time: Annotated[bool, typer.Option("--virtual-time", help="工单时钟可快进，仅供演练")] = False,
) -> None:
    """启动服务器、工作进程和接口（前台运行，Ctrl-C 停止）。"""
    settings = load_settings()
    wait(_up(settings.model_copy(update={"virtual_time": virtual_time or settings.virtual_time})))


async def _up(settings: Settings) -> None:
    from runtime.local_stack import LocalStack, LocalStackError
    from tools.dev_server import DevServerError
    from tools.temporal_cli import TemporalCliError

    try:
        async with LocalStack(settings, say=say) as stack:
            say(f"数据目录 {stack.settings.home}")
            say(f"载荷密钥 {stack.settings.payload_keys}（丢失后历史无法读取，请另行备份）")
            say(f"Temporal UI {stack.ui_url}（内容已加密：先在 {stack.api_url}/codec/session 登录）")
            say(f"网页 {stack.api_url}/")
            ready = f"尚未就绪：{stack.missing}。" if stack.missing else "就绪："
            say(f"{ready}接口 {stack.api_url}（文档 {stack.api_url}/docs）")
            with suppress(asyncio.CancelledError):
                await stack.supervise()
    except (LocalStackError, DevServerError, TemporalCliError) as error:
        raise CommandRefused(str(error)) from error


def worker() -> None:
    """运行工作进程。"""
    from worker import run_worker

    settings = load_settings()
    with _failures_logged(settings):
        wait(run_worker(settings))


def api() -> None:
    """运行接口和网页。"""
    from api.serve import serve
    from documents.uploads.trust_list import BadTrustList
    from service_layer.identity.configuration import MisconfiguredTokens
    from web.app import create_site

    settings = load_settings()
    try:
        with _failures_logged(settings):
            serve(settings, create_site)
    except (MisconfiguredTokens, BadTrustList) as error:
        raise CommandRefused(str(error)) from error


@contextmanager
def _failures_logged(settings: Settings) -> Iterator[None]:
    """Log startup errors like all other messages of a program."""
    import structlog

    from archive.errors import ArchiveError
    from records.errors import NotOurRecords, RecordsUnavailable
    from runtime.errors import ConfigurationError

    try:
        yield
    except (ConfigurationError, UnreadableSecret, NotOurRecords, RecordsUnavailable, ArchiveError) as error:
        reason = str(error)
    except RuntimeError as error:
        if "client connect" not in str(error):
            raise
        address = f"Temporal 服务器 {settings.temporal} 没有应答"
        reason = f"{address}：请检查地址、证书和服务器，然后重新启动（{error}）"
    else:
        return
    structlog.get_logger().critical("program-failed", reason=reason)
    raise typer.Exit(1)


def namespace(
    retention_days: Annotated[int, typer.Option(help="已办结工作流在服务器上保留的天数", min=1)] = 30,
) -> None:
    """在 Temporal 服务器上备好命名空间：保留期与检索字段（可重复执行）。"""
    settings = load_settings()
    wait(_namespace(settings, timedelta(days=retention_days)))
    typer.echo(f"命名空间 {settings.namespace} 已备好")


async def _namespace(settings: Settings, retention: timedelta) -> None:
    from temporalio.service import RPCError

    from runtime.connection import FrontendAddress, connect
    from runtime.telemetry import core_runtime
    from tools import namespaces
    from workflows.search_attributes import SEARCH_ATTRIBUTES

    try:
        # It reads no payload, so it needs no keys of theirs.
        server = FrontendAddress(settings.temporal, settings.namespace, transport=settings.transport)
        await namespaces.prepare(await connect(server, runtime=core_runtime()), retention, SEARCH_ATTRIBUTES)
    except (RPCError, RuntimeError, TimeoutError, namespaces.SearchAttributeConflict) as error:
        cure = "请检查 Temporal 服务器、地址和证书后再运行一次"
        raise CommandRefused(f"命名空间没有备好：{error}。{cure}") from error
