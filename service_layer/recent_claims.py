"""Claims that this program has just seen and that the records may not have yet."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Final, NamedTuple

from claims.model.claim import Claim

_KEPT: Final = 200
"""Claims of some 50 KiB each. A claim is on record a moment after its act; few are acted on again before that."""
JUST_NOW: Final = 0.5
"""Seconds: the records of an act that was answered so long ago are there, or late for a reason."""
LATELY: Final = 30.0
"""Seconds in which an act on a claim goes by what was seen of it, instead of reading its record again."""


class _Seen(NamedTuple):
    claim: Claim
    at: float


class RecentClaims:
    """Keeps the last state of a few claims. Do not rely on it: another program may have seen a later one."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._unrecorded: set[str] = set()

    def note(self, claim: Claim) -> None:
        """A claim as its workflow has it."""
        self._seen.pop(claim.number, None)
        self._seen[claim.number] = _Seen(claim, self._clock())
        self._unrecorded.add(claim.number)
        if len(self._seen) > _KEPT:
            number, _ = self._seen.popitem(last=False)
            self._unrecorded.discard(number)

    def latest(self, recorded: Claim) -> Claim:
        """Return the claim on record, or a later state of it that was seen."""
        seen = self._seen.get(recorded.number)
        return seen.claim if seen is not None and seen.claim.seq > recorded.seq else recorded

    def seen_lately(self, number: str) -> Claim | None:
        """Return the claim as it was seen within the last `LATELY` seconds."""
        seen = self._seen.get(number)
        return seen.claim if seen is not None and seen.at >= self._clock() - LATELY else None

    def unrecorded(self) -> dict[str, int]:
        """Return the claims that were seen just now and are not known to be on record, each with its `seq`."""
        oldest = self._clock() - JUST_NOW
        self._unrecorded = {number for number in self._unrecorded if self._seen[number].at >= oldest}
        return {number: self._seen[number].claim.seq for number in self._unrecorded}

    def are_on_record(self, seqs: Mapping[str, int]) -> None:
        """The records hold these claims, at least as they were at these `seq`."""
        self._unrecorded -= {
            number
            for number, seq in seqs.items()
            if number in self._seen and self._seen[number].claim.seq <= seq
        }
