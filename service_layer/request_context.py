"""The request that is being answered, for logs and for the record of who read what."""

from contextvars import ContextVar
from typing import Final

current_route: Final[ContextVar[str]] = ContextVar("current_route", default="")
"""What the caller asked for, as a template without anybody's data, such as `GET /claims/{number}`."""
