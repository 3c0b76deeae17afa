"""Messages of a later version of our programs.

A worker that does not know them yet fails the workflow task, so that the workflow waits, unchanged, for one that does.
Nobody else can stop a workflow in this way: the version counts only in what our programs have encrypted.
"""

import re
from collections.abc import Iterator
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from runtime.payloads import message_version
from runtime.payloads.origin import OF_PROGRAMS, origin_of

REFUSAL: Final = re.compile(r"messages of version (\d+); this build knows up to (\d+)")
"""What the failure of such a task says."""


def are_later(activation: WorkflowActivation) -> bool:
    """Return whether an activation brings any."""
    return _latest_in(activation) > message_version.VERSION


def _latest_in(activation: WorkflowActivation) -> int:
    sent = (payload for payload in _payloads(activation) if origin_of(payload) in OF_PROGRAMS)
    return max(map(message_version.version_of, sent), default=0)


def _payloads(activation: WorkflowActivation) -> Iterator[Payload]:
    for job in activation.jobs:
        match job.WhichOneof("variant"):
            case "initialize_workflow":
                yield from job.initialize_workflow.arguments
            case "signal_workflow":
                yield from job.signal_workflow.input
            case "do_update":
                yield from job.do_update.input
            case "resolve_activity":
                yield job.resolve_activity.result.completed.result


def refused(activation: WorkflowActivation) -> WorkflowActivationCompletion:
    """Return the completion of such an activation: its task fails and is tried again, by another worker if there is one."""
    completion = WorkflowActivationCompletion(run_id=activation.run_id)
    latest, known = _latest_in(activation), message_version.VERSION
    completion.failed.failure.message = f"messages of version {latest}; this build knows up to {known}"
    completion.failed.failure.application_failure_info.type = "UnknownMessages"
    return completion
