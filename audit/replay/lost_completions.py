"""Workflow tasks that a worker completed but the server did not accept.

A worker that freezes during a task completes it too late: the server has timed the task out and ignores the
result, while the worker's cached workflow has moved on. The next task then delivers the newer events, and its
completion contains the commands of both. A history shows only the second task, so a plain replay delivers
everything at once and gets the commands in another order. This module cuts the activation where the lost task
ended; the workflow runs the parts one after the other, as on the worker.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob

_FAILED_AT: Final = re.compile(r"HistoryEvent\(id: (\d+)")
_AT_ONCE: Final = frozenset({"initialize_workflow", "notify_has_patch", "update_random_seed"})
"""Jobs at the start of an activation, whatever caused them."""


@dataclass(frozen=True, slots=True)
class LostCompletion:
    """A task that timed out after its start event `started`. The task with start event `resumed` delivered
    everything again.
    """

    started: int
    at: Timestamp
    resumed: int


@dataclass(frozen=True)
class Origins:
    """Finds the events behind the jobs of a history's activations, and the completions that may be lost."""

    events: Sequence[HistoryEvent]

    @cached_property
    def lost(self) -> Sequence[LostCompletion]:
        """Tasks that timed out, if a later event arrived before the next task started."""
        found: list[LostCompletion] = []
        open_: list[HistoryEvent] = []
        for event, after in zip(self.events, self.events[1:], strict=False):
            if event.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
                continue
            if after.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                open_.append(event)
            elif after.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                found += [LostCompletion(one.event_id, one.event_time, event.event_id) for one in open_]
                open_.clear()
        return found

    def lost_before(self, place: int) -> LostCompletion | None:
        """Return the last lost completion before an event, if its commands are in the same task as the event."""
        found = [one for one in self.lost if one.resumed < place]
        if not found:
            return None
        tasks = [
            event.event_id
            for event in self.events[found[-1].resumed : place]
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
        ]
        return None if tasks else found[-1]

    @cached_property
    def activities(self) -> Mapping[int, int]:
        """The end events of activities, by sequence number (the activity's id)."""
        ids: dict[int, str] = {}
        ends: dict[int, int] = {}
        for event in self.events:
            if event.HasField("activity_task_scheduled_event_attributes"):
                ids[event.event_id] = event.activity_task_scheduled_event_attributes.activity_id
            for end in ("completed", "failed", "timed_out", "canceled"):
                if event.HasField(name := f"activity_task_{end}_event_attributes"):  # type: ignore[arg-type]
                    activity = ids.get(getattr(event, name).scheduled_event_id, "")
                    if activity.isdecimal():
                        ends[int(activity)] = event.event_id
        return ends

    @cached_property
    def timers(self) -> Mapping[int, int]:
        """The events of fired timers, by sequence number (the timer's id)."""
        fired = (event for event in self.events if event.HasField("timer_fired_event_attributes"))
        named = ((event.timer_fired_event_attributes.timer_id, event.event_id) for event in fired)
        return {int(timer): event for timer, event in named if timer.isdecimal()}

    def signals(self, resumed: int) -> Iterator[int]:
        """Yield the signal events delivered by the task with start event `resumed`, in order."""
        began = [
            event.event_id
            for event, after in zip(self.events, self.events[1:resumed], strict=False)
            if after.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        ]
        since = max((one for one in began if one < resumed), default=0)
        for event in self.events[since:resumed]:
            if event.HasField("workflow_execution_signaled_event_attributes"):
                yield event.event_id

    def cancelled(self) -> int:
        """Return the event that requests the workflow's cancellation, or 0."""
        asked = "workflow_execution_cancel_requested_event_attributes"
        return next((event.event_id for event in self.events if event.HasField(asked)), 0)  # type: ignore[arg-type]


class Cuts:
    """The lost completions at which one replay's activations are cut."""

    def __init__(self, origins: Origins, lost: Sequence[LostCompletion] = ()) -> None:
        self._origins = origins
        self.lost = lost

    def parts(self, activation: WorkflowActivation) -> list[WorkflowActivation]:
        """Return the activation in the parts that the worker received."""
        lost = [one for one in self.lost if one.resumed == activation.history_length]
        if not lost:
            return [activation]
        parts = [*(_lost_activation(activation, one) for one in lost), _empty(activation)]
        signals = self._origins.signals(activation.history_length)
        for job in activation.jobs:
            origin = self._origin(job, signals)
            parts[sum(one.started < origin for one in lost)].jobs.append(job)
        return [part for part in parts if part.jobs] or [activation]

    def _origin(self, job: WorkflowActivationJob, signals: Iterator[int]) -> int:
        """Return the event behind a job; 0 for a job that belongs to the activation's start."""
        kind = job.WhichOneof("variant")
        match kind:
            case "resolve_activity":
                return self._origins.activities.get(job.resolve_activity.seq, 0)
            case "fire_timer":
                return self._origins.timers.get(job.fire_timer.seq, 0)
            case "signal_workflow":
                return next(signals, 0)
            case "cancel_workflow":
                return self._origins.cancelled()
        return 0 if kind in _AT_ONCE else len(self._origins.events)


def _lost_activation(activation: WorkflowActivation, lost: LostCompletion) -> WorkflowActivation:
    """Return the lost task's activation without its jobs."""
    part = _empty(activation)
    part.timestamp.CopyFrom(lost.at)
    part.history_length = lost.started
    return part


def _empty(activation: WorkflowActivation) -> WorkflowActivation:
    copied = WorkflowActivation()
    copied.CopyFrom(activation)
    del copied.jobs[:]
    return copied


def failing_event(message: str) -> int:
    """Return the event at which a replay stopped, from the SDK's message; 0 if it names none."""
    found = _FAILED_AT.search(message)
    return int(found[1]) if found else 0


def next_cut(cuts: Cuts, origins: Origins, message: str) -> Cuts | None:
    """Return the cuts for another replay after one that stopped, or None if no lost completion explains it."""
    place = failing_event(message) or len(origins.events)
    tried = {one.resumed for one in cuts.lost}
    left = [one for one in origins.lost if one.resumed < place and one.resumed not in tried]
    if not left:
        return None
    resumed = left[-1].resumed
    return Cuts(origins, [*cuts.lost, *(one for one in left if one.resumed == resumed)])


def worker_froze_text(name: str, origins: Origins, lost: LostCompletion, message: str) -> str:
    """Return the message for an auditor if no cuts make the history replay."""
    place = failing_event(message)
    events = origins.events[: lost.started]
    signals = sum(event.HasField("workflow_execution_signaled_event_attributes") for event in events)
    done = sum(event.HasField("activity_task_completed_event_attributes") for event in events)
    return (
        f"{name} 的历史不能重演到底：第{lost.started}条事件开始的工作流任务执行时，工作进程曾冻结，服务器未收到其结果；"
        f"其后第{place}条事件起，两次任务的命令混在一起，其先后次序任何程序都不能重演。这不等于历史曾被改动："
        f"第{lost.started}条事件之前的{signals}个信号和{done}次台账、时限等写入仍可逐条证明，之后的以历史文件所载为准"
    )
