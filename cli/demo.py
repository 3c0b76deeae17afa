"""`zaoying demo`: the sample claims on a system of their own."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.console import wait
from cli.refusals import CommandRefused
from runtime.settings import load_settings


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="演示后保持系统运行")] = False,
    story: Annotated[
        list[int] | None, typer.Option("--story", min=1, max=25, help="只走第几件（可多次）")
    ] = None,
) -> None:
    """用虚拟时间走完 25 件样例诉求的一生。"""
    console = Console(width=None if sys.stdout.isatty() else 160)
    if not wait(_demo(console, frozenset(story or ()), keep=keep)):
        raise CommandRefused("演示未按预期完成")


async def _demo(console: Console, stories: frozenset[int], *, keep: bool) -> bool:
    from demo.run import run_demo
    from runtime.local_stack import LocalStackError
    from tools.dev_server import DevServerError
    from tools.temporal_cli import TemporalCliError

    with tempfile.TemporaryDirectory(prefix="zaoying-demo-") as home:
        settings = load_settings().model_copy(
            update={"home": Path(home), "virtual_time": True, "api_port": 0, "temporal_port": 0, "ui_port": 0}
        )
        try:
            return await run_demo(settings, console, stories, keep=keep)
        except (LocalStackError, DevServerError, TemporalCliError) as error:
            raise CommandRefused(str(error)) from error
