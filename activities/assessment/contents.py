"""Editions, facts and bases as bytes in the store of contents, each under its SHA-256."""

import gzip
import io
from collections.abc import Iterable

from activities.assessment.gathering import Basis
from assessment.editions.model import Edition, canonical, read_edition
from assessment.facts.model import Fact
from records.contents import ContentStore

_LEVEL = 6


def keep_edition(contents: ContentStore, edition: Edition) -> str:
    """Keep an edition's canonical JSON; its hash is the edition's."""
    return contents.put(io.BytesIO(canonical(edition))).sha256


def kept_edition(contents: ContentStore, hash: str) -> Edition:
    """An edition. Raises ContentLost, Refused."""
    return read_edition(contents.get(hash), hash)


def keep_facts(contents: ContentStore, facts: Iterable[Fact]) -> str:
    """Keep rows, a line each."""
    lines = (fact.model_dump_json(exclude_defaults=True) for fact in facts)
    packed = gzip.compress("\n".join(lines).encode(), _LEVEL, mtime=0)
    return contents.put(io.BytesIO(packed)).sha256


def kept_facts(contents: ContentStore, hash: str) -> tuple[Fact, ...]:
    """The rows. Raises ContentLost."""
    lines = gzip.decompress(contents.get(hash)).decode().splitlines()
    return tuple(map(Fact.model_validate_json, lines))


def keep_basis(contents: ContentStore, basis: Basis) -> str:
    """Keep the list of what rows were made from."""
    return contents.put(io.BytesIO(gzip.compress(basis.model_dump_json().encode(), _LEVEL, mtime=0))).sha256


def kept_basis(contents: ContentStore, hash: str) -> Basis:
    """The list. Raises ContentLost."""
    return Basis.model_validate_json(gzip.decompress(contents.get(hash)))
