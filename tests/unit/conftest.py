"""Unit tests open no connection, start no process and use no database: where one tries, it fails."""

import sys
from collections.abc import Iterator
from typing import Final

import pytest

FORBIDDEN: Final = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.system",
        "socket.bind",
        "socket.connect",
        "sqlite3.connect",
        "subprocess.Popen",
    }
)
"""Names of Python's audit events."""

_guard = {"on": False}


class NotAUnitTest(RuntimeError):
    """Raised where a test needs more than its own process: it belongs in `tests/integration`."""


def _refuse(event: str, _arguments: object) -> None:
    if event in FORBIDDEN and _guard["on"]:
        raise NotAUnitTest(f"{event}: tests that need this belong in tests/integration")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    _guard["on"] = True
    yield
    _guard["on"] = False
