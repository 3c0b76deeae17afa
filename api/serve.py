"""Running the API and the pages as a program."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from typing import Final

import uvicorn
from fastapi import FastAPI
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from api.document import prepare_early
from api.http.connections import counted_connections
from records.database.engine import clock_of, open_records
from records.errors import NotOurRecords, RecordsUnavailable
from runtime import logs
from runtime.connection import connect
from runtime.errors import ConfigurationError
from runtime.process.garbage import tune_for_work
from runtime.process.watchdog import watchdog
from runtime.settings import Settings
from runtime.startup_checks import check_clock, check_folders, check_server
from runtime.telemetry import core_runtime
from service_layer.clock import now
from workflows.search_attributes import SEARCH_ATTRIBUTES

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients and proxies keep an idle connection, so that none is closed while a request is on its way."""
_ANSWERS_WITHIN_SECONDS: Final = 3.0


def serve(settings: Settings, create: Callable[[Settings], FastAPI]) -> None:
    """Serve what `create` makes until SIGINT or SIGTERM, then finish what is in hand. Raises SystemExit if it cannot start,
    ConfigurationError for what `_check` finds."""
    logs.configure(settings.log_level)
    Runtime.set_default(core_runtime())
    asyncio.run(_check(settings))
    app = create(settings)
    prepare_early(app)
    tune_for_work()
    server = _Server(configuration(app, settings))
    # uvicorn raises the signal again when it has stopped; SIGTERM is as clean an end as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(1)


class _Server(uvicorn.Server):
    """A server that ends when its event loop is blocked."""

    async def serve(self, sockets: list[socket] | None = None) -> None:
        async with watchdog():
            await super().serve(sockets)


async def _check(settings: Settings) -> None:
    """Services that do not answer now are checked again at the first request."""
    check_folders([settings.attachments])
    client = await connect(settings, lazy=True)
    with suppress(TimeoutError, RPCError, RuntimeError):
        async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
            await check_server(client, SEARCH_ATTRIBUTES, may_lack_clues=True)
    await asyncio.to_thread(_check_records, settings)


def _check_records(settings: Settings) -> None:
    try:
        with (
            suppress(RecordsUnavailable),
            open_records(settings.records_url, settings.clue_cipher) as records,
        ):
            check_clock(clock_of(records), now())
    except NotOurRecords as error:
        raise ConfigurationError(str(error)) from error


def configuration(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """Return uvicorn's configuration."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # `api.http.requests.client_address` decides whom to believe
        server_header=False,
        http=counted_connections(settings.address_connections, settings.trusted_proxies),
        limit_concurrency=settings.connections,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
    )
