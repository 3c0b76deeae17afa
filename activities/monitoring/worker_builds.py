"""Which builds of the workers take the claims, and whether workers of these builds poll, as the server's task queue shows
it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from temporalio.api.enums.v1 import WorkerVersioningMode
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueueVersioningInfo
from temporalio.client import Client

from activities.monitoring.polling_workers import described, recent

NO_BUILD: Final = ""
"""Stands for the workers without a build."""
_ALL: Final = 100.0


class Share(NamedTuple):
    """The part of the claims that the workers of a build take. `is_manned`: whether any of them polls."""

    build: str
    percentage: float
    is_manned: bool


class WorkerBuilds(NamedTuple):
    """`shares`: who takes the claims, the current build first. `polling`: the builds whose workers poll."""

    shares: Sequence[Share]
    polling: Sequence[str]

    @property
    def has_worker(self) -> bool:
        """Whether a worker polls of the build that takes most claims; of two equals, the current one."""
        return max(self.shares, key=lambda share: share.percentage).is_manned

    @property
    def unmanned(self) -> Sequence[Share]:
        """The shares whose tasks go to nobody."""
        return [share for share in self.shares if not share.is_manned]

    @property
    def unmanned_percentage(self) -> float:
        """The part of the claims whose tasks go to nobody."""
        return sum(share.percentage for share in self.unmanned)

    @property
    def alarm(self) -> str:
        """The alarm's text; empty while every build that takes claims is running, and where there are no builds."""
        if not self.unmanned or not any([*self.polling, *(share.build for share in self.shares)]):
            return ""
        remedies = [f"启动{_workers_of(share.build)}" for share in self.unmanned if share.build]
        if running := [f"zaoying promote {build}" for build in self.polling if build]:
            remedies.append(f"执行 {' 或 '.join(running)}，交由在运行的版本办理")
        return (
            f"{'；'.join(map(_unmanned, self.unmanned))}：操作已收下但不办理，时限不触发；"
            f"请{'，或'.join(remedies)}（详见日志 builds-without-workers）"
        )


def _unmanned(share: Share) -> str:
    part = "工单" if share.percentage == _ALL else f"{share.percentage:g}% 的工单"
    if not share.build:
        return f"{part}尚未交由任何版本的工作进程办理"
    return f"{part}由版本 {share.build} 办理，但没有{_workers_of(share.build)}在运行"


def _workers_of(build: str) -> str:
    return f"版本 {build} 的工作进程"


async def worker_builds(client: Client, task_queue: str, *, now: datetime) -> WorkerBuilds:
    """Ask the server, once. Raises RPCError."""
    found = await described(client, task_queue)
    polling = {_build_of(poller) for poller in recent(found, now)}
    shares = [
        Share(build, percentage, build in polling)
        for build, percentage in _percentages(found.versioning_info)
        if percentage
    ]
    return WorkerBuilds(shares, sorted(polling))


def _build_of(poller: PollerInfo) -> str:
    """A worker without a build names its version, too, and gets no task of that build."""
    options = poller.deployment_options
    is_versioned = options.worker_versioning_mode == WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
    return options.build_id if is_versioned else NO_BUILD


def _percentages(info: TaskQueueVersioningInfo) -> Sequence[tuple[str, float]]:
    ramping = info.ramping_version_percentage
    return (
        (info.current_deployment_version.build_id, _ALL - ramping),
        (info.ramping_deployment_version.build_id, ramping),
    )
