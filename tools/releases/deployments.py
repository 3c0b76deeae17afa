"""Chooses which build of the workers takes the claims."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from temporalio.api.deployment.v1 import WorkerDeploymentVersion
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.monitoring.worker_builds import worker_builds

DEPLOYMENT: Final = "zaoying"
KNOWN_WITHIN_SECONDS: Final = 60
_POLL_SECONDS: Final = 0.2
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
    """No worker of that build polls."""


class Overtaken(Exception):
    """Another promotion has changed who takes the workflows; what it decided stands."""

    def __init__(self, routing: "Routing") -> None:
        super().__init__(str(routing))
        self.routing = routing


class NotTakenBack(Exception):
    """A promotion has ended, but the server did not take the new build's workflows back."""

    def __init__(self, before: str, percentage: float) -> None:
        super().__init__(f"{percentage:g}%")
        self.before = before
        self.percentage = percentage


class TasksFail(Exception):
    """Workflow tasks of the new build fail; it is given no workflow any more."""

    def __init__(self, workflows: Sequence[str], percentage: float) -> None:
        super().__init__(", ".join(workflows))
        self.workflows = workflows
        self.percentage = percentage


class Routing(NamedTuple):
    """Which builds take the workflows: the current one, and a part of them the one that is ramping."""

    current: str = ""
    ramping: str = ""
    percentage: float = 0.0
    token: bytes = b""
    """What the server compares, so that no change is lost between reading and writing."""


async def routing_of(client: Client) -> Routing:
    """Return who takes the workflows; empty before any worker of a build has polled. Raises RPCError."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    try:
        found = await client.workflow_service.describe_worker_deployment(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return Routing()
    config = found.worker_deployment_info.routing_config
    return Routing(
        config.current_deployment_version.build_id,
        config.ramping_deployment_version.build_id,
        config.ramping_version_percentage,
        found.conflict_token,
    )


async def is_running(client: Client, build: str) -> bool:
    """Return whether a worker of a build polls for workflow tasks. Raises RPCError: NOT_FOUND where none ever did."""
    version = WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build)
    found = await client.workflow_service.describe_worker_deployment_version(
        DescribeWorkerDeploymentVersionRequest(namespace=client.namespace, deployment_version=version)
    )
    of_workflows = [
        queue.name
        for queue in found.version_task_queues
        if queue.type == TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    ]
    for name in of_workflows:
        now = datetime.fromtimestamp(time.time(), UTC)
        if build in (await worker_builds(client, name, now=now)).polling:
            return True
    return False


async def promote(client: Client, build: str, *, within_seconds: float = KNOWN_WITHIN_SECONDS) -> None:
    """Give all claims, also those under way, to the workers of a build, and none to any other, also where a promotion
    of another was interrupted or still goes on. None may be lost on a build that nobody runs. Idempotent. Raises
    NobodyOfThatBuild, RPCError."""

    async def ask() -> None:
        await _refuse_unless_running(client, build)
        await set_current(client, build)
        found = await routing_of(client)
        if found.percentage and found.ramping != build:
            await set_ramping(client, found.ramping, 0)

    await once_known(ask, within_seconds)


async def wait_until_running(
    client: Client, build: str, *, within_seconds: float = KNOWN_WITHIN_SECONDS
) -> None:
    """Wait for the server to know of a worker of a build. Raises NobodyOfThatBuild, RPCError."""
    await once_known(lambda: _refuse_unless_running(client, build), within_seconds)


async def set_current(client: Client, build: str, token: bytes = b"") -> None:
    """Ask the server once to make a build the current one. Raises RPCError."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=DEPLOYMENT,
        build_id=build,
        identity=client.identity,
        conflict_token=token,
    )
    await client.workflow_service.set_worker_deployment_current_version(request, timeout=_ANSWER_WITHIN)


async def set_ramping(client: Client, build: str, percentage: float, token: bytes = b"") -> None:
    """Ask the server once to give a part of the workflows to a build beside the current one. Raises RPCError."""
    request = SetWorkerDeploymentRampingVersionRequest(
        namespace=client.namespace,
        deployment_name=DEPLOYMENT,
        build_id=build,
        percentage=percentage,
        identity=client.identity,
        conflict_token=token,
    )
    await client.workflow_service.set_worker_deployment_ramping_version(request, timeout=_ANSWER_WITHIN)


async def _refuse_unless_running(client: Client, build: str) -> None:
    if not await is_running(client, build):
        raise NobodyOfThatBuild(build)


async def once_known(ask: Callable[[], Awaitable[None]], within_seconds: float) -> None:
    """Ask the server until it knows the build's workers. Raises NobodyOfThatBuild, RPCError."""
    last: RPCError | NobodyOfThatBuild | None = None
    try:
        async with asyncio.timeout(within_seconds):
            while True:
                try:
                    await ask()
                except RPCError as error:
                    if error.status not in (*_NOT_YET, *_BUSY):
                        raise
                    last = error
                except NobodyOfThatBuild as error:
                    last = error
                else:
                    return
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError as error:
        if isinstance(last, RPCError) and last.status in _BUSY:
            raise last from error
        raise NobodyOfThatBuild(str(last or "")) from error


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
