"""Which workers poll the task queues: a build of before a queue does not serve it, and what was sent there would wait
unseen, because an activity that nobody takes up never fails."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import Client

from activities.task_queues import ActivityQueue, queue_name

POLLED_WITHIN: Final = timedelta(seconds=90)
"""A poll lasts a minute; a worker that has not polled for longer has ended."""
_WORKFLOWS: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITIES: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
_UNVERSIONED: Final = WorkerVersioningMode.WORKER_VERSIONING_MODE_UNVERSIONED
_TIMEOUT: Final = timedelta(seconds=5)


class WorkersApart(NamedTuple):
    """How workers differ from this program. `unserved`: task queues that none of them polls; `versions`: those of workers
    without a build name, which must be this program's own. Both are empty while no worker runs."""

    unserved: Sequence[str] = ()
    versions: Sequence[str] = ()


async def described(
    client: Client, queue: str, kind: TaskQueueType.ValueType = _WORKFLOWS
) -> DescribeTaskQueueResponse:
    """Return what the server knows of a task queue. Raises RPCError."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    return await client.workflow_service.describe_task_queue(request, timeout=_TIMEOUT)


def recent(found: DescribeTaskQueueResponse, at: datetime) -> Sequence[PollerInfo]:
    """Return who has polled shortly before an instant."""
    oldest = (at - POLLED_WITHIN).timestamp()
    return [one for one in found.pollers if one.last_access_time.ToSeconds() >= oldest]


async def workers_apart(client: Client, task_queue: str, *, version: str, at: datetime) -> WorkersApart:
    """Compare the workers at an instant with this program, whose version is given. Raises RPCError."""
    queues = [queue_name(task_queue, queue) for queue in ActivityQueue]
    answers = await asyncio.gather(
        described(client, task_queue), *(described(client, queue, _ACTIVITIES) for queue in queues)
    )
    own, *beside = (recent(found, at) for found in answers)
    if not own:
        return WorkersApart()
    options = [one.deployment_options for one in own]
    versions = {
        one.build_id for one in options if one.worker_versioning_mode == _UNVERSIONED and one.build_id
    }
    unserved = [queue for queue, found in zip(queues, beside, strict=True) if not found]
    return WorkersApart(unserved, sorted(versions - {version}))
