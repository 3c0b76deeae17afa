"""Parses histories from JSON and checks that they are complete."""

import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from google.protobuf.json_format import ParseError
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from audit.problems import HistoryCorrupt

_ENDS: Final = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "completed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "failed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "timed-out",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "cancelled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "terminated",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "continued-as-new",
}
_RESET: Final = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW
_ATTRIBUTES: Final = {
    number: f"{name.removeprefix('EVENT_TYPE_').lower()}_event_attributes"
    for name, number in EventType.items()
}
_AFTER_TASK_STARTED: Final = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
}
_REFERENCES: Final = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED: (
        "scheduled_event_id",
        EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    ),
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: (
        "started_event_id",
        EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    ),
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED: (
        "scheduled_event_id",
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    ),
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: (
        "scheduled_event_id",
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    ),
    EventType.EVENT_TYPE_TIMER_FIRED: ("started_event_id", EventType.EVENT_TYPE_TIMER_STARTED),
    EventType.EVENT_TYPE_TIMER_CANCELED: ("started_event_id", EventType.EVENT_TYPE_TIMER_STARTED),
}
"""By event type: the attribute that refers to an earlier event, and that event's type."""


@dataclass(frozen=True, slots=True)
class Run:
    """A history's own description of its run. `end` is empty while the run is open; `next_run` is set if it
    continues in another run.
    """

    workflow_id: str
    run_id: str
    kind: str
    """The workflow's type: `Claim`, `Unit`, `CalendarUpdate`."""
    events: int
    started_at: datetime
    last_event_at: datetime
    end: str = ""
    next_run: str = ""
    continued_from: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the history includes its closing event."""
        return bool(self.end)


def read_history(workflow_id: str, text: str | bytes) -> WorkflowHistory:
    """Parse a history from JSON as written by the SDK, the Temporal CLI or its UI. Raises HistoryCorrupt."""
    try:
        parsed = json.loads(text)
        if not isinstance(parsed, dict):
            raise HistoryCorrupt(f"{workflow_id} 的历史不是 JSON 对象")
        return WorkflowHistory.from_json(workflow_id, parsed)
    except (
        ValueError,
        ParseError,
        TypeError,
        KeyError,
        AttributeError,
        binascii.Error,
        RecursionError,
    ) as error:
        raise HistoryCorrupt(f"{workflow_id} 的历史无法读取（{_short(error)}）") from error


def run_of(history: WorkflowHistory) -> Run:
    """Return a history's description of its run. Raises HistoryCorrupt unless the events run from 1 without a gap."""
    events = history.events
    _check_events(history.workflow_id, events)
    started = events[0].workflow_execution_started_event_attributes
    last = events[-1]
    continued = last.workflow_execution_continued_as_new_event_attributes
    return Run(
        workflow_id=history.workflow_id,
        run_id=_run_id(events),
        kind=started.workflow_type.name,
        events=len(events),
        started_at=_instant(events[0]),
        last_event_at=_instant(last),
        end=_ENDS.get(last.event_type, ""),
        next_run=continued.new_execution_run_id,
        continued_from=started.continued_execution_run_id,
    )


def _run_id(events: Sequence[HistoryEvent]) -> str:
    """Return the run's id. A reset run continues in another one, whose earlier events are copies from the
    first run.
    """
    failures = (event.workflow_task_failed_event_attributes for event in reversed(events))
    resets = (failure.new_run_id for failure in failures if failure.cause == _RESET)
    return next(resets, events[0].workflow_execution_started_event_attributes.original_execution_run_id)


def _check_events(workflow_id: str, events: Sequence[HistoryEvent]) -> None:
    """Check what holds for every history of a real server. Temporal's Replayer relies on it and hangs otherwise."""
    if not events:
        raise HistoryCorrupt(f"{workflow_id} 的历史没有事件")
    if not events[0].HasField("workflow_execution_started_event_attributes"):
        raise HistoryCorrupt(f"{workflow_id} 的历史缺少开始事件")
    if len(events) == 1:
        raise HistoryCorrupt(f"{workflow_id} 的历史只有开始事件，没有任何步骤")
    for place, event in enumerate(events, start=1):
        if wrong := _wrong_with(event, place, events):
            raise HistoryCorrupt(f"{workflow_id} 的历史第{place}条事件{wrong}")


def _wrong_with(event: HistoryEvent, place: int, events: Sequence[HistoryEvent]) -> str:
    if event.event_id != place:
        return f"编号为{event.event_id}：事件有缺失、重复或错位"
    if event.event_type in _ENDS and place != len(events):
        return "已经结束，其后又有事件"
    if event.WhichOneof("attributes") != _ATTRIBUTES.get(event.event_type):
        return "的内容与其类型不符"
    is_task_start = event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED and place < len(events)
    if is_task_start and events[place].event_type not in _AFTER_TASK_STARTED:
        return "之后缺少这一步的结果"
    return "" if _refers_well(event, events) else "所依据的事件不存在"


def _refers_well(event: HistoryEvent, events: Sequence[HistoryEvent]) -> bool:
    """Return whether the event refers to an earlier event of the right type."""
    attribute, cause = _REFERENCES.get(event.event_type, ("", EventType.EVENT_TYPE_UNSPECIFIED))
    if not attribute:
        return True
    named = int(getattr(getattr(event, _ATTRIBUTES[event.event_type]), attribute))
    return 0 < named < event.event_id and events[named - 1].event_type == cause


def _instant(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime(UTC)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
