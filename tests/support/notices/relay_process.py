"""A relay in its own process, for tests that kill it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from records.database.engine import open_records
from tests.support.notices.outbox_samples import BRISK, relay_of
from tests.support.processes.forked_processes import begin

SHORT_LEASE = replace(BRISK, lease=timedelta(seconds=2))
"""Length of a lease, after which another relay may send."""


def work(url: str, contacts: Path, log: Path) -> None:
    """Send the notices in these records until killed."""
    begin(log)
    asyncio.run(_send(url, contacts))


async def _send(url: str, contacts: Path) -> None:
    with open_records(url) as records:
        async with relay_of(records, contacts, SHORT_LEASE):
            await asyncio.Event().wait()
