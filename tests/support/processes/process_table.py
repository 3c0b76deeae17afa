"""Queries about the system's processes."""

import os
import signal
import sys
from pathlib import Path


def is_running(pid: int) -> bool:
    """Return whether a process runs. An ended process that has not been reaped does not."""
    try:
        os.kill(pid, 0)
        return sys.platform != "linux" or " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def pause(pid: int) -> None:
    """Pause a process."""
    os.kill(pid, signal.SIGSTOP)


def resume(pid: int) -> None:
    """Resume a paused process."""
    os.kill(pid, signal.SIGCONT)


def children_of(pid: int) -> list[int]:
    """Return a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> list[str]:
    """Return a process's command line."""
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
