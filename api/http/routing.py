"""Routes that need a token. The token, the query's names and the body's form are checked before anything else."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from api.http.dependencies import BEARER, authenticate, services_of
from api.http.problems import Kind, Problem, documented
from api.http.requests.clean_requests import CleanRequest
from api.http.requests.request_limits import check_body
from api.http.requests.unknown_parameters import check_query, parameters_of
from claims.model.terms import Role
from claims.model.values import Actor
from service_layer.errors import ErrorKind, ServiceError
from service_layer.request_context import current_route
from service_layer.services import Services

Handler = Callable[[Request], Coroutine[None, None, Response]]


class StreamingRoute(APIRoute):
    """Checks the token; the route itself reads the body as a stream."""

    def get_route_handler(self) -> Handler:
        handle, known = super().get_route_handler(), parameters_of(self)

        async def guarded(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            with counted(request, await authenticate(request)):
                check_query(request, known)
                return await handle(CleanRequest.of(request))

        return guarded


class GuardedRoute(APIRoute):
    """Checks the token, then the body's form; then FastAPI reads parameters and body."""

    def admit(self, actor: Actor) -> None:
        """For routes that are hidden from some callers: raises before the request is looked at."""

    def get_route_handler(self) -> Handler:
        handle, known = super().get_route_handler(), parameters_of(self)

        async def guarded(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            actor = await authenticate(request)
            with counted(request, actor):
                self.admit(actor)
                check_query(request, known)
                if request.method == "POST":
                    await check_body(request.headers.get("content-type", ""), await _body(request))
                else:
                    await services_of(request).caught_up()
                return await handle(CleanRequest.of(request))

        return guarded


class PublicRoute(APIRoute):
    """A route without a token. The body's form is checked all the same."""

    def get_route_handler(self) -> Handler:
        handle, known = super().get_route_handler(), parameters_of(self)

        async def public(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            check_query(request, known)
            if request.method == "POST":
                await check_body(request.headers.get("content-type", ""), await _body(request))
            return await handle(CleanRequest.of(request))

        return public


async def _body(request: Request) -> bytes:
    try:
        return await request.body()
    except ClientDisconnect as error:
        raise Problem(Kind.MALFORMED, "请求内容没有发完，没有办理", instead="请重新提交") from error


@contextmanager
def counted(request: Request, actor: Actor) -> Iterator[None]:
    """Count a request. An act on a claim that the caller may not see does not count for the claim. Raises TOO_MANY."""
    keys = count_request(request, actor)
    try:
        yield
    except (ServiceError, RequestValidationError) as error:
        if isinstance(error, RequestValidationError) or error.kind is ErrorKind.NOT_FOUND:
            services_of(request).quotas.give_back(*keys)
        raise


def count_request(request: Request, actor: Actor) -> tuple[str, ...]:
    """Count a request of its caller, and an act of its claim; return the act's key. Raises TOO_MANY."""
    count_person(request, actor)
    number = request.path_params.get("number") if request.method == "POST" else None
    return _count_act(services_of(request), str(number), actor) if number else ()


def count_person(request: Request, actor: Actor) -> None:
    """Count a request of its caller. Raises TOO_MANY."""
    services = services_of(request)
    services.quotas.take(f"actor {actor.sub}", services.settings.actor_requests, what="每人")


def _count_act(services: Services, number: str, actor: Actor) -> tuple[str, str]:
    """One person takes at most half of a claim's quota; all accounts of an enterprise count as one. Half is
    left for others.
    """
    outside = actor.has(Role.ENTERPRISE, Role.CHANNEL)
    every, quota = f"claim {number}", services.settings.claim_requests
    own = f"{every} {'outside' if outside else actor.sub}"
    services.quotas.take(own, (quota + 1) // 2, what="每人对一件工单")
    try:
        services.quotas.take(every, quota, what="每件工单")
    except ServiceError:
        services.quotas.give_back(own)
        raise
    return own, every


def guarded_router(tag: str, route: type[APIRoute] = GuardedRoute) -> APIRouter:
    """Return a router whose every route needs a token."""
    return APIRouter(
        tags=[tag],
        route_class=route,
        dependencies=[Security(BEARER)],
        responses={status: documented(status) for status in (401, 403, 422, 429, 503)},
    )
