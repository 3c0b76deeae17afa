"""Compares two JSON values and yields each difference."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from pydantic import JsonValue

IDENTITIES: Final = ("id", "seq", "limit_id", "request_id", "n")
"""Key fields of list items; the first field with unique values is used."""
IDENTITY_OF: Final = {"outcomes": "request_id", "take_overs": "request_id"}
"""Key fields that take precedence."""
OPEN_MAPPINGS: Final = frozenset(
    {"data", "fields", "body", "lights", "causes", "repeats", "former_policies", "units"}
)
"""Objects with free keys. All others are models, to which later versions add fields."""
ABSENT: Final = "无"


class TreeDiffers(NamedTuple):
    """A path, and the values on both sides."""

    path: tuple[str, ...]
    recorded: JsonValue
    replayed: JsonValue


def differing(recorded: JsonValue, replayed: JsonValue, path: tuple[str, ...] = ()) -> Iterator[TreeDiffers]:
    """Yield every difference. Fields that the recorded model did not have yet are ignored."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        yield from _objects(recorded, replayed, path)
    elif isinstance(recorded, list) and isinstance(replayed, list):
        yield from _objects(_keyed(recorded, path), _keyed(replayed, path), path, is_list=True)
    elif recorded != replayed or isinstance(recorded, bool) is not isinstance(replayed, bool):
        yield TreeDiffers(path, recorded, replayed)


def _objects(
    recorded: Mapping[str, JsonValue],
    replayed: Mapping[str, JsonValue],
    path: tuple[str, ...],
    *,
    is_list: bool = False,
) -> Iterator[TreeDiffers]:
    is_open = is_list or not OPEN_MAPPINGS.isdisjoint(path)
    for key, value in recorded.items():
        if key in replayed:
            yield from differing(value, replayed[key], (*path, key))
        elif is_open or value not in (None, "", [], {}, False, 0):
            yield TreeDiffers((*path, key), value, ABSENT)
    if is_open:
        for key in replayed.keys() - recorded.keys():
            yield TreeDiffers((*path, key), ABSENT, replayed[key])


def _keyed(items: Sequence[JsonValue], path: tuple[str, ...]) -> dict[str, JsonValue]:
    """Return the items by their key field, or by their positions."""
    own = IDENTITY_OF.get(path[-1]) if path else None
    for name in (own,) if own else IDENTITIES:
        keys = [
            str(item[name]) for item in items if isinstance(item, dict) and item.get(name) not in (None, "")
        ]
        if len(set(keys)) == len(items):
            return dict(zip(keys, items, strict=True))
    return {str(place): item for place, item in enumerate(items, start=1)}
