"""Asking a claim until it has done what it is about."""

import asyncio
from typing import Final

from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalAway
from workflows.messages import Look

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.25


async def live(services: Services, number: str, request_id: str = "") -> Look | None:
    """The claim's own word once it has settled; None where it does not answer.

    A claim that does not settle in time is told as it stands.
    """
    return await _look_until(services, number, request_id, for_outcome=False)


async def look_for_outcome(services: Services, number: str, request_id: str) -> Look | None:
    """The same, but not before the request's outcome is known, if it ever is in time."""
    return await _look_until(services, number, request_id, for_outcome=True)


async def _look_until(services: Services, number: str, request_id: str, *, for_outcome: bool) -> Look | None:
    loop = asyncio.get_running_loop()
    ends, pause = loop.time() + services.settings.action_timeout, FIRST_PAUSE
    last: Look | None = None
    while (left := ends - loop.time()) > 0:
        try:
            last = await services.claims.look(number, request_id, within=left)
        except (NoAnswer, NotRunning, TemporalAway):
            return last
        if last.is_settled and not (for_outcome and last.outcome is None):
            return last
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 2, LONGEST_PAUSE)
    return last
