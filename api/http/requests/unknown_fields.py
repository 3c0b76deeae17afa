"""Refusing fields that a body or a query does not have, instead of dropping them silently.

The models themselves tolerate unknown fields, because workflows read old histories and newer signals with
them. So the check is added at the API's edge: `KnownFieldsOnly` annotates a body's parameter, `StrictQuery`
is the base of query models. Each unknown field is answered with the nearest known one.
"""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Final, Self, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

UNKNOWN_FIELD: Final = "unknown_field"
"""The type of the validation error; its context holds the message."""
MOST_NAMED: Final = 20
"""The maximum of unknown fields that are named; each is compared with every known one."""
_ALIKE: Final = 0.6
_LONGEST_NAME: Final = 60

Path = tuple[int | str, ...]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class KnownFieldsOnly:
    """Annotates a body of a model: fields that neither it nor a model of `beside` has are refused."""

    beside: tuple[type[BaseModel], ...] = ()

    def __get_pydantic_core_schema__(
        self, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        def validate(value: object, validated: ValidatorFunctionWrapHandler) -> object:
            unknown = list(islice(unknown_fields(value, fields_of(source, *self.beside)), MOST_NAMED))
            return _refusing(unknown, source.__name__, lambda: validated(value))

        return core_schema.no_info_wrap_validator_function(validate, handler(source))


class StrictQuery(BaseModel):
    """The base of query models: unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_unknown_parameters(cls, value: object, validated: ModelWrapValidatorHandler[Self]) -> Self:
        unknown = list(islice(unknown_fields(value, fields_of(cls), noun="参数"), MOST_NAMED))
        return _refusing(unknown, cls.__name__, lambda: validated(value))


Fields = Mapping[str, type[BaseModel] | None]
"""Known fields by name, each with the model of its values if they are objects."""


def fields_of(*models: type[BaseModel]) -> Fields:
    """The fields of all the models."""
    return {
        name: _model_in(field.annotation) for model in models for name, field in model.model_fields.items()
    }


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation such as `tuple[Promise, ...]` or `Signature | None` is about."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, Union, types.UnionType, tuple, list):
        return next(filter(None, map(_model_in, get_args(annotation))), None)
    return None


def unknown_fields(
    value: object, fields: Fields, at: Path = (), *, noun: str = "字段"
) -> Iterator[tuple[Path, str]]:
    """Where a field is unknown, also in nested objects, and the message for it."""
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


def _nearest(name: str, candidates: Sequence[str]) -> str:
    return next(iter(get_close_matches(name[:_LONGEST_NAME], candidates, n=1, cutoff=_ALIKE)), "")


def _refusing(unknown: Sequence[tuple[Path, str]], title: str, validate: Callable[[], Result]) -> Result:
    """The validated model; raises ValidationError for the unknown fields together with all else that is wrong."""
    errors = [_unknown(path, message) for path, message in unknown]
    try:
        result = validate()
    except ValidationError as error:
        if not errors:
            raise
        others = [_again(other) for other in error.errors() if other["type"] != "extra_forbidden"]
        raise ValidationError.from_exception_data(title, [*errors, *others]) from error
    if errors:
        raise ValidationError.from_exception_data(title, errors)
    return result


def _unknown(path: Path, message: str) -> InitErrorDetails:
    kind = PydanticCustomError(UNKNOWN_FIELD, "{message}", {"message": message})
    return InitErrorDetails(type=kind, loc=path, input=None)


def _again(error: ErrorDetails) -> InitErrorDetails:
    """An error that was raised before, for a new ValidationError."""
    kind = PydanticCustomError(error["type"], "{reason}", {**error.get("ctx", {}), "reason": error["msg"]})
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])
