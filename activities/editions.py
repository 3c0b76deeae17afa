"""The editions, for activities that must not wait: the newest if the records answer at once, else those last known (R7)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from activities.calendars import AT_ONCE, LEFT_ALONE
from claims.editions.edition import Edition
from records.database.engine import Records
from records.editions import Editions
from records.errors import RecordsUnavailable


class CurrentEditions:
    """Asks the records in a thread of its own, so that a hanging database delays nothing else."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._editions = Editions()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="editions")
        self._ask_again_at = 0.0

    async def get(self) -> tuple[Edition, ...]:
        """Return the editions to decide by now."""
        if monotonic() < self._ask_again_at:
            return self._editions.last_known
        asked = self._thread.submit(self._editions.current, self._records)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(asked), AT_ONCE)
        except (TimeoutError, RecordsUnavailable):
            self._ask_again_at = monotonic() + LEFT_ALONE
            return self._editions.last_known
