"""What is known of the request that is being answered, wherever it is asked for."""

from contextvars import ContextVar
from typing import Final

current_route: Final[ContextVar[str]] = ContextVar("current_route", default="")
"""Method and template of the route that answers, such as `GET /claims/{number}`."""
