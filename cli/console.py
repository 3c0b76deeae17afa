"""Output and waiting, for all commands."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import TypeVar

import typer

Result = TypeVar("Result")


def say(line: str) -> None:
    """Print a line and flush it."""
    typer.echo(line)
    sys.stdout.flush()


def wait(work: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine. Ctrl-C and SIGTERM cancel it, even if the shell made its children ignore Ctrl-C."""

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
