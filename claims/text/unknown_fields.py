"""Fields that a message does not have, each with the nearest field that it has."""

import types
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Final, Union, get_args, get_origin

from pydantic import BaseModel

_ALIKE: Final = 0.6
_LONGEST_NAME: Final = 60

Path = tuple[int | str, ...]
Fields = Mapping[str, type[BaseModel] | None]
"""Known fields by name, each with the model of its values if they are objects."""


def fields_of(*models: type[BaseModel]) -> Fields:
    """Return the fields of all the models."""
    return {
        name: _model_in(field.annotation) for model in models for name, field in model.model_fields.items()
    }


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model that an annotation such as `tuple[Promise, ...]` or `Signature | None` is about."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, types.UnionType, tuple, list):
        return next(filter(None, map(_model_in, get_args(annotation))), None)
    return None


def unknown_fields(
    value: object, fields: Fields, at: Path = (), *, noun: str = "字段"
) -> Iterator[tuple[Path, str]]:
    """Return the path of each unknown field, also in nested objects, with a message."""
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        if name not in fields:
            message = unknown_field_message(str(name), value, fields, noun=noun)
            yield (*at, str(name)[:_LONGEST_NAME]), message
        elif (model := fields[name]) is not None:
            yield from _nested(inner, fields_of(model), (*at, name))


def _nested(value: object, fields: Fields, at: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        yield from unknown_fields(value, fields, at)
    elif isinstance(value, Sequence):
        for index, item in enumerate(value):
            yield from unknown_fields(item, fields, (*at, index))


def unknown_field_message(name: str, given: Mapping[str, object], fields: Fields, *, noun: str) -> str:
    """Names the nearest known field, first of all one that is not filled in yet."""
    unfilled = [field for field in fields if field not in given]
    nearest = _nearest(name, unfilled) or _nearest(name, list(fields))
    if not nearest and len(unfilled) == 1:
        nearest = unfilled[0]
    shown = name[:_LONGEST_NAME]
    if nearest:
        return f"没有名为 {shown} 的{noun}，是否想填 {nearest}？"
    if not fields:
        return f"没有名为 {shown} 的{noun}，这里不填{noun}"
    return f"没有名为 {shown} 的{noun}，可填的有：{'、'.join(unfilled or fields)}"


def unknown_field_at(path: Path, model: type[BaseModel]) -> str:
    """The message for a field of a file that its model, or a model in it, does not have."""
    inner: type[BaseModel] | None = model
    for step in path[:-1]:
        if isinstance(step, str):
            inner = fields_of(inner).get(step) if inner is not None else None
    if inner is None:
        return f"没有名为 {str(path[-1])[:_LONGEST_NAME]} 的字段"
    return unknown_field_message(str(path[-1]), {}, fields_of(inner), noun="字段")


def _nearest(name: str, candidates: Sequence[str]) -> str:
    return next(iter(get_close_matches(name[:_LONGEST_NAME], candidates, n=1, cutoff=_ALIKE)), "")
