"""Calls the API with tokens of the app's own key."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from starlette.routing import BaseRoute

from api.app import create_app
from claims.model.terms import Role
from runtime.settings import Settings
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.claims.credit_codes import code_of
from tests.support.claims.people import ENTERPRISE

ORDER = {
    "channel": "12345",
    "external_id": "HOT-1",
    "enterprise": ENTERPRISE.name,
    "credit_code": ENTERPRISE.credit_code,
    "contact": "王经理",
    "phone": "0632-5550004",
    "district": "滕州市",
    "town": "级索镇",
    "category": "help",
    "matter": "厂区二期变压器已安装到位一个多月，供电验收一直排不上。",
}


@dataclass
class Caller:
    """An HTTP client, and tokens for its callers."""

    http: httpx.AsyncClient
    key: Ed25519PrivateKey
    app: FastAPI
    settings: Settings

    def token(self, role: Role, unit: str = "", name: str = "") -> str:
        """Return a token for this role."""
        code = code_of(name) if role is Role.ENTERPRISE else ""
        channel = "mayor" if role is Role.CHANNEL else ""
        return issue_token(self.key, roles=[role], unit=unit, name=name, credit_code=code, channel=channel)

    def headers(self, role: Role, unit: str = "", name: str = "") -> dict[str, str]:
        """Return the authorization header."""
        return {"Authorization": f"Bearer {self.token(role, unit, name)}"}

    async def get(
        self, path: str, role: Role | None = None, *, at: str = "", called: str = "", **params: object
    ) -> httpx.Response:
        """GET anonymously, or as somebody of a unit with a name."""
        headers = self.headers(role, at, called) if role else {}
        written = {name: str(value) for name, value in params.items()}
        return await self.http.get(path, params=written, headers=headers)

    async def post(
        self, path: str, body: Mapping[str, object], role: Role, *, at: str = "", called: str = ""
    ) -> httpx.Response:
        """POST JSON with a role's token."""
        return await self.http.post(path, json=dict(body), headers=self.headers(role, at, called))

    async def register(
        self, role: Role = Role.OPERATOR, *, called: str = "", **fields: object
    ) -> httpx.Response:
        """Register the usual claim with some fields changed; return the response."""
        return await self.post("/claims", {**ORDER, **fields}, role, called=called)


_routes: Final[list[BaseRoute]] = []
"""The routes of the first app."""


@asynccontextmanager
async def calling(settings: Settings) -> AsyncIterator[Caller]:
    """Start the whole app, and stop it at the end."""
    app = create_app(settings)
    # FastAPI builds an app's routes at its first request, which takes a fifth of a second. All apps have the
    # same routes.
    if not _routes:
        _routes.extend(app.router.routes)
    app.router.routes[:] = _routes
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api") as http,
    ):
        yield Caller(http, load_or_make_key(settings.token_key), app, settings)
