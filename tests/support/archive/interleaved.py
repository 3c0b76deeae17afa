"""A store before one of whose operations something else happens."""

from collections.abc import Callable
from pathlib import Path

from archive.store import Store, open_store


class InterleavedStore(Store):
    """A folder's store; `between` runs once, before the n-th read or write (from 0)."""

    def __init__(self, folder: Path, n: int, between: Callable[[], None]) -> None:
        real = open_store(str(folder))
        super().__init__(real._files, str(folder), folder=folder, failures=())  # noqa: SLF001 - the same store
        self._left = n
        self._between = between

    @property
    def is_over(self) -> bool:
        """Whether there were fewer operations than n."""
        return self._left >= 0

    def read(self, name: str) -> bytes:
        """Read as the store does."""
        self._count()
        return super().read(name)

    def names(self, below: str) -> list[str]:
        """List as the store does."""
        self._count()
        return super().names(below)

    def put_new(self, name: str, data: bytes) -> None:
        """Write as the store does."""
        self._count()
        super().put_new(name, data)

    def replace(self, name: str, data: bytes) -> None:
        """Overwrite as the store does."""
        self._count()
        super().replace(name, data)

    def _count(self) -> None:
        self._left -= 1
        if self._left == -1:
            self._between()
