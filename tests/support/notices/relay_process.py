"""A relay in a process of its own, for tests that kill it: records URL, file of channels."""

import asyncio
import sys
from pathlib import Path

from records.database.engine import open_records
from tests.support.notices.outbox_samples import relay_of


async def _work(url: str, path: Path) -> None:
    with open_records(url) as records:
        async with relay_of(records, path):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1], Path(sys.argv[2])))
