"""Facts that the manifest takes from a history (JSON as Temporal writes it)."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic.alias_generators import to_camel

from archive.entries import ClosedRun, Status
from archive.errors import ArchiveError

_ENDS: Final[Mapping[str, Status]] = {
    "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED": Status.COMPLETED,
    "EVENT_TYPE_WORKFLOW_EXECUTION_FAILED": Status.FAILED,
    "EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED": Status.CANCELED,
    "EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED": Status.TERMINATED,
    "EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT": Status.TIMED_OUT,
    "EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW": Status.CONTINUED_AS_NEW,
}
_KEY_ID: Final = "encryption-key-id"
_CALENDAR: Final = "calendar_version"
_BUILD: Final = "buildId"


class IncompleteHistory(ArchiveError):
    """The execution has not ended, or events are missing."""


class _Event(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    event_id: int
    event_time: AwareDatetime
    event_type: str


class _Type(BaseModel):
    name: str


class _Started(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    workflow_type: _Type


class _First(_Event):
    workflow_execution_started_event_attributes: _Started


class _History(BaseModel):
    events: list[_Event] = Field(min_length=1)


def closed_run(
    history: Mapping[str, JsonValue],
    *,
    workflow_id: str,
    run_id: str,
    number: str = "",
    unit: str = "",
    code_version: str = "",
    decoded: Mapping[str, JsonValue] | None = None,
) -> ClosedRun:
    """Return the manifest's facts about a complete history. `decoded` is the same history with decrypted
    payloads. Raises IncompleteHistory.
    """
    first, events = _complete(history.get("events"), workflow_id)
    last = events[-1]
    found = _HistoryFacts.of(history, decoded or {})
    return ClosedRun(
        workflow_id=workflow_id,
        run_id=run_id,
        workflow_type=first.workflow_execution_started_event_attributes.workflow_type.name,
        number=number,
        unit=unit,
        status=_ENDS[last.event_type],
        started_at=_utc(first.event_time),
        closed_at=_utc(last.event_time),
        events=len(events),
        payload_key_ids=tuple(sorted(found.keys)),
        code_version=code_version,
        worker_versions=tuple(sorted(found.builds)),
        calendar_versions=tuple(sorted(found.calendars)),
    )


def _complete(listed: JsonValue, workflow_id: str) -> tuple[_First, list[_Event]]:
    """Return the first event and all events. Raises IncompleteHistory if the last event does not end the
    execution.
    """
    try:
        events = _History.model_validate({"events": listed}).events
        first = _First.model_validate(listed[0] if isinstance(listed, list) else None)
    except ValidationError as error:
        raise IncompleteHistory(f"{workflow_id} 的历史无法读取") from error
    if [event.event_id for event in events] != list(range(1, len(events) + 1)):
        raise IncompleteHistory(f"{workflow_id} 的历史缺少事件")
    if events[-1].event_type not in _ENDS:
        raise IncompleteHistory(f"{workflow_id} 尚未结束，或其历史缺少末尾")
    return first, events


class _HistoryFacts:
    """Collects facts from a whole history. Encrypted payloads give only their key's id."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.builds: set[str] = set()
        self.calendars: set[str] = set()

    @classmethod
    def of(cls, *histories: Mapping[str, JsonValue]) -> Self:
        """Collect the facts of several histories."""
        found = cls()
        for history in histories:
            found.walk(history.get("events"))
        return found

    def walk(self, value: JsonValue) -> None:
        for fields in _objects(value):
            self._note(fields, _BUILD, self.builds)
            metadata, data = fields.get("metadata"), fields.get("data")
            if isinstance(metadata, dict) and "encoding" in metadata:
                self.keys.update(_decoded(metadata.get(_KEY_ID)))
                for text in _decoded(data):
                    self._read(text)

    def _read(self, text: str) -> None:
        if _CALENDAR not in text:
            return
        try:
            payload: JsonValue = json.loads(text)
        except ValueError:
            return
        for fields in _objects(payload):
            self._note(fields, _CALENDAR, self.calendars)

    def _note(self, fields: Mapping[str, JsonValue], name: str, found: set[str]) -> None:
        value = fields.get(name)
        if isinstance(value, str) and value:
            found.add(value)


def _objects(value: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    """Yield every object within a value, at any depth."""
    waiting: list[JsonValue] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _decoded(value: JsonValue) -> Sequence[str]:
    """Return the text of a payload's bytes, or an empty text if there is none."""
    if not isinstance(value, str):
        return ()
    try:
        return (base64.b64decode(value, validate=True).decode(),)
    except (binascii.Error, UnicodeDecodeError):
        return ()


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
