"""An archiver in its own process, to be killed. It writes one history per segment, so it can be killed
between two.
"""

import asyncio
import resource
import signal
import sys

from activities.archive.sweep import Pace, Sweeper
from archive.errors import StoreFailed
from records.database.engine import open_records
from runtime.connection import connect
from runtime.settings import Settings
from service_layer.clock import now
from tests.support.processes.forked_processes import begin


def sweep_once(settings: Settings, largest_file: int | None = None) -> None:
    """Run one sweep. The kernel limits the size of its files in bytes, as on a full disk."""
    begin(settings.home / "archiver.log")
    if largest_file is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
    try:
        asyncio.run(_sweep(settings))
    except StoreFailed as error:
        sys.exit(f"StoreFailed: {error}")


async def _sweep(settings: Settings) -> None:
    client = await connect(settings)
    with open_records(settings.records_url) as records:
        pace = Pace(batch=1, at_once=1)
        sweeper = Sweeper(client, records, settings.archive, clock=now, code_version="0.1.0", pace=pace)
        await sweeper.sweep()
