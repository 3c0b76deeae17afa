"""A call with several matters, split into linked claims before dispatch (R49)."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from claims.model.values import Value

MOST_MATTERS = 10
"""R49 ◇: matters of one call."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Split(Value):
    """What became of a claim that was split: `numbers` are those of the other matters, empty until they are
    registered."""

    at: datetime
    request_id: str
    matter: str
    """All that was registered, of which the claim keeps one matter."""
    others: int
    """The number of other matters."""
    numbers: tuple[str, ...] = ()


class MattersRegistered(Value):
    """The message to a claim that the other matters of its call have their numbers, in order."""

    request_id: Id
    numbers: tuple[Id, ...] = Field(max_length=MOST_MATTERS)
