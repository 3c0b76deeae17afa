"""The claims that this program has just seen, which the records may not have yet."""

from collections import OrderedDict
from typing import Final

from claims.model.claim import Claim

_KEPT: Final = 200
"""Claims of some 50 KiB each. A claim is on record a moment after its act; few are acted on again before that."""


class RecentClaims:
    """Knows the last state of a few claims. Whoever asks must not rely on it: another program may have seen a later one."""

    def __init__(self) -> None:
        self._claims: OrderedDict[str, Claim] = OrderedDict()

    def note(self, claim: Claim) -> None:
        """A claim as its workflow has it."""
        self._claims.pop(claim.number, None)
        self._claims[claim.number] = claim
        if len(self._claims) > _KEPT:
            self._claims.popitem(last=False)

    def latest(self, recorded: Claim) -> Claim:
        """The claim on record, or a later state of it that was seen."""
        seen = self._claims.get(recorded.number)
        return seen if seen is not None and seen.seq > recorded.seq else recorded
