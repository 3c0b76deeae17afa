"""Commands in terms of the domain: journal lines, outcomes, notices, claims, accounts, papers."""

import base64
import json
from collections.abc import Mapping
from typing import Final, NamedTuple

import jsonpatch
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from temporalio.api.common.v1 import Payload

from activities.deadlines import FIX_DEADLINES
from activities.lights import RECORD_ACCOUNT, AccountRecord
from activities.records import RECORD_CHANGE, RECORD_STEP
from audit.release.commands import Command, CommandKind
from claims.deadlines.scheduling import LimitRequest
from claims.model.claim import Claim
from claims.model.journal import Entry, Notice, Outcome
from claims.model.terms import BackgroundTaskKind
from claims.recording.change import BaseLost, ClaimChange, in_short
from claims.recording.short_lines import lengthened

_REQUESTS: Final = TypeAdapter(list[LimitRequest])
_LINES: Final[Mapping[str, type[BaseModel]]] = {"entries": Entry, "outcomes": Outcome, "notices": Notice}
Parts = dict[str, JsonValue]


class Place(NamedTuple):
    """A place in a command, as named to people; `field` is empty for the whole."""

    what: str
    field: str = ""


def plain(payload: Payload) -> JsonValue:
    """Return a decoded payload as JSON; as base64 if it is not JSON."""
    try:
        found: JsonValue = json.loads(payload.data) if payload.data else None
    except ValueError:
        return base64.b64encode(payload.data).decode()
    return found


class Reader:
    """Reads one side's commands in order. A claim's changes are applied to the previously recorded claim.

    `opened` is the claim as registered, if the records had it before its first record (R10).
    """

    def __init__(self, opened: Claim | None = None) -> None:
        self._claim: JsonValue = in_short(opened) if opened is not None else None
        self._is_in_short = True

    def __eq__(self, other: object) -> bool:
        """Return whether both have read the same claim on record."""
        if not isinstance(other, Reader):
            return NotImplemented
        return self._is_in_short is other._is_in_short and self._claim == other._claim

    __hash__ = None  # type: ignore[assignment]  # it changes

    def pass_over(self, command: Command) -> None:
        """Read a command whose parts need no comparison."""
        if isinstance(command.content, str) or "0" not in command.content:
            return
        record = _record_in(command, plain(command.content["0"]))
        if record is not None:
            self._take(_at_length(record))

    def parts(self, command: Command) -> Parts:
        """Return the parts of a command to compare."""
        if isinstance(command.content, str):
            return {"": command.content}
        values = {name: plain(payload) for name, payload in command.content.items()}
        first = values.get("0")
        if command.name == FIX_DEADLINES:
            return {"limits": _whole(first)}
        record = _record_in(command, first)
        if record is not None:
            return self._record(record)
        if command.name == RECORD_ACCOUNT and isinstance(first, dict):
            account = _full(first, AccountRecord, is_short=False)
            return account if isinstance(account, dict) else values
        return values

    def _record(self, written: Parts) -> Parts:
        """Return the lines of a record, and the claim that the records then hold."""
        record = _at_length(written)
        is_short = "base" in record or "patch" in record or "number" in record
        if not self._take(record):
            return {**{name: record.get(name, []) for name in _LINES}, "patch": record.get("patch")}
        lines = {
            name: _each_full(record.get(name), model, is_short=is_short) for name, model in _LINES.items()
        }
        return {**lines, "claim": _full(self._claim, Claim, is_short=is_short)}

    def _take(self, record: Parts) -> bool:
        """Return whether the claim on record is known after this record."""
        claim, patch = record.get("claim"), record.get("patch")
        try:
            if claim is not None:
                self._claim, self._is_in_short = claim, False
            elif isinstance(patch, list):
                steps = [step for step in patch if isinstance(step, dict)]
                self._claim = jsonpatch.apply_patch(self._claim, steps)
            elif "changed" in record or "removed" in record:
                change = ClaimChange.model_validate({**record, "entries": [], "outcomes": [], "notices": []})
                self._claim = change.after_in_short(self._in_short())
        except (
            jsonpatch.JsonPatchException,
            jsonpatch.JsonPointerException,
            TypeError,
            ValueError,
            BaseLost,
        ):
            return False
        return True

    def _in_short(self) -> Parts:
        """Return the claim in this code's short form, to which its changes apply; versions up to 0.4 left out
        less.
        """
        if not self._is_in_short:
            self._claim, self._is_in_short = in_short(Claim.model_validate(self._claim)), True
        if not isinstance(self._claim, dict):
            raise TypeError("没有可供修改的工单")
        return self._claim


