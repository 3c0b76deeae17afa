"""Claims that are linked: a call with several matters that was split, and what claims say to each other when one is to
be merged into another."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from claims.model.values import Actor, Value

MOST_MATTERS = 10
"""R49 ◇: matters of one call."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Explanation = Annotated[str, StringConstraints(max_length=1000)]


class Split(Value):
    """The result of splitting a claim before dispatch (R49): `numbers` are those of the other matters, empty
    until they are registered.
    """

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


class Merging(Value):
    """A merge (R48) that waits for the other claim's answer. `until`: when this claim stops waiting."""

    request_id: str
    into: str
    actor: Actor
    until: datetime
    fingerprint: str = ""
    """The merge request's fingerprint, for its outcome."""


class TakeOver(Value):
    """The request of claim `number` that claim `into`, of the same enterprise, takes over its matter."""

    request_id: Id
    number: Id
    into: Id
    enterprise: str
    credit_code: str = ""
    account: str = ""
    """The asking claim's; empty if it has none, and in requests older than this field."""
    actor: Actor


class TakeOverAnswer(Value):
    """The answer, as a message and as the claim that was asked keeps it. A refusal has a rule, what is wrong and what to
    do instead."""

    request_id: Id
    asked_by: Id
    answered_by: Id
    accepted: bool
    rule: Explanation = ""
    reason: Explanation = ""
    instead: Explanation = ""
