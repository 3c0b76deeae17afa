"""Refusing query parameters that a route does not have, or that are repeated, instead of dropping them silently."""

from collections.abc import Iterator
from itertools import islice

from fastapi import Request
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from api.http.requests.request_limits import refuse_repeated
from api.http.requests.unknown_fields import MOST_NAMED, UNKNOWN_FIELD, StrictQuery
from claims.text.unknown_fields import Fields, unknown_fields


def parameters_of(route: APIRoute) -> Fields | None:
    """Return the names of a route's parameters; None where a `StrictQuery` holds them, which refuses the
    others itself.
    """
    parameters = list(_parameters(route.dependant))
    types = [parameter.field_info.annotation for parameter in parameters]
    if any(isinstance(one, type) and issubclass(one, StrictQuery) for one in types):
        return None
    return {parameter.alias: None for parameter in parameters}


def _parameters(dependant: Dependant) -> Iterator[ModelField]:
    yield from dependant.query_params
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def check_query(request: Request, known: Fields | None) -> None:
    """Raise RequestValidationError for parameters that are not among the known ones, with the nearest of these; a Problem
    for one that stands there twice.
    """
    if not request.query_params:
        return
    refuse_repeated([name for name, _ in request.query_params.multi_items()], what="参数")
    if known is None:
        return
    unknown = list(islice(unknown_fields(request.query_params, known, noun="参数"), MOST_NAMED))
    if unknown:
        raise RequestValidationError(
            [
                {"type": UNKNOWN_FIELD, "loc": ("query", *at), "ctx": {"message": message}, "input": None}
                for at, message in unknown
            ]
        )
