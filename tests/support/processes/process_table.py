"""Processes as the system sees them."""

import os
import sys
from pathlib import Path


def is_running(pid: int) -> bool:
    """A process that has ended and that nobody has reaped counts as ended."""
    try:
        os.kill(pid, 0)
        return sys.platform != "linux" or " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def children_of(pid: int) -> list[int]:
    """What a process has started itself."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> list[str]:
    """What it was started with."""
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
