"""A channel outside the platform where a matter belongs that is not accepted (R13)."""

from claims.model.terms import DeclineReason
from claims.model.values import Value


class Door(Value):
    """A channel, and the reasons for which a matter belongs there, as a claim's history holds it."""

    id: str
    name: str
    reasons: tuple[DeclineReason, ...]
