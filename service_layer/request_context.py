"""The request that is being answered, for logs and for the record of who read what."""

from contextvars import ContextVar
from typing import Final

current_route: Final[ContextVar[str]] = ContextVar("current_route", default="")
"""The requested route as a template without data, such as `GET /claims/{number}`."""
