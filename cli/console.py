"""How a command speaks and waits, whichever module it stands in."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import TypeVar

import typer

Result = TypeVar("Result")


def say(line: str) -> None:
    """A line that is seen at once."""
    typer.echo(line)
    sys.stdout.flush()


def wait(work: Coroutine[object, object, Result]) -> Result:
    """Run to the end; Ctrl-C and SIGTERM stop it cleanly, even where a shell has its children ignore Ctrl-C."""

    async def until_asked() -> Result:
        task = asyncio.current_task()
        if task is not None:
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await work

    try:
        return asyncio.run(until_asked())
    except asyncio.CancelledError:
        raise typer.Abort from None
