"""Common parameters of routes: the services, the caller, a claim's number."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Path, Request
from fastapi.security import HTTPBearer
from pydantic import BeforeValidator, StringConstraints
from structlog.contextvars import bind_contextvars

from api.http.metrics import Metrics
from claims.model.values import Actor
from claims.text import normalisation
from claims.text.normalisation import identifier
from service_layer.errors import no_such_claim
from service_layer.identity.authenticator import Authenticator, not_signed_in
from service_layer.services import Services

Requested = TypeVar("Requested")

BEARER: Final = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="令牌由 `zaoying token` 或统一身份认证签发"
)
"""Documents the scheme; `authenticate` checks the token."""

_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{1,40}")


async def authenticate(request: Request) -> Actor:
    """Return the actor whose token the request carries; kept for `actor_of`. Raises ServiceError."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise not_signed_in("请求没有令牌", "请在 Authorization 头中提供 Bearer 令牌")
    actor = await authenticator_of(request).authenticate(token)
    request.state.actor = actor
    return actor


def role_check(
    require: Callable[[Actor, Requested], None], action: Requested
) -> Callable[[Request], Awaitable[None]]:
    """Return a route's dependency that refuses callers whose role may not perform this. It comes before the body is validated."""

    async def check(request: Request) -> None:
        require(actor_of(request), action)

    return check


def actor_of(request: Request) -> Actor:
    """Return the caller of a guarded route."""
    actor = request.state.actor
    if not isinstance(actor, Actor):
        raise TypeError("the route is not guarded")
    return actor


def authenticator_of(request: Request) -> Authenticator:
    """Return the app's authenticator."""
    authenticator = request.app.state.authenticator
    if not isinstance(authenticator, Authenticator):
        raise TypeError("the app has no authenticator: use create_app")
    return authenticator


def services_of(request: Request) -> Services:
    """Return the services of the app."""
    services = request.app.state.services
    if not isinstance(services, Services):
        raise TypeError("the app has no services: use create_app")
    return services


def metrics_of(request: Request) -> Metrics:
    """Return the metrics of the app."""
    metrics = request.app.state.metrics
    if not isinstance(metrics, Metrics):
        raise TypeError("the app has no metrics: use create_app")
    return metrics


async def claim_number(
    number: Annotated[str, Path(description="工单编号", examples=["QH202611240001"])],
) -> str:
    """Return a claim's number from the path, normalised. Raises NOT_FOUND for what cannot be one."""
    number = normalisation.claim_number(number)
    if not _NUMBER.fullmatch(number):
        raise no_such_claim(number)
    bind_contextvars(claim=number)
    return number


NumberStart = Annotated[
    str, BeforeValidator(identifier), StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9-]*$")
]
"""The prefix of a claim's number as a parameter, normalised to half width like the number itself."""


async def _services(request: Request) -> Services:
    return services_of(request)


async def _actor(request: Request) -> Actor:
    return actor_of(request)


async def _metrics(request: Request) -> Metrics:
    return metrics_of(request)


# FastAPI hands a dependency that is a plain function to a thread, which takes longer than any of these.
Used = Annotated[Services, Depends(_services)]
Caller = Annotated[Actor, Depends(_actor)]
Counted = Annotated[Metrics, Depends(_metrics)]
Number = Annotated[str, Depends(claim_number)]
