"""Restarts the updates of editions that have not finished (R7)."""

from claims.editions.edition import built_in_editions
from records.editions import published_editions
from records.queries.edition_claims import awaits_built_in_editions
from service_layer.editions.edition_updates import start_edition_update
from service_layer.services import Services


class EditionUpdateSweep:
    """Starts whatever update is missing; one that runs is left running."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._knows_built_in = False

    async def run(self) -> None:
        """Sweep once. Raises RecordsUnavailable."""
        await self._bring_built_in_editions()
        for published in await self._services.records.run(published_editions):
            if published.finished_at is None:
                await start_edition_update(self._services, published.in_force)

    async def _bring_built_in_editions(self) -> None:
        """Start one update for a release's own edition if older claims and accounts need it."""
        newest = built_in_editions()[-1]
        if not self._knows_built_in and await self._services.records.run(awaits_built_in_editions):
            self._knows_built_in = await start_edition_update(self._services, newest)
