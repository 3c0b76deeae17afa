"""Unit tests open no connections, start no processes and use no database; they fail if they try."""

import os
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from typing import Final, NoReturn

import pytest

FORBIDDEN: Final[tuple[tuple[object, str], ...]] = (
    (os, "execv"),
    (os, "execve"),
    (os, "fork"),
    (os, "forkpty"),
    (os, "posix_spawn"),
    (os, "system"),
    (socket.socket, "bind"),
    (socket.socket, "connect"),
    (socket.socket, "connect_ex"),
    (sqlite3, "connect"),
    (sqlite3.dbapi2, "connect"),
    (subprocess.Popen, "__init__"),
)
"""Not an audit hook, which Python would call at each `id()`, doubling the time of `copy.deepcopy`."""


class NotAUnitTest(RuntimeError):
    """The test needs more than its own process: move it to `tests/integration`."""


def _refuse(*_arguments: object, **_named: object) -> NoReturn:
    raise NotAUnitTest("tests that start a process, connect or open a database belong in tests/integration")


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in FORBIDDEN:
            patch.setattr(owner, name, _refuse)
        yield
