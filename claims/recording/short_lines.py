"""A record's lines without what the record says elsewhere, as histories hold them; and as they were.

An outcome has the instant and the request of its journal line, a notice the instant and the words of the line that it
names. A line about fixed limits says what the limits say: it names those that stand whole in the same record.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from claims.model.limit import LimitSchedule

_LIMITS: Final = "limits"
_LINE: Final = "line"
_OF_AN_OUTCOME: Final = ("request_id", "at")
_OF_A_NOTICE: Final = ("at", "kind", "text")
Object = dict[str, JsonValue]


def shortened(record: Object) -> Object:
    """Return the record without what it says twice; its lines are changed in place."""
    ends, lines = _ends(record), _lines(record)
    for line in lines.values():
        data = line.get("data")
        if isinstance(data, dict) and data and all(data[id] == ends.get(id) for id in data):
            del line["data"]
            line[_LIMITS] = [*data]
    for outcome in _objects(record.get("outcomes")):
        _shorten(outcome, lines.get(outcome.get("seq")), _OF_AN_OUTCOME)
    for notice in _objects(record.get("notices")):
        said = next((seq for seq, line in lines.items() if _says(line, notice, _OF_A_NOTICE)), None)
        if said is not None:
            _shorten(notice, lines[said], _OF_A_NOTICE)
            notice[_LINE] = said
    return record


def _says(line: Object, other: Object, names: tuple[str, ...]) -> bool:
    return all(name in line and line[name] == other.get(name) for name in names)


def _shorten(what: Object, line: Object | None, names: tuple[str, ...]) -> None:
    if line is not None and _says(line, what, names):
        for name in names:
            del what[name]


def lengthened(record: Object) -> Object:
    """Return the record as it was before it was shortened; what it was given stays as it is."""
    ends, lines, longer = _ends(record), _lines(record), dict(record)
    if lines:
        longer["entries"] = [_with_data(line, ends) for line in lines.values()]
    if outcomes := [*_objects(record.get("outcomes"))]:
        longer["outcomes"] = [_with_line(one, lines.get(one.get("seq")), _OF_AN_OUTCOME) for one in outcomes]
    if notices := [*_objects(record.get("notices"))]:
        longer["notices"] = [_with_line(one, lines.get(one.get(_LINE)), _OF_A_NOTICE) for one in notices]
    return longer


def _with_data(line: Object, ends: Mapping[str, Object]) -> Object:
    named = line.get(_LIMITS)
    if not isinstance(named, list):
        return line
    data: Object = {str(id): ends[str(id)] for id in named if str(id) in ends}
    return {**line, "data": data}


def _with_line(what: Object, line: Object | None, names: tuple[str, ...]) -> Object:
    return {**{name: line[name] for name in names if name in line}, **what} if line is not None else what


def _lines(record: Object) -> dict[JsonValue, Object]:
    return {line.get("seq"): line for line in _objects(record.get("entries"))}


def _ends(record: Object) -> dict[str, Object]:
    """Return the end, in the journal's words, of each limit that is in the record as a whole."""
    changed = record.get("changed")
    found: dict[str, Object] = {}
    for value in changed.values() if isinstance(changed, dict) else ():
        for limit in _objects(value if isinstance(value, list) else [value]):
            if isinstance(limit.get("schedule"), dict):
                found[str(limit.get("id"))] = _end(limit["schedule"])
    return found


def _end(schedule: JsonValue) -> Object:
    """Never changes: histories hold what this has replaced."""
    fixed = LimitSchedule.model_validate(schedule)
    return {
        "due_at": fixed.due_at.isoformat(),
        "last_day": fixed.last_day.isoformat(),
        "working_days": fixed.working_days,
        "provisional": fixed.provisional,
        "calendar_version": fixed.calendar_version,
    }


def _objects(items: JsonValue) -> Iterator[Object]:
    """Yield those that are JSON objects: what is made in Python holds models."""
    yield from (item for item in items if isinstance(item, dict)) if isinstance(items, list) else ()
