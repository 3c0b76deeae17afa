"""Routes that need a token: who calls and what they send is checked before anything else happens."""

import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request, Security
from fastapi.responses import Response
from fastapi.routing import APIRoute
from structlog.contextvars import bind_contextvars

from api.http.auth import BEARER
from api.http.problems import Kind, Problem, documented, no_such_claim
from api.http.request_context import current_route
from api.http.request_limits import check_json
from claims.model.labels import label
from claims.model.terms import Role
from claims.model.values import Actor
from service_layer.services import services_of

Handler = Callable[[Request], Coroutine[None, None, Response]]
_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{1,40}")


class GuardedRoute(APIRoute):
    """Token first, then the body's form; only then FastAPI reads parameters and body."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            request.state.actor = await services_of(request).gate.admit(request)
            if request.method == "POST":
                check_json(request.headers.get("content-type", ""), await request.body())
            return await handle(request)

        return guarded


class StreamingRoute(APIRoute):
    """Token first; the route itself reads the body, as it comes."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            request.state.actor = await services_of(request).gate.admit(request)
            return await handle(request)

        return guarded


def guarded_router(tag: str, route: type[APIRoute] = GuardedRoute) -> APIRouter:
    """A router whose every route needs a token."""
    return APIRouter(
        tags=[tag],
        route_class=route,
        dependencies=[Security(BEARER)],
        responses={status: documented(status) for status in (401, 403, 422, 503)},
    )


def actor_of(request: Request) -> Actor:
    """Who calls, as the token said."""
    actor = request.state.actor
    if not isinstance(actor, Actor):
        raise TypeError("the route is not guarded")
    return actor


Caller = Annotated[Actor, Depends(actor_of)]


def require(actor: Actor, *roles: Role, what: str) -> None:
    """Raises a 403 problem unless the actor holds one of the roles."""
    if not actor.has(*roles):
        names = "、".join(label(role) for role in roles)
        raise Problem(Kind.FORBIDDEN, f"您的身份不能{what}", rule="§1", instead=f"请由{names}办理")


def refuse_enterprises(actor: Actor, *, what: str) -> None:
    """Raises a 403 problem for a caller who is an enterprise and nothing else."""
    if set(actor.roles) == {Role.ENTERPRISE}:
        raise Problem(Kind.FORBIDDEN, f"企业不能{what}", rule="§1")


async def claim_number(
    number: Annotated[str, Path(description="工单编号", examples=["QH202611240001"])],
) -> str:
    """A claim's number from the path; whatever cannot be one is no claim."""
    if not _NUMBER.fullmatch(number):
        raise no_such_claim(number)
    bind_contextvars(claim=number)
    return number


Number = Annotated[str, Depends(claim_number)]