def _at_length(written: Parts) -> Parts:
    try:
        return lengthened(written)
    except ValidationError:
        return written


def _each_full(items: JsonValue, model: type[BaseModel], *, is_short: bool) -> JsonValue:
    return [_full(item, model, is_short=is_short) for item in items] if isinstance(items, list) else []


def _full(content: JsonValue, model: type[BaseModel], *, is_short: bool) -> JsonValue:
    """Return a model's full content. In short form, missing fields have their defaults; otherwise they were
    unknown then, and are not compared.
    """
    try:
        full = _dumped(model.model_validate(content))
    except ValidationError:
        return content
    return full if is_short else _as_far_as_known(full, content)


def _as_far_as_known(full: JsonValue, known: JsonValue) -> JsonValue:
    if isinstance(full, dict) and isinstance(known, dict):
        return {name: _as_far_as_known(value, known[name]) for name, value in full.items() if name in known}
    if isinstance(full, list) and isinstance(known, list) and len(full) == len(known):
        return [_as_far_as_known(item, before) for item, before in zip(full, known, strict=True)]
    return full


def _record_in(command: Command, argument: JsonValue) -> Parts | None:
    """Return the record in a command, if any."""
    if not isinstance(argument, dict):
        return None
    if command.name in (RECORD_STEP, RECORD_CHANGE):
        return argument
    record = argument.get("record") if command.key[0] is CommandKind.UPDATE_RESULT else None
    return record if isinstance(record, dict) else None


def _whole(requests: JsonValue) -> JsonValue:
    """Return requests with all their fields."""
    try:
        return [_dumped(request) for request in _REQUESTS.validate_python(requests)]
    except ValidationError:
        return requests


def _dumped(model: BaseModel) -> JsonValue:
    found: JsonValue = model.model_dump(mode="json")
    return found


_LISTS: Final = {
    "entries": "日志第{}条",
    "outcomes": "请求 {} 的结果",
    "notices": "通知 {}",
    "limits": "时限 {}",
    "lights": "亮牌 {}",
    "letters": "督办函 {}",
    "measures": "约谈问责 {}",
    "causes": "问责事由 {}",
    "take_overs": "并案答复 {}",
}
_KINDS: Final = {
    CommandKind.TIMER: "定时器",
    CommandKind.MEMO: "备注",
    CommandKind.UPDATE_RESULT: "更新的答复",
    CommandKind.RESULT: "流程的结果",
    CommandKind.NEXT_RUN: "转入下一次运行的内容",
    CommandKind.FAILURE: "流程的失败",
}
_ROOTS: Final = {"claim": "工单", "account": "单位台账"}


def place_of(command: Command, path: tuple[str, ...], parts: Parts) -> Place:
    """Return the name of a path in a command's parts."""
    kind = command.key[0]
    if kind is CommandKind.SEARCH_ATTRIBUTES:
        return Place(f"检索字段 {path[0]}", ".".join(path[1:])) if path else Place("检索字段")
    inner = path[1:] if path and path[0] in _ROOTS else path
    if len(inner) > 1 and inner[0] in _LISTS:
        asks = "的计算请求" if command.name == FIX_DEADLINES else ""
        return Place(_LISTS[inner[0]].format(inner[1]) + asks, ".".join(inner[2:]))
    if path and path[0] in _ROOTS:
        return Place(_ROOTS[path[0]], ".".join(inner))
    if kind in _KINDS:
        return Place(
            _KINDS[kind] + (f" {command.key[1]}" if kind is CommandKind.TIMER else ""), ".".join(path)
        )
    return Place(_activity(command, parts), ".".join(path[1:]))


def _activity(command: Command, parts: Parts) -> str:
    first = parts.get("0")
    id = str(first.get("id", "")) if isinstance(first, dict) else ""
    if command.name == BackgroundTaskKind.FILE_PAPER:
        return f"文书 {id}"
    return f"活动 {command.name}" + (f" {id}" if id else "")
