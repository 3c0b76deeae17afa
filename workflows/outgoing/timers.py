"""A claim's durable timers: one for the next instant of each limit."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from claims.deadlines.moments import Moment, MomentKind, moments
    from claims.model.claim import Claim
    from claims.model.labels import minute

_ORDER = tuple(MomentKind)


def grace_for_late_arrivals(claim: Claim) -> timedelta:
    """Return how long an act that the API received in time may take to reach the claim."""
    return timedelta(seconds=claim.policy.arrival_seconds)


class Timers(ABC):
    """Keeps the timers of a claim.

    A timer fires a few seconds after its instant, so that an act that the API received in time comes first,
    even if it was delayed. The effects are still dated at the instant (R31). `on_fire` receives the instant,
    and must process it.
    """

    def __init__(self, on_fire: Callable[[datetime], None]) -> None:
        self._on_fire = on_fire

    @abstractmethod
    def follow(self, claim: Claim) -> None:
        """Start, move and cancel timers so that they fit the claim."""

    def _start(self, at: datetime, grace: timedelta, summary: str) -> asyncio.Task[None]:
        return asyncio.create_task(self._run(at, at + grace - workflow.now(), summary))

    async def _run(self, at: datetime, wait: timedelta, summary: str) -> None:
        if wait > timedelta():
            await workflow.sleep(wait, summary=summary)
        self._on_fire(at)


class TimerForEachInstant(Timers):
    """Keeps one timer for all limits whose next instant is the same: most of a day's end at its midnight. It stays
    when limits come and go, as long as one of them waits for it, so its name tells the instant alone."""

    def __init__(self, on_fire: Callable[[datetime], None]) -> None:
        super().__init__(on_fire)
        self._running: dict[datetime, asyncio.Task[None]] = {}
        """By the instant at which it fires."""

    def follow(self, claim: Claim) -> None:
        """Start a timer for each instant that has none, in order; cancel those that nothing waits for."""
        grace = grace_for_late_arrivals(claim)
        ahead = {moment.at + grace: moment.at for moment in _next_moments(claim).values()}
        for fires in [fires for fires in self._running if fires not in ahead]:
            self._running.pop(fires).cancel()
        for fires, at in sorted(ahead.items()):
            if fires not in self._running:
                self._running[fires] = self._start(at, grace, f"{minute(at)} 的时限")


class TimerForEachLimit(Timers):
    """Keeps one timer for each limit: its early warning first, then its end, then what follows. So did version 0.4."""

    def __init__(self, on_fire: Callable[[datetime], None]) -> None:
        super().__init__(on_fire)
        self._running: dict[str, tuple[Moment, asyncio.Task[None]]] = {}

    def follow(self, claim: Claim) -> None:
        """Start a timer for each limit that has none; cancel those whose limit's next moment is another."""
        ahead = _next_moments(claim)
        for limit_id, (held, task) in [*self._running.items()]:
            if ahead.get(limit_id) != held:
                task.cancel()
                del self._running[limit_id]
        grace = grace_for_late_arrivals(claim)
        for limit_id, moment in ahead.items():
            if limit_id not in self._running:
                self._running[limit_id] = (moment, self._start(moment.at, grace, moment.summary))


def _next_moments(claim: Claim) -> dict[str, Moment]:
    found: dict[str, Moment] = {}
    for moment in sorted(moments(claim), key=lambda m: (m.at, _ORDER.index(m.kind))):
        found.setdefault(moment.limit_id, moment)
    return found
