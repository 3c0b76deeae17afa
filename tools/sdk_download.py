"""Downloads the Temporal CLI with the SDK: the quick way, if there is an internet connection."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tools.bound_process import end_now, spawn
from tools.cli_version import OLDEST_SERVER, is_usable

_SITE = ("temporal.download", 443)
_REACH_SECONDS = 2.0
_DOWNLOAD_SECONDS = 180.0


def download(folder: Path, *, say: Callable[[str], None]) -> Path | None:
    """Download into `folder`. Returns None if the site cannot be reached."""
    if not reachable():
        return None
    say("Downloading the Temporal CLI…")
    _fetch(folder)
    made = next((file for file in folder.iterdir() if file.is_file() and is_usable(file)), None)
    if made is None:
        say(f"The download brought no Temporal CLI with server {OLDEST_SERVER} or newer.")
    return made


def reachable() -> bool:
    """Return whether the download site takes a connection, known within two seconds."""
    answered = threading.Event()

    def knock() -> None:
        with contextlib.suppress(OSError), socket.create_connection(_SITE, timeout=_REACH_SECONDS):
            answered.set()

    # A name look-up has no timeout of its own, so it may outlive our patience in this thread.
    threading.Thread(target=knock, name="reach-download-site", daemon=True).start()
    return answered.wait(_REACH_SECONDS)


def _fetch(folder: Path) -> None:
    """Let the SDK start a server once, in a process of its own that can be ended; the file stays."""
    command = [sys.executable, "-m", "tools.sdk_download", str(folder)]
    with (folder / "sdk-download.log").open("wb") as output:
        process = spawn(command, output=output, cwd=Path(__file__).parents[1])
        try:
            process.wait(timeout=_DOWNLOAD_SECONDS)
        except subprocess.TimeoutExpired:
            pass  # what counts is whether a whole file is there
        finally:
            end_now(process)


async def _start_once(folder: str) -> None:
    from temporalio.testing import WorkflowEnvironment

    async with await WorkflowEnvironment.start_local(download_dest_dir=folder):
        pass


if __name__ == "__main__":
    asyncio.run(_start_once(sys.argv[1]))
