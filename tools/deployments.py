"""Chooses which build of the workers takes the claims."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

DEPLOYMENT: Final = "zaoying"
STEPS: Final = (1.0, 10.0, 50.0, 100.0)
"""The percentages of workflows that a new build is given, step by step."""
_KNOWN_WITHIN_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.2
_LOOK_SECONDS: Final = 2.0
_ANSWER_WITHIN: Final = timedelta(seconds=20)
_NOT_YET: Final = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)
# The answers of a server that is still applying the last change: retrying is safe.
_BUSY: Final = (
    RPCStatusCode.CANCELLED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.ABORTED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
)


class NobodyOfThatBuild(Exception):
    """No worker of that build has polled."""


class TasksFail(Exception):
    """Workflow tasks of the new build fail; it is given no workflow any more."""

    def __init__(self, workflows: Sequence[str], percentage: float) -> None:
        super().__init__(", ".join(workflows))
        self.workflows = workflows
        self.percentage = percentage


async def promote(client: Client, build: str, *, within_seconds: float = _KNOWN_WITHIN_SECONDS) -> None:
    """Give all claims, also those under way, to the workers of a build; none may be lost on a build that
    nobody runs. Idempotent. Raises NobodyOfThatBuild, RPCError."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build, identity=client.identity
    )

    async def ask() -> None:
        await client.workflow_service.set_worker_deployment_current_version(request, timeout=_ANSWER_WITHIN)

    await _once_known(ask, within_seconds)


async def _once_known(ask: Callable[[], Awaitable[None]], within_seconds: float) -> None:
    """Ask the server until it knows the build's workers. Raises NobodyOfThatBuild, RPCError."""
    last: RPCError | None = None
    try:
        async with asyncio.timeout(within_seconds):
            while True:
                try:
                    await ask()
                except RPCError as error:
                    if error.status not in (*_NOT_YET, *_BUSY):
                        raise
                    last = error
                else:
                    return
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError as error:
        if last is not None and last.status in _BUSY:
            raise last from error
        raise NobodyOfThatBuild(last.message if last else "") from error


async def ramp(
    client: Client, build: str, percentage: float, *, within_seconds: float = _KNOWN_WITHIN_SECONDS
) -> None:
    """Give a part of the workflows to a build beside the current one; 0 takes them back. Raises NobodyOfThatBuild,
    RPCError."""
    request = SetWorkerDeploymentRampingVersionRequest(
        namespace=client.namespace,
        deployment_name=DEPLOYMENT,
        build_id=build,
        percentage=percentage,
        identity=client.identity,
    )

    async def ask() -> None:
        await client.workflow_service.set_worker_deployment_ramping_version(request, timeout=_ANSWER_WITHIN)

    await _once_known(ask, within_seconds)


async def current_build(client: Client) -> str:
    """Return the build that takes the claims; empty before the first is promoted. Raises RPCError."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    try:
        found = await client.workflow_service.describe_worker_deployment(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return ""
    return found.worker_deployment_info.routing_config.current_deployment_version.build_id


async def promote_in_steps(
    client: Client,
    build: str,
    *,
    pause: timedelta,
    say: Callable[[str], None],
    steps: Sequence[float] = STEPS,
    within_seconds: float = _KNOWN_WITHIN_SECONDS,
) -> None:
    """Give a build more and more of the workflows, watch it during a pause after each step, and make it the current
    one in the end. Where its tasks fail it is given none any more. Raises TasksFail, NobodyOfThatBuild, RPCError."""
    before = await current_build(client)
    if not before or before == build:
        await promote(client, build, within_seconds=within_seconds)
        return
    stalled_before = frozenset(await stalled_on(client, build))
    for percentage in steps:
        await ramp(client, build, percentage, within_seconds=within_seconds)
        say(f"{percentage:g}% 的工单已交由版本 {build} 办理，观察 {pause.total_seconds():g} 秒")
        try:
            failing = await _watch(client, build, pause, stalled_before)
        except BaseException:
            await ramp(client, build, 0)
            raise
        if failing:
            await ramp(client, build, 0)
            raise TasksFail(failing, percentage)
    await promote(client, build, within_seconds=within_seconds)


async def _watch(
    client: Client, build: str, pause: timedelta, stalled_before: frozenset[str]
) -> Sequence[str]:
    """Workflows whose tasks have begun to fail on a build within the pause; returns with the first."""
    ends = asyncio.get_running_loop().time() + pause.total_seconds()
    while True:
        failing = [name for name in await stalled_on(client, build) if name not in stalled_before]
        left = ends - asyncio.get_running_loop().time()
        if failing or left <= 0:
            return failing
        await asyncio.sleep(min(_LOOK_SECONDS, left))


async def stalled_on(client: Client, build: str) -> Sequence[str]:
    """Open workflows whose tasks fail on a build, or on none that the server names. Raises RPCError."""
    query = "ExecutionStatus = 'Running' AND TemporalReportedProblems IS NOT NULL"
    return [
        run.id
        async for run in client.list_workflows(query, limit=1000)
        if await _runs_on(client, run.id) in ("", build)
    ]


async def _runs_on(client: Client, workflow_id: str) -> str:
    """Return the build that a workflow runs on, or is moving to."""
    try:
        found = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return ""
    versioning = found.raw_description.workflow_execution_info.versioning_info
    moving = versioning.version_transition.deployment_version.build_id
    return moving or versioning.deployment_version.build_id
