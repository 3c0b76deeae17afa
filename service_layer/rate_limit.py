"""A sliding-window rate limit, in memory for as long as this process lives."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

MOST_KEYS: Final = 10_000


class RateLimit:
    """Allows each key a number of tries within a number of seconds."""

    def __init__(self, *, tries: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._tries = tries
        self.seconds = seconds
        self._clock = clock
        self._taken: dict[str, deque[float]] = {}

    def take(self, key: str) -> bool:
        """Count one try. False where there have been too many; that one is not counted."""
        now = self._clock()
        taken = self._taken.pop(key, None) or deque()
        self._taken[key] = taken  # last in order: the key that was used longest ago is forgotten first
        while taken and taken[0] <= now - self.seconds:
            taken.popleft()
        if len(self._taken) > MOST_KEYS:
            del self._taken[next(iter(self._taken))]
        if len(taken) >= self._tries:
            return False
        taken.append(now)
        return True

    def give_back(self, key: str) -> None:
        """Take back the key's last try."""
        if taken := self._taken.get(key):
            taken.pop()

    def __len__(self) -> int:
        """Return the number of remembered keys."""
        return len(self._taken)
