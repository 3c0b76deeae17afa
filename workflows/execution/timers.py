"""A claim's durable timers: one for each limit, for the next instant at which something follows from it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from claims.deadlines.expiry import Moment, MomentKind, moments
    from claims.model.claim import Claim

_ORDER = tuple(MomentKind)


def grace_for_late_arrivals(claim: Claim) -> timedelta:
    """How long acts that the API received in time may be on their way to the claim."""
    return timedelta(seconds=claim.policy.arrival_seconds)


class Timers:
    """Keeps one timer for each limit: its early warning first, then its end, then what follows.

    A timer fires a few seconds after its instant, so that an act that the API received in time comes first, however
    long it was on its way. What follows is dated at the instant all the same (R31). `on_fire` is told the instant; what
    it does must make the instant pass.
    """

    def __init__(self, on_fire: Callable[[datetime], None]) -> None:
        self._on_fire = on_fire
        self._running: dict[str, tuple[Moment, asyncio.Task[None]]] = {}

    def follow(self, claim: Claim) -> None:
        """Start, move and cancel timers so that they fit the claim."""
        ahead = _next_moments(claim)
        for limit_id, (held, task) in [*self._running.items()]:
            if ahead.get(limit_id) != held:
                task.cancel()
                del self._running[limit_id]
        for limit_id, moment in ahead.items():
            if limit_id not in self._running:
                wait = moment.at + grace_for_late_arrivals(claim) - workflow.now()
                self._running[limit_id] = (moment, asyncio.create_task(self._run(moment, wait)))

    async def _run(self, moment: Moment, wait: timedelta) -> None:
        if wait > timedelta():
            await workflow.sleep(wait, summary=moment.summary)
        self._on_fire(moment.at)


def _next_moments(claim: Claim) -> dict[str, Moment]:
    found: dict[str, Moment] = {}
    for moment in sorted(moments(claim), key=lambda m: (m.at, _ORDER.index(m.kind))):
        found.setdefault(moment.limit_id, moment)
    return found
