"""The system's own Chromium with Chinese fonts, for tests of pages and for pictures of them."""

import os
import shutil
from pathlib import Path
from typing import Final

from tools.debian_packages import install

NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The one without windows of its own first: it takes a third of the processor that a whole browser takes."""
PACKAGES: Final = ("chromium-headless-shell", "fonts-noto-cjk")


class NoChromium(Exception):
    """The system has no Chromium; the message says how to get it."""


def chromium() -> Path:
    """Return Chromium's path; as root on Debian, install it if necessary. Raises NoChromium."""
    install(*PACKAGES, unless=lambda: _found() is not None)
    if (found := _found()) is None:
        raise NoChromium(f"no Chromium: apt-get install {' '.join(PACKAGES)}")
    return found


def arguments() -> list[str]:
    """Return its arguments: as root it has no sandbox."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def _found() -> Path | None:
    places = (shutil.which(name) for name in NAMES)
    return next((Path(place) for place in places if place), None)
