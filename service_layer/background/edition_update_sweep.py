"""Starts the updates of editions again that have not come to their end (R7)."""

from records.editions import published_editions
from service_layer.editions.edition_updates import start_edition_update
from service_layer.services import Services


class EditionUpdateSweep:
    """Starts whatever update is missing; one that runs is left running."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run(self) -> None:
        """Sweep once. Raises RecordsUnavailable."""
        for published in await self._services.records.run(published_editions):
            if published.finished_at is None:
                await start_edition_update(self._services, published)
