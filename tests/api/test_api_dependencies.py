"""No request waits for a thread that it does not need."""

import inspect
from collections.abc import Iterator, Sequence

from fastapi.dependencies.models import Dependant
from starlette.routing import BaseRoute

from tests.support.api.api_caller import Caller

MANY = 100
"""A lower bound on the number of routes."""


def dependants(routes: Sequence[BaseRoute]) -> Iterator[Dependant]:
    for route in routes:
        if isinstance(own := getattr(route, "dependant", None), Dependant):
            yield own
        holder = getattr(route, "original_router", route)
        yield from dependants(getattr(holder, "routes", None) or [])


def functions(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for one in dependant.dependencies:
        yield from functions(one)


def runs_in_the_event_loop(function: object) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


async def test_no_route_and_no_dependency_is_handed_to_a_thread(api: Caller) -> None:
    found = [*dependants(api.app.routes)]
    assert len(found) > MANY
    plain = {f for one in found for f in functions(one) if not runs_in_the_event_loop(f)}
    assert plain == set()
