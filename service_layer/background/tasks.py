"""The program's background tasks: what runs, and how often."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from records.errors import RecordsUnavailable
from service_layer.background.calendar_update_sweep import CalendarUpdateSweep
from service_layer.background.claim_start_sweep import ClaimStartSweep
from service_layer.background.edition_update_sweep import EditionUpdateSweep
from service_layer.background.monitoring import check_alarms
from service_layer.request_quotas import EXCHANGE_SECONDS
from service_layer.services import Services

SWEEP_SECONDS: Final = 30.0
MONITORING_SECONDS: Final = 20.0
CITY_DATA_SECONDS: Final = 10.0

log = structlog.get_logger()


@asynccontextmanager
async def background_tasks(services: Services) -> AsyncIterator[None]:
    """Run every task until the end of the block."""
    tasks = [
        asyncio.create_task(repeat("sweep", ClaimStartSweep(services).run, every=SWEEP_SECONDS)),
        asyncio.create_task(
            repeat("calendar-update", CalendarUpdateSweep(services).run, every=SWEEP_SECONDS)
        ),
        asyncio.create_task(repeat("edition-update", EditionUpdateSweep(services).run, every=SWEEP_SECONDS)),
        asyncio.create_task(
            repeat("city-data", lambda: services.city.refresh(services.records), every=CITY_DATA_SECONDS)
        ),
        asyncio.create_task(repeat("monitoring", lambda: check_alarms(services), every=MONITORING_SECONDS)),
        asyncio.create_task(repeat("request-quotas", services.quotas.exchange, every=EXCHANGE_SECONDS)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def repeat(name: str, run: Callable[[], Awaitable[None]], *, every: float) -> None:
    """Run again and again, at the start and then every so many seconds. An error is logged and ends nothing."""
    while True:
        try:
            await run()
        except RecordsUnavailable:
            log.warning("records-unavailable", during=name)
        except Exception as error:  # noqa: BLE001  a background task must outlive any error
            log.error(f"{name}-failed", error=type(error).__qualname__)
        await asyncio.sleep(every)
