"""Refusing fields that a body or a query does not have, instead of dropping them silently.

The models themselves tolerate unknown fields, because workflows read old histories and newer signals with
them. So the check is added at the API's edge: `KnownFieldsOnly` annotates a body's parameter, `StrictQuery`
is the base of query models. Each unknown field is answered with the nearest known one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Self, TypeVar

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

from claims.text.unknown_fields import Path, fields_of, unknown_fields

UNKNOWN_FIELD: Final = "unknown_field"
"""The type of the validation error; its context holds the message."""
MOST_NAMED: Final = 20
"""The maximum of unknown fields that are named; each is compared with every known one."""
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


def _refusing(unknown: Sequence[tuple[Path, str]], title: str, validate: Callable[[], Result]) -> Result:
    """Return the validated model; raises ValidationError for the unknown fields together with all else that
    is wrong.
    """
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
    """Return an error of an earlier ValidationError, as a part of a new one."""
    kind = PydanticCustomError(error["type"], "{reason}", {**error.get("ctx", {}), "reason": error["msg"]})
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])
