"""The records as the API asks them: off the event loop, opened when they can be."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, Final, ParamSpec, TypeVar

from records.database.engine import Records, open_records

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

THREADS: Final = 16


class Book:
    """Opens the records on first use, and tries again on the next one if the database was away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._records: Records | None = None
        self._opening = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="records")

    async def ask(
        self,
        question: Callable[Concatenate[Records, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """A function of `records`, with its arguments. Raises RecordsUnavailable."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: question(self._opened(), *args, **kwargs))

    def _opened(self) -> Records:
        with self._opening:
            if self._records is None:
                self._records = open_records(self._url)
            return self._records

    def close(self) -> None:
        """Finish what is in hand and close."""
        self._threads.shutdown()
        if self._records is not None:
            self._records.close()
