"""Starts the workflows of registered claims that were never started because a program died in between."""

from datetime import timedelta

import structlog

from records import intake
from service_layer.claims.starting import LEFT_ALONE, start_late
from service_layer.clock import now
from service_layer.services import Services

log = structlog.get_logger()


class ClaimStartSweep:
    """The first run takes every waiting claim, later ones only those that have waited a while."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._settled = timedelta()

    async def run(self) -> None:
        """Sweep once. Raises RecordsUnavailable."""
        settled, self._settled = self._settled, LEFT_ALONE
        if count := await sweep(self._services, settled=settled):
            log.info("claims-started-late", count=count)


async def sweep(services: Services, *, settled: timedelta = LEFT_ALONE) -> int:
    """Start the claims that have waited longer than `settled`; how many were started."""
    waiting = await services.records.run(intake.unstarted, now() - settled)
    if not waiting or not await services.temporal.is_reachable():
        return 0
    return sum([await start_late(services, line) for line in waiting])
