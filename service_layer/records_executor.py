"""Runs functions of `records` on threads, off the event loop."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Final, ParamSpec, TypeVar

from records.database.clue_cipher import NO_KEYS, ClueCipher
from records.database.engine import Records, open_records

Args = ParamSpec("Args")
Result = TypeVar("Result")

THREADS: Final = 16


class RecordsExecutor:
    """Opens the records on first use, and again on the next use if the database was away."""

    def __init__(self, url: str, clue_cipher: ClueCipher = NO_KEYS) -> None:
        self._url = url
        self._clue_cipher = clue_cipher
        self._records: Records | None = None
        self._opening = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="records")

    async def run(
        self,
        function: Callable[Concatenate[Records, Args], Result],
        *args: Args.args,
        **kwargs: Args.kwargs,
    ) -> Result:
        """Call a function of `records` with its arguments. Raises RecordsUnavailable."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(self._opened(), *args, **kwargs))

    async def opened(self) -> Records:
        """Return the records themselves, for what asks them from a thread of its own. Raises RecordsUnavailable."""
        return await self.run(lambda records: records)

    def _opened(self) -> Records:
        with self._opening:
            if self._records is None:
                self._records = open_records(self._url, self._clue_cipher)
            return self._records

    def close(self) -> None:
        """Wait for what is running, then close the records."""
        self._threads.shutdown()
        if self._records is not None:
            self._records.close()
