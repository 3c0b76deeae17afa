"""The system's own Chromium, for tests of pages and for pictures of them."""

import shutil
from pathlib import Path


class NoChromium(Exception):
    """The system has no Chromium; the message says how to get it."""


def chromium() -> Path:
    """Where Chromium is. Raises NoChromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (found := shutil.which(name)) is not None:
            return Path(found)
    raise NoChromium("no Chromium: `apt-get install chromium fonts-noto-cjk`")
