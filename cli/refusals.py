"""What all commands share: how they refuse, and how they speak to programs."""

from typing import Annotated

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="输出 JSON")]


class CommandRefused(Exception):
    """A command that cannot be done; its message is for whoever typed it."""
