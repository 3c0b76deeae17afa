"""Output and waiting, for all commands."""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from typing import TypeVar

import typer
from pydantic import BaseModel, TypeAdapter

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


def print_result(found: object, text: str, *, as_json: bool) -> None:
    """Print a result as text, or as JSON for programs."""
    if not as_json:
        typer.echo(text)
        return
    plain = found.model_dump(mode="json") if isinstance(found, BaseModel) else _plain(found)
    typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))


def _plain(found: object) -> object:
    return TypeAdapter(object).dump_python(found, mode="json")
