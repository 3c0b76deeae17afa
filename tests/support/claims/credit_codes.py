"""Codes for invented enterprises by GB 32100-2015, with the standard's own formula."""

import hashlib
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Without I, O, S, V and Z."""


def code_of(name: str) -> str:
    """Return the test code of an enterprise's name; empty without a name."""
    if not name:
        return ""
    body = f"91370400MA{int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10**7:07d}"
    return body + check_character(body)


def check_character(body: str) -> str:
    """Return the check character by GB 32100: the weights are the powers of 3 modulo 31."""
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return ALPHABET[-total % 31]
