"""Is it the same matter once more? (R48)"""

from typing import Final

from claims.lookup.knowledge import bigrams

SIMILARITY_THRESHOLD: Final = 0.35
"""How much alike two texts are that are worth a look, between 0 and 1."""


def similarity(one: str, other: str) -> float:
    """Shared pairs of characters, as a part of those of the shorter text: 0 nothing, 1 contained in it."""
    first, second = bigrams(one), bigrams(other)
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else 0.0
