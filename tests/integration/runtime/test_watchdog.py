"""A program whose event loop stands still is ended, and one that was suspended is not."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from runtime.process.watchdog import EXIT_CODE
from tests.support.polling import PATIENCE

STANDSTILL: Final = 3
PROGRAM: Final = f"""
import asyncio, sys, time
from runtime.process.watchdog import watchdog

def stand_still():
    time.sleep(1000)

async def main():
    async with watchdog({STANDSTILL}):
        print("ready", flush=True)
        if sys.argv[1] == "blocked":
            stand_still()
        await asyncio.sleep({2 * STANDSTILL})

asyncio.run(main())
"""


@contextmanager
def running(what: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, what]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def test_a_program_at_a_standstill_ends_and_shows_where_it_stands() -> None:
    with running("blocked") as process:
        _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == EXIT_CODE
    assert f"watchdog: the event loop has not run for {STANDSTILL} seconds" in stderr
    assert "in stand_still" in stderr


def test_a_suspended_program_goes_on() -> None:
    with running("idle") as process:
        process.send_signal(signal.SIGSTOP)
        time.sleep(2 * STANDSTILL)
        process.send_signal(signal.SIGCONT)
        _, stderr = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stderr) == (0, "")
