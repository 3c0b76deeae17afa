"""Visiting pages without a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from runtime.settings import Settings
from web.app import create_site


@asynccontextmanager
async def visiting(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The whole site, started and stopped; no server behind it."""
    app = create_site(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://site") as http,
    ):
        yield http
