"""Packages of the system, installed by what needs them where the system is a Debian of our own."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filelock import FileLock

_APT_LOCK: Final = "zaoying-apt.lock"
"""Locked while packages are installed, because apt does not wait for another apt."""
_LONGEST_SECONDS: Final = 900
"""For one command; a network that does not answer is given up."""


def install(*packages: str, unless: Callable[[], bool]) -> bool:
    """Install packages unless their programs are there already. Return whether they are there now. Needs root on Debian."""
    with FileLock(Path(tempfile.gettempdir()) / _APT_LOCK):
        if not unless() and os.geteuid() == 0 and shutil.which("apt-get"):
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            for command in (
                ("apt-get", "update", "-qq"),
                ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages),
            ):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    subprocess.run(
                        command,
                        check=False,
                        env=environment,
                        stdout=subprocess.DEVNULL,
                        timeout=_LONGEST_SECONDS,
                    )
        return unless()
