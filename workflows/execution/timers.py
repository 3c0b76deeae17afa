"""A claim's durable timers: one for each instant that lies ahead, named as people know it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from claims.deadlines.expiry import Moment, MomentKind, moments
    from claims.model.claim import Claim


def on_the_way(claim: Claim) -> timedelta:
    """How long acts may be on their way to the claim."""
    return timedelta(seconds=claim.policy.arrival_seconds)


Key = tuple[str, MomentKind]


class Timers:
    """Keeps a timer for every moment of the claim, moves it when its instant moves, cancels it when
    it no longer comes. `ring` is called when one has fired; it must make its moment pass.

    A timer rings a few seconds after its moment, so that an act that the API received in time comes first, however
    long it was on its way. What follows is dated at the moment all the same (R31).
    """

    def __init__(self, claim: Callable[[], Claim], ring: Callable[[datetime], None]) -> None:
        self._claim = claim
        self._ring = ring
        self._ahead: dict[Key, Moment] = {}
        self._watched: dict[Key, asyncio.Task[None]] = {}

    def set(self) -> None:
        """After each step: start a timer for each moment that has none yet; those whose moment has moved find out."""
        self._ahead = {(moment.limit_id, moment.kind): moment for moment in moments(self._claim())}
        for key in self._ahead:
            if key not in self._watched:
                self._watched[key] = asyncio.create_task(self._watch(key))

    async def _watch(self, key: Key) -> None:
        rung: Moment | None = None
        while (moment := self._ahead.get(key)) is not None:
            has_moved = partial(self._has_moved, key, moment)
            if moment == rung:
                await workflow.wait_condition(has_moved)
                continue
            try:
                left = moment.at + on_the_way(self._claim()) - workflow.now()
                await workflow.wait_condition(has_moved, timeout=left, timeout_summary=moment.summary)
            except TimeoutError:
                rung = moment
                self._ring(moment.at)
        del self._watched[key]

    def _has_moved(self, key: Key, held: Moment) -> bool:
        return self._ahead.get(key) != held
