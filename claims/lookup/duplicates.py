"""Similarity of texts, to find duplicate claims (R48)."""

from typing import Final

from claims.lookup.knowledge import bigrams

SIMILARITY_THRESHOLD: Final = 0.35
"""The similarity, between 0 and 1, from which on two claims are shown as possible duplicates."""


def similarity(one: str, other: str) -> float:
    """Return the share of the shorter text's bigrams that the other contains: 0 none, 1 all."""
    first, second = bigrams(one), bigrams(other)
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else 0.0
