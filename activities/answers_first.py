"""Delays records until a moment after the act, and papers and lights until after the records.

Nearly every act is followed by the query for its answer. The record of the act is handed to the same worker
at the same instant (eager execution), and a paper soon after; their threads would take the interpreter from
the query. Where many claims move in the same second, their records come before their papers, and before
lights are counted on the units' accounts: such tasks stay with the server meanwhile.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from time import perf_counter
from types import MappingProxyType
from typing import Final

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.records import RECORD_CHANGE
from claims.model.terms import BackgroundTaskKind

RECORDS_AFTER: Final = 0.05
"""Seconds before a record starts: longer than a query, and too short to notice."""
AFTER_RECORDS: Final[Mapping[str, float]] = MappingProxyType(
    {
        BackgroundTaskKind.FILE_PAPER.value: 5.0,
        BackgroundTaskKind.REPORT_LIGHT.value: 2.0,
        BackgroundTaskKind.REPORT_CAUSE.value: 2.0,
    }
)
"""Seconds that an activity waits for this process's records at most; less than half of its start-to-close timeout."""
_SETTLING: Final = 0.1
"""Seconds before an activity looks for records: its own claim's record comes first."""


class AnswersFirst(Interceptor):
    """Lets records begin after the answers, and papers and lights after the records. Waiting activities hold their slots, but
    no threads. All workers of a process share one."""

    def __init__(self) -> None:
        self._records = 0
        self._last_ended = 0.0
        self._none_left = asyncio.Event()
        self._none_left.set()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Stand before every activity."""
        return _Later(next, self)

    @contextmanager
    def record(self) -> Iterator[None]:
        """Count a record from its arrival to its end."""
        self._records += 1
        self._none_left.clear()
        try:
            yield
        finally:
            self._records -= 1
            self._last_ended = perf_counter()
            if not self._records:
                self._none_left.set()

    async def after_records(self, within: float, *, quiet: float = 0.0) -> None:
        """Wait until no record is left and the last ended `quiet` seconds ago, `within` seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._none_left.wait()
                while quiet and (idle := perf_counter() - self._last_ended) < quiet:
                    await asyncio.sleep(quiet - idle)
                    await self._none_left.wait()


class _Later(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, order: AnswersFirst) -> None:
        super().__init__(next)
        self._order = order

    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        kind = activity.info().activity_type
        if kind == RECORD_CHANGE:
            with self._order.record():
                await asyncio.sleep(RECORDS_AFTER)
                return await self._execute(input)
        if within := AFTER_RECORDS.get(kind):
            await asyncio.sleep(_SETTLING)
            await self._order.after_records(within)
        return await self._execute(input)

    async def _execute(self, input: ExecuteActivityInput) -> object:
        result: object = await super().execute_activity(input)
        return result
