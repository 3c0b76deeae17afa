"""An archiver in a process of its own, to be killed: `python -m tests.archiver_process [BYTES]`, settings by
environment.

One history in each segment, so that there is a middle to be killed in. With a number, the kernel lets it write no file
beyond that size, as on a disk that is full.
"""

import asyncio
import resource
import signal
import sys

from activities.sweeping import Pace, Sweeper
from api.clock import now
from records.engine import open_records
from settings import load_settings
from temporal_client import connect


async def main() -> None:
    settings = load_settings()
    client = await connect(settings)
    with open_records(settings.records_url) as records:
        pace = Pace(batch=1, at_once=1)
        sweeper = Sweeper(client, records, settings.archive, clock=now, code_version="0.1.0", pace=pace)
        await sweeper.sweep()


if __name__ == "__main__":
    if sys.argv[1:]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
    asyncio.run(main())
