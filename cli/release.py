"""Commands of a release: `zaoying check-release`, then `zaoying promote`."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.console import print_result, say, wait
from cli.refusals import CommandRefused, JsonFlag
from runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from temporalio.client import Client
    from temporalio.converter import DataConverter

    from audit.release.check import ReleaseFinding, Subject
    from tools.releases.deployments import Routing

KEPT: Final = Path(__file__).parents[1] / "tests" / "replay" / "histories"
"""The kept histories of earlier versions in the repository; an installation has none."""
MOST_KEPT: Final = 500
_EVERY_SECONDS: Final = 2.0
LONGEST_PAUSE: Final = 86_400.0

Histories = Annotated[
    Path | None, typer.Option("--histories", help="历次版本留存的历史所在目录；不填为源码中的目录（如有）")
]
Offline = Annotated[bool, typer.Option("--offline", help="只核对留存的历史，不连接服务器")]
Known = Annotated[
    Path | None,
    typer.Option("--known", help="现行版本此前用 --json 得出的报告：其中已有的问题不归于本版程序"),
]


def check_release(
    histories: Histories = None, offline: Offline = False, known: Known = None, as_json: JsonFlag = False
) -> None:
    """以本版程序重演留存的历史和服务器上全部未结的工作流，逐条比对日志、结果、时限、亮牌、文书、通知和检索字段。

    一致 0，有出入 1。
    """
    checked = wait(_check(load_settings(), histories, known, offline=offline))
    told = {
        "ok": checked.ok,
        "histories": checked.histories,
        "changed": checked.changed,
        "damaged_before": checked.damaged,
        "findings": checked.findings,
    }
    print_result(told, checked.text, as_json=as_json)
    if not checked.ok:
        raise typer.Exit(1)


class Checked:
    """The result of a check: how many, and the first `MOST_KEPT` findings."""

    def __init__(self) -> None:
        self.histories = self.changed = self.damaged = 0
        self.findings: list[ReleaseFinding] = []

    def add(self, finding: "ReleaseFinding | None") -> None:
        """Count a history, and what was found in it."""
        from audit.release.check import Blame

        self.histories += 1
        if finding is None:
            return
        is_new = finding.blame is Blame.NEW
        self.changed, self.damaged = self.changed + is_new, self.damaged + (not is_new)
        if len(self.findings) < MOST_KEPT:
            self.findings.append(finding)

    @property
    def ok(self) -> bool:
        """Whether this code reproduces every history."""
        return not self.changed and not self.damaged

    @property
    def text(self) -> str:
        """For people."""
        lines = [line for one in self.findings for line in one.lines]
        if (left := self.changed + self.damaged - len(self.findings)) > 0:
            lines.append(f"另有 {left} 份未列出")
        found = f"本版程序改变了其中 {self.changed} 份，此前已有损坏 {self.damaged} 份"
        end = "本版程序与历史完全一致" if self.ok else found
        return "\n".join([*lines, f"核对历史 {self.histories} 份，{end}"])


async def _check(settings: Settings, histories: Path | None, known: Path | None, *, offline: bool) -> Checked:
    from temporalio.service import RPCError

    from audit.release.check import ahead, check_histories
    from runtime import logs

    logs.configure("CRITICAL")
    checked, progress = Checked(), _Progress()
    client = None if offline else await _connected(settings)
    subjects = ahead(_subjects(_folder(histories), client, settings.data_converter))
    try:
        async for one in check_histories(
            subjects, settings.data_converter, build=settings.worker_build, known=_known(known)
        ):
            checked.add(one.finding)
            progress.tell(checked)
    except RPCError as error:
        raise CommandRefused(f"Temporal 服务器没有应答，未核对完：{error.message}") from error
    return checked


async def _subjects(
    folder: Path | None, client: "Client | None", converter: "DataConverter"
) -> "AsyncIterator[Subject]":
    from audit.release.subjects import kept_histories, open_workflows

    if folder is not None:
        async for subject in kept_histories(folder, converter):
            yield subject
    if client is not None:
        async for subject in open_workflows(client):
            yield subject


def _folder(given: Path | None) -> Path | None:
    if given is not None and not given.is_dir():
        raise CommandRefused(f"没有目录 {given}")
    if given is None and not KEPT.is_dir():
        typer.echo("没有留存的历史：只核对服务器上未结的工作流（--histories 可指定目录）", err=True)
        return None
    return given or KEPT


def _known(report: Path | None) -> frozenset[str]:
    from pydantic import ValidationError

    from audit.release.check import ReleaseFinding

    if report is None:
        return frozenset()
    try:
        findings = json.loads(report.read_text("utf-8"))["findings"]
        return frozenset(ReleaseFinding.model_validate(one).identity for one in findings)
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise CommandRefused(f"{report} 不是 check-release --json 的报告（{error}）") from error


class _Progress:
    """A line every few seconds, beside the result."""

    def __init__(self) -> None:
        self._next = monotonic() + _EVERY_SECONDS

    def tell(self, checked: Checked) -> None:
        if monotonic() >= self._next:
            self._next = monotonic() + _EVERY_SECONDS
            typer.echo(
                f"已核对 {checked.histories} 份，发现 {checked.changed + checked.damaged} 份有出入", err=True
            )


async def _connected(settings: Settings) -> "Client":
    from temporalio.service import RPCError

    from runtime.connection import connect
    from runtime.telemetry import core_runtime

    try:
        return await connect(settings, runtime=core_runtime())
    except (RPCError, RuntimeError, TimeoutError) as error:
        raise CommandRefused(f"Temporal 服务器没有应答（只核对留存的历史：--offline）：{error}") from error


def promote(
    build: Annotated[str, typer.Argument(help="工作进程的版本（ZAOYING_WORKER_BUILD）")],
    pause: Annotated[float, typer.Option(help="每一步之后观察的秒数")] = 60.0,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="不核对、不分步，立即全部移交：退回上一版本时用")
    ] = False,
    histories: Histories = None,
    known: Known = None,
) -> None:
    """把工单交给这一版本的工作进程：先核对（check-release），再按 1%、10%、50%、100% 分步移交，出错自动停止。

    先启动这一版本的工作进程，再用同一版本的程序执行本命令。
    """
    if not build.strip():
        raise typer.BadParameter("版本不能为空", param_hint="BUILD")
    if not 0 <= pause <= LONGEST_PAUSE:
        raise typer.BadParameter(f"须是 0 至 {LONGEST_PAUSE:g} 的秒数", param_hint="--pause")
    settings = load_settings()
    if not at_once:
        _refuse_unless_own(settings, build)
        wait(_refuse_unless_running(settings, build))
        _refuse_changed(wait(_check(settings, histories, known, offline=False)))
    wait(_promote(settings, build, None if at_once else timedelta(seconds=pause)))
    typer.echo(f"工单已交由版本 {build} 的工作进程办理")


def _refuse_unless_own(settings: Settings, build: str) -> None:
    """What this program replays says nothing of another build."""
    if settings.worker_build not in ("", build):
        raise CommandRefused(
            f"本程序是版本 {settings.worker_build}（ZAOYING_WORKER_BUILD），核对不了版本 {build}："
            f"请用版本 {build} 的程序执行，或改正版本；退回此前的版本请加 --at-once"
        )


async def _refuse_unless_running(settings: Settings, build: str) -> None:
    """Before the check, which takes minutes."""
    from temporalio.service import RPCError

    from tools.releases import deployments

    client = await _connected(settings)
    try:
        await deployments.wait_until_running(client, build)
    except deployments.NobodyOfThatBuild as error:
        raise CommandRefused(_nobody(build)) from error
    except RPCError as error:
        raise CommandRefused(f"Temporal 服务器没有接受：{error}") from error


def _nobody(build: str) -> str:
    return f"没有版本为 {build} 的工作进程在运行，工单仍由原版本办理"


def _refuse_changed(checked: Checked) -> None:
    say(checked.text)
    if checked.changed:
        raise CommandRefused("本版程序会改变以上历史，未移交任何工单。请修正后再发布")


async def _promote(settings: Settings, build: str, pause: timedelta | None) -> None:
    from temporalio.service import RPCError

    from tools.releases import deployments
    from tools.releases.rollout import promote_in_steps

    client = await _connected(settings)
    try:
        if pause is None:
            await deployments.promote(client, build)
        else:
            await promote_in_steps(client, build, pause=pause, say=say)
    except deployments.NobodyOfThatBuild as error:
        raise CommandRefused(_nobody(build)) from error
    except deployments.Overtaken as overtaken:
        raise CommandRefused(_overtaken(build, overtaken.routing)) from overtaken
    except deployments.NotTakenBack as left:
        message = (
            f"移交已停止，但 Temporal 服务器没有应答，{left.percentage:g}% 的工单可能仍由版本 {build} 办理："
            f"请待服务器恢复后执行 zaoying promote {left.before} --at-once"
        )
        raise CommandRefused(message) from left
    except deployments.TasksFail as failing:
        named = "、".join(failing.workflows[:20])
        message = (
            f"移交到 {failing.percentage:g}% 时，版本 {build} 的工作流任务失败，已全部退回原版本：{named}"
        )
        raise CommandRefused(message) from failing
    except (RPCError, RuntimeError) as error:
        raise CommandRefused(f"Temporal 服务器没有接受：{error}") from error


def _overtaken(build: str, routing: "Routing") -> str:
    beside = f"，{routing.percentage:g}% 由版本 {routing.ramping} 办理" if routing.percentage else ""
    return (
        f"另有人改变了工单的去向（现行版本 {routing.current}{beside}），"
        f"对版本 {build} 的移交已停止。请商定后只由一处执行 zaoying promote"
    )
