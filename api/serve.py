"""Running the API as a program."""

import signal
from contextlib import suppress

import uvicorn
from temporalio.runtime import Runtime, TelemetryConfig

import logs
from api.app import create_app
from settings import Settings


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is in hand. Raises SystemExit if it cannot start."""
    logs.configure(settings.log_level)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=logs.of_temporal_core())))
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    # uvicorn raises the signal again when it has stopped; SIGTERM is as clean an end as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(1)
