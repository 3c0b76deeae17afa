"""Running the API and the pages as a program."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import uvicorn
from fastapi import FastAPI
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from api.http.connections import TimedConnection
from runtime import logs
from runtime.connection import connect
from runtime.key_registry import check_keys
from runtime.settings import Settings
from runtime.telemetry import core_runtime

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients and proxies keep an idle connection, so that none is closed while a request is on its way."""
_ANSWERS_WITHIN_SECONDS: Final = 3.0


def serve(settings: Settings, create: Callable[[Settings], FastAPI]) -> None:
    """Serve what `create` makes until SIGINT or SIGTERM, then finish what is in hand. Raises SystemExit if it cannot start,
    ConfigurationError where keys or certificates cannot be used."""
    logs.configure(settings.log_level)
    Runtime.set_default(core_runtime())
    asyncio.run(_check_keys(settings))
    server = uvicorn.Server(configuration(create(settings), settings))
    # uvicorn raises the signal again when it has stopped; SIGTERM is as clean an end as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(1)


async def _check_keys(settings: Settings) -> None:
    """A server that does not answer now is asked again by the first request."""
    client = await connect(settings, lazy=True)
    with suppress(TimeoutError, RPCError, RuntimeError):
        async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
            await check_keys(client)


def configuration(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves the app."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # `api.http.client_address` decides whom to believe
        server_header=False,
        http=TimedConnection,
        limit_concurrency=settings.connections,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
    )
