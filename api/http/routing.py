"""Routes that need a token. The token and the body's form are checked before anything else."""

from collections.abc import Callable, Coroutine

from fastapi import APIRouter, Request, Security
from fastapi.responses import Response
from fastapi.routing import APIRoute

from api.http.clean_requests import CleanRequest
from api.http.dependencies import BEARER, authenticate
from api.http.problems import documented
from api.http.request_limits import check_json
from service_layer.request_context import current_route

Handler = Callable[[Request], Coroutine[None, None, Response]]


class StreamingRoute(APIRoute):
    """Checks the token; the route itself reads the body as a stream."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            await authenticate(request)
            return await handle(CleanRequest.of(request))

        return guarded


class GuardedRoute(APIRoute):
    """Checks the token, then that the body is harmless JSON; then FastAPI reads parameters and body."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            await authenticate(request)
            if request.method == "POST":
                check_json(request.headers.get("content-type", ""), await request.body())
            return await handle(CleanRequest.of(request))

        return guarded


class PublicRoute(APIRoute):
    """Asks for no token; the body must be harmless JSON all the same."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def public(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            if request.method == "POST":
                check_json(request.headers.get("content-type", ""), await request.body())
            return await handle(CleanRequest.of(request))

        return public


def guarded_router(tag: str, route: type[APIRoute] = GuardedRoute) -> APIRouter:
    """A router whose every route needs a token."""
    return APIRouter(
        tags=[tag],
        route_class=route,
        dependencies=[Security(BEARER)],
        responses={status: documented(status) for status in (401, 403, 422, 503)},
    )
