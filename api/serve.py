"""Running the API and the pages as a program."""

import signal
from contextlib import suppress
from typing import Final

import uvicorn
from fastapi import FastAPI
from temporalio.runtime import Runtime

from runtime import logs
from runtime.settings import Settings
from runtime.telemetry import core_runtime

KEEP_ALIVE_SECONDS: Final = 75
"""Longer than clients and proxies keep an idle connection, so that none is closed while a request is on its way."""


def serve(app: FastAPI, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is in hand. Raises SystemExit if it cannot start."""
    logs.configure(settings.log_level)
    Runtime.set_default(core_runtime())
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal again when it has stopped; SIGTERM is as clean an end as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(1)
