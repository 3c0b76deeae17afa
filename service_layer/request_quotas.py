"""How many requests an actor, and how many acts a claim, may have in a minute, over all APIs together.

Each API counts in memory, so that no request waits for the database, and exchanges its counts with the others every
`EXCHANGE_SECONDS`. Until then they do not know of each other's: a quota may be exceeded by what arrives meanwhile.
"""

import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from records.access.request_counts import add_counts, forget_counts
from service_layer.errors import ErrorKind, ServiceError
from service_layer.records_executor import RecordsExecutor

PERIOD: Final = 60
"""Seconds."""
EXCHANGE_SECONDS: Final = 2.0
KEPT: Final = 2 * 24 * 3600
"""Seconds after which counts are forgotten; the longest period is a day."""


class RequestQuotas:
    """Counts requests by key: `take` raises TOO_MANY beyond the quota, `exchange` shares the counts."""

    def __init__(self, records: RecordsExecutor, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock
        self._since = 0
        self._totals: Counter[str] = Counter()
        self._unsent: Counter[str] = Counter()
        self._forgotten_at = 0

    def take(self, key: str, quota: int, *, what: str) -> None:
        """Count one request. `what`: whose quota it is, in Chinese. Raises TOO_MANY; that one is not counted."""
        self._begin_period()
        if self._totals[key] + self._unsent[key] >= quota:
            left = max(1, self._since + PERIOD - int(self._clock()))
            raise ServiceError(
                ErrorKind.TOO_MANY,
                f"{what}每分钟最多{quota}次请求",
                rule="R46",
                instead=f"请{left}秒后再试",
                retry_after=left,
            )
        self._unsent[key] += 1

    def give_back(self, *keys: str) -> None:
        """Take back a request of this minute, because it was not allowed."""
        self._begin_period()
        for key in keys:
            if self._totals[key] + self._unsent[key] > 0:
                self._unsent[key] -= 1

    async def exchange(self) -> None:
        """Add our counts to everybody's. Raises RecordsUnavailable; then they are sent with the next ones."""
        self._begin_period()
        since, sent = self._since, Counter(self._unsent)
        totals = await self._records.run(add_counts, sent, since=since)
        if since == self._since:
            self._totals.update({key: total - self._totals[key] for key, total in totals.items()})
            self._unsent.subtract(sent)
        if since - self._forgotten_at >= KEPT / 2:
            await self._records.run(forget_counts, before=since - KEPT)
            self._forgotten_at = since

    def _begin_period(self) -> None:
        since = int(self._clock()) // PERIOD * PERIOD
        if since != self._since:
            self._since = since
            self._totals.clear()
            self._unsent.clear()
