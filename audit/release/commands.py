"""The commands of a workflow, from its history and from a replay by this code."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from audit.replay.captured_commands import SentCommand

Event = HistoryEvent


class CommandKind(StrEnum):
    """The kinds of compared commands."""

    ACTIVITY = "activity"
    TIMER = "timer"
    SEARCH_ATTRIBUTES = "search-attributes"
    MEMO = "memo"
    UPDATE_RESULT = "update-result"
    RESULT = "result"
    NEXT_RUN = "next-run"
    FAILURE = "failure"


Key = tuple[CommandKind, str]
Content = Mapping[str, Payload] | str
"""Payloads by position or name; a timer's duration as text."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command. `event` is its event in the history; `task` is the start event of its workflow task."""

    key: Key
    name: str
    """For an activity or a workflow: its type."""
    content: Content
    event: int = 0
    task: int = 0
    build: str = ""
    """The build id of the worker that sent it, if known."""

    @property
    def payloads(self) -> Mapping[str, Payload]:
        """Return the payloads; a timer has none."""
        return {} if isinstance(self.content, str) else self.content


_CHANGE_VERSION: Final = "TemporalChangeVersion"
"""The engine sets this search attribute itself when a workflow takes a patch."""


def _in_order(payloads: Iterable[Payload]) -> Mapping[str, Payload]:
    return {str(n): payload for n, payload in enumerate(payloads)}


def recorded_commands(events: Sequence[Event]) -> Iterator[Command]:
    """Yield a history's commands in order."""
    builds: dict[int, str] = {}
    tasks: dict[int, int] = {}
    updates: dict[int, str] = {}
    counted: Counter[CommandKind] = Counter()
    for event in events:
        if event.HasField("workflow_task_completed_event_attributes"):
            done = event.workflow_task_completed_event_attributes
            builds[event.event_id] = done.deployment_version.build_id or done.worker_version.build_id
            tasks[event.event_id] = done.started_event_id
        if event.HasField("workflow_execution_update_accepted_event_attributes"):
            accepted = event.workflow_execution_update_accepted_event_attributes
            updates[event.event_id] = accepted.protocol_instance_id
        found = _recorded(event, updates, counted)
        if found is None:
            continue
        key, name, content, completed = found
        counted[key[0]] += 1
        task = tasks.get(completed, 0)
        yield Command(key, name, content, event.event_id, task, builds.get(completed, ""))


def _recorded(
    event: Event, updates: Mapping[int, str], counted: Mapping[CommandKind, int]
) -> tuple[Key, str, Content, int] | None:
    match event.WhichOneof("attributes"):
        case "activity_task_scheduled_event_attributes":
            activity = event.activity_task_scheduled_event_attributes
            key = (CommandKind.ACTIVITY, activity.activity_id)
            content = _in_order(activity.input.payloads)
            return key, activity.activity_type.name, content, activity.workflow_task_completed_event_id
        case "timer_started_event_attributes":
            timer = event.timer_started_event_attributes
            lasts = timer.start_to_fire_timeout.ToJsonString()
            key = (CommandKind.TIMER, timer.timer_id)
            return key, "", lasts, timer.workflow_task_completed_event_id
        case "upsert_workflow_search_attributes_event_attributes":
            upsert = event.upsert_workflow_search_attributes_event_attributes
            fields = dict(upsert.search_attributes.indexed_fields)
            if set(fields) == {_CHANGE_VERSION}:
                return None
            key = (CommandKind.SEARCH_ATTRIBUTES, str(counted[CommandKind.SEARCH_ATTRIBUTES]))
            return key, "", fields, upsert.workflow_task_completed_event_id
        case "workflow_properties_modified_event_attributes":
            modified = event.workflow_properties_modified_event_attributes
            key = (CommandKind.MEMO, str(counted[CommandKind.MEMO]))
            fields = dict(modified.upserted_memo.fields)
            return key, "", fields, modified.workflow_task_completed_event_id
    return _recorded_end(event) or _recorded_update(event, updates)


def _recorded_update(event: Event, updates: Mapping[int, str]) -> tuple[Key, str, Content, int] | None:
    if not event.HasField("workflow_execution_update_completed_event_attributes"):
        return None
    done = event.workflow_execution_update_completed_event_attributes
    key = (CommandKind.UPDATE_RESULT, updates.get(done.accepted_event_id, ""))
    return key, "", _in_order(done.outcome.success.payloads), 0


def _recorded_end(event: Event) -> tuple[Key, str, Content, int] | None:
    match event.WhichOneof("attributes"):
        case "workflow_execution_completed_event_attributes":
            result = event.workflow_execution_completed_event_attributes
            content = _in_order(result.result.payloads)
            return (CommandKind.RESULT, ""), "", content, result.workflow_task_completed_event_id
        case "workflow_execution_continued_as_new_event_attributes":
            on = event.workflow_execution_continued_as_new_event_attributes
            content = _in_order(on.input.payloads)
            return (
                (CommandKind.NEXT_RUN, ""),
                on.workflow_type.name,
                content,
                on.workflow_task_completed_event_id,
            )
        case "workflow_execution_failed_event_attributes":
            failed = event.workflow_execution_failed_event_attributes
            message = failed.failure.message
            return (CommandKind.FAILURE, ""), "", message, failed.workflow_task_completed_event_id
    return None


def sent_commands(sent: Iterable[SentCommand]) -> Iterator[Command]:
    """Yield a replay's commands in order."""
    counted: Counter[CommandKind] = Counter()
    for one in sent:
        found = _sent(one.command, counted)
        if found is not None:
            counted[found[0][0]] += 1
            yield Command(*found, task=one.task)


def _sent(command: WorkflowCommand, counted: Mapping[CommandKind, int]) -> tuple[Key, str, Content] | None:
    match command.WhichOneof("variant"):
        case "schedule_activity":
            activity = command.schedule_activity
            key = (CommandKind.ACTIVITY, activity.activity_id)
            return key, activity.activity_type, _in_order(activity.arguments)
        case "start_timer":
            timer = command.start_timer
            return (CommandKind.TIMER, str(timer.seq)), "", timer.start_to_fire_timeout.ToJsonString()
        case "upsert_workflow_search_attributes":
            fields = dict(command.upsert_workflow_search_attributes.search_attributes.indexed_fields)
            return (CommandKind.SEARCH_ATTRIBUTES, str(counted[CommandKind.SEARCH_ATTRIBUTES])), "", fields
        case "modify_workflow_properties":
            fields = dict(command.modify_workflow_properties.upserted_memo.fields)
            return (CommandKind.MEMO, str(counted[CommandKind.MEMO])), "", fields
        case "update_response" if command.update_response.HasField("completed"):
            response = command.update_response
            key = (CommandKind.UPDATE_RESULT, response.protocol_instance_id)
            return key, "", _in_order([response.completed])
    return _sent_end(command)


def _sent_end(command: WorkflowCommand) -> tuple[Key, str, Content] | None:
    match command.WhichOneof("variant"):
        case "complete_workflow_execution":
            result = command.complete_workflow_execution
            content = _in_order([result.result] if result.HasField("result") else [])
            return (CommandKind.RESULT, ""), "", content
        case "continue_as_new_workflow_execution":
            on = command.continue_as_new_workflow_execution
            return (CommandKind.NEXT_RUN, ""), on.workflow_type, _in_order(on.arguments)
        case "fail_workflow_execution":
            return (CommandKind.FAILURE, ""), "", command.fail_workflow_execution.failure.message
    return None
