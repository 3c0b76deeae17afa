"""The changes from one JSON value to a later one, by path, in compact form."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from pydantic import JsonValue

MISSING: Final = object()


class Changes(NamedTuple):
    """Changed values by path. Paths are JSON pointers (RFC 6901); the place after a list's last item adds one
    to it.
    """

    changed: dict[str, JsonValue]
    removed: list[str]


class DoesNotFit(ValueError):
    """The changes were made against another value."""


def changes_between(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Changes:
    """Return the changes that lead from one value to a later one. A list that has become shorter is given whole."""
    found = Changes({}, [])
    _compare(before, after, "", found)
    return found


def _compare(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], place: str, found: Changes
) -> None:
    for name, value in after.items():
        _compare_at(before.get(name, MISSING), value, f"{place}/{_escaped(name)}", found)
    found.removed.extend(f"{place}/{_escaped(name)}" for name in before if name not in after)


def _compare_at(before: object, after: JsonValue, place: str, found: Changes) -> None:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        _compare(before, after, place, found)
    elif isinstance(before, list) and isinstance(after, list) and 0 < len(before) <= len(after):
        for n, item in enumerate(after):
            _compare_at(before[n] if n < len(before) else MISSING, item, f"{place}/{n}", found)
    else:
        found.changed[place] = after


def with_changes(value: dict[str, JsonValue], changes: Changes) -> dict[str, JsonValue]:
    """Return the value after the changes, which are made in place. Raises DoesNotFit."""
    for place, new in changes.changed.items():
        _put(value, place, new)
    for place in changes.removed:
        _remove(value, place)
    return value


def _put(value: JsonValue, place: str, new: JsonValue) -> None:
    parent, last = _parent(value, place)
    if isinstance(parent, dict):
        parent[last] = new
    elif isinstance(parent, list) and last.isdecimal() and int(last) <= len(parent):
        parent[int(last) : int(last) + 1] = [new]
    else:
        raise DoesNotFit(place)


def _remove(value: JsonValue, place: str) -> None:
    parent, last = _parent(value, place)
    if not isinstance(parent, dict) or last not in parent:
        raise DoesNotFit(place)
    del parent[last]


def _parent(value: JsonValue, place: str) -> tuple[JsonValue, str]:
    *names, last = _names(place)
    for name in names:
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise DoesNotFit(place)
    return value, last


def _names(place: str) -> Iterator[str]:
    if not place.startswith("/"):
        raise DoesNotFit(place)
    for name in place[1:].split("/"):
        yield name.replace("~1", "/").replace("~0", "~")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
