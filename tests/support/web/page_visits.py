"""Visits pages without a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from runtime.settings import Settings
from web.app import create_site
from web.routes import PAGES

_routes: Final[list[BaseRoute]] = []
"""The routes of the first site."""


@asynccontextmanager
async def visiting(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Start the whole site without a server behind it, and stop it at the end."""
    app = create_site(settings)
    # FastAPI builds a site's routes at its first request, which takes a third of a second. All sites have the
    # same routes.
    if not _routes:
        _routes.extend(app.router.routes)
    app.router.routes[:] = _routes
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://site") as http,
    ):
        yield http


async def token_of(http: httpx.AsyncClient) -> str:
    """Return the token in the forms of a signed-in user."""
    token = (await http.get("/track")).text.partition('name="csrf" value="')[2].partition('"')[0]
    assert token
    return token


def page_posts() -> list[str]:
    """Return the addresses to which pages send forms."""
    routes = [route for pages in PAGES for route in pages.routes if isinstance(route, APIRoute)]
    return sorted(
        {route.path for route in routes if "POST" in (route.methods or ()) and ":path" not in route.path}
    )
