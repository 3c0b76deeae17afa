"""What claims say to each other when one is to be merged into another (R48)."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from claims.model.values import Actor, Value

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Explanation = Annotated[str, StringConstraints(max_length=1000)]


class Merging(Value):
    """A merge that waits for the other claim's answer. `until`: when this claim stops waiting."""

    request_id: str
    into: str
    actor: Actor
    until: datetime
    fingerprint: str = ""
    """Of the request, for its outcome."""


class TakeOver(Value):
    """The request of claim `number` that claim `into`, of the same enterprise, takes over its matter."""

    request_id: Id
    number: Id
    into: Id
    enterprise: str
    credit_code: str = ""
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
