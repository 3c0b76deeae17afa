"""The system's own Chromium with Chinese fonts, for tests of pages and for pictures of them."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from filelock import FileLock

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
PACKAGES: Final = ("chromium", "fonts-noto-cjk")
APT_LOCK: Final = "zaoying-apt.lock"
"""Locked while packages are installed, because apt does not wait for another apt."""
_INSTALLING: Final = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES),
)


class NoChromium(Exception):
    """The system has no Chromium; the message says how to get it."""


def chromium() -> Path:
    """Where Chromium is; installed on a Debian of our own if there is none. Raises NoChromium."""
    with FileLock(Path(tempfile.gettempdir()) / APT_LOCK):
        if _found() is None and os.geteuid() == 0 and shutil.which("apt-get"):
            for command in _INSTALLING:
                environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
                subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
    if (found := _found()) is None:
        raise NoChromium(f"no Chromium: apt-get install {' '.join(PACKAGES)}")
    return found


def arguments() -> list[str]:
    """How it is started: as root it has no sandbox."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def _found() -> Path | None:
    places = (shutil.which(name) for name in NAMES)
    return next((Path(place) for place in places if place), None)
