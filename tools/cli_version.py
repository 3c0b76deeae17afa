"""The server version of a Temporal CLI, and whether this project can run on it."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

_VERSION_LINE = re.compile(r"temporal version \S+ \(Server (\d+)\.(\d+)\.(\d+)[^,)]*[,)]")
_ANSWER_SECONDS = 30


class TemporalCliError(Exception):
    """No usable Temporal CLI was found or built; the message says why and what to do."""


class ServerVersion(NamedTuple):
    """Major, minor and patch of the server inside a CLI; compares as versions do."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


OLDEST_SERVER = ServerVersion(1, 32, 0)
"""The first server that can move one workflow through virtual time."""


def parse_server_version(text: str) -> ServerVersion | None:
    """Read the line that `temporal --version` prints; None when it is not such a line."""
    match = _VERSION_LINE.search(text)
    if match is None:
        return None
    major, minor, patch = match.groups()
    return ServerVersion(int(major), int(minor), int(patch))


def server_version(cli: Path) -> ServerVersion | None:
    """Ask the program itself; None when it does not run, hangs, or is not the Temporal CLI."""
    try:
        answer = subprocess.run(
            [cli, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode != 0:
        return None
    return parse_server_version(answer.stdout.decode(errors="replace"))


def is_usable(cli: Path) -> bool:
    """Return whether the program runs and its server is new enough."""
    version = server_version(cli)
    return version is not None and version >= OLDEST_SERVER
