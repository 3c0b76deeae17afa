"""What `tests/unit` forbids: sockets, processes and databases."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.conftest import NotAUnitTest


def connect() -> None:
    with socket.socket() as connection:
        connection.connect(("127.0.0.1", 1))


def listen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))


def start() -> None:
    subprocess.run([sys.executable, "--version"], check=False)


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def open_database() -> None:
    sqlite3.connect(":memory:").close()


@pytest.mark.parametrize("attempt", [connect, listen, start, fork, open_database])
def test_a_unit_test_that_needs_more_than_its_own_process_fails(attempt: Callable[[], None]) -> None:
    with pytest.raises(NotAUnitTest):
        attempt()


def test_files_of_its_own_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("任何内容", "utf-8")
    assert (tmp_path / "file").exists()
