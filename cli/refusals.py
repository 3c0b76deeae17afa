"""The error and the option that all commands share."""

from typing import Annotated

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="输出 JSON")]


class CommandRefused(Exception):
    """Raised when a command cannot be carried out; the message is for the user."""
