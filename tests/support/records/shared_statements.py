"""Statements compiled once in a process, instead of once in each test: each test opens its own records, whose engines begin
with nothing compiled, while a program keeps its engines.
"""

from collections.abc import Hashable
from typing import Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import Compiled

Key = tuple[Hashable, ...]
"""The dialect object of an engine, the statement's own key, and how it is executed."""


class SharedStatements:
    """The cache of all engines of a kind of database, whose dialects are configured alike."""

    def __init__(self) -> None:
        self._compiled: dict[Key, Compiled] = {}

    def get(self, key: Key) -> Compiled | None:
        """Return the compiled statement, whichever engine compiled it."""
        return self._compiled.get(key[1:])

    def __setitem__(self, key: Key, compiled: Compiled) -> None:
        self._compiled[key[1:]] = compiled


_SHARED: Final[dict[str, SharedStatements]] = {}


def share_statements() -> None:
    """Let all engines of this process share their compiled statements."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    shared = _SHARED.setdefault(connection.dialect.name, SharedStatements())
    connection.execution_options(compiled_cache=shared)
