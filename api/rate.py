"""How often somebody may try: a sliding window in memory, for as long as this process lives."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

_MOST_KEYS: Final = 10_000


class RateLimit:
    """So many tries in so many seconds for each key."""

    def __init__(self, *, tries: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._tries = tries
        self.seconds = seconds
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str) -> bool:
        """Count one try; False where there have been too many, which is not counted again."""
        now = self._clock()
        taken = self._taken.setdefault(key, deque())
        while taken and taken[0] <= now - self.seconds:
            taken.popleft()
        if len(taken) >= self._tries:
            return False
        taken.append(now)
        if len(self._taken) > _MOST_KEYS:
            self._forget_old(now)
        return True

    def give_back(self, key: str) -> None:
        """That try was none of those that count."""
        if taken := self._taken.get(key):
            taken.pop()

    def _forget_old(self, now: float) -> None:
        for key in [
            key for key, taken in self._taken.items() if not taken or taken[-1] <= now - self.seconds
        ]:
            del self._taken[key]
        while len(self._taken) > _MOST_KEYS:
            del self._taken[next(iter(self._taken))]
