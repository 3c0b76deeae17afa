"""Editions, facts and bases as bytes in the store of contents, each under its SHA-256."""

import gzip
import io
import json
from collections.abc import Iterable, Iterator

from activities.assessment.month_facts import Basis, RowsOfUnit
from assessment.editions.model import Edition, canonical, read_edition
from assessment.facts.model import Fact
from records.contents import ContentStore
from records.facts.row_texts import facts_in

_LEVEL = 6
_FAST = 1
"""Rows are similar to each other: a higher level takes three times as long and saves little."""


def keep_edition(contents: ContentStore, edition: Edition) -> str:
    """Keep an edition's canonical JSON; its hash is the edition's."""
    return contents.put(io.BytesIO(canonical(edition))).sha256


def kept_edition(contents: ContentStore, hash: str) -> Edition:
    """Return an edition. Raises ContentLost, Refused."""
    return read_edition(contents.get(hash), hash)


def keep_facts(contents: ContentStore, rows: Iterable[RowsOfUnit]) -> str:
    """Keep rows, a line each, unit by unit; the hash is that of the list of the units' own."""
    kept = {own.unit: _keep_lines(contents, own) for own in rows}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return contents.put(io.BytesIO(text.encode())).sha256


def _keep_lines(contents: ContentStore, own: RowsOfUnit) -> str:
    """Write a unit's rows as lines. The database's rows are arrays; others, and those before version 0.5, are
    objects.
    """
    more = (fact.model_dump_json(exclude_defaults=True) for fact in own.facts)
    packed = gzip.compress("\n".join([*own.texts, *more]).encode(), _FAST, mtime=0)
    return contents.put(io.BytesIO(packed)).sha256


def kept_facts(contents: ContentStore, hash: str) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """Yield the rows, unit by unit. Raises ContentLost."""
    for unit, own in sorted(_kept_units(contents, hash).items()):
        yield unit, _kept_lines(contents, own)


def kept_facts_of(contents: ContentStore, hash: str, unit: str) -> tuple[Fact, ...]:
    """Return a unit's rows. Raises ContentLost."""
    own = _kept_units(contents, hash).get(unit)
    return _kept_lines(contents, own) if own else ()


def _kept_units(contents: ContentStore, hash: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(contents.get(hash))
    return found


def _kept_lines(contents: ContentStore, hash: str) -> tuple[Fact, ...]:
    lines = gzip.decompress(contents.get(hash)).decode().split("\n")
    objects = [line for line in lines if line.startswith("{")]
    arrays = facts_in(line for line in lines if line.startswith("["))
    rows = (*map(Fact.model_validate_json, objects), *arrays)
    return tuple(sorted(rows, key=lambda fact: (fact.claim, fact.id)))


def keep_basis(contents: ContentStore, basis: Basis) -> str:
    """Keep the list of what rows were made from."""
    return contents.put(io.BytesIO(gzip.compress(basis.model_dump_json().encode(), _LEVEL, mtime=0))).sha256


def kept_basis(contents: ContentStore, hash: str) -> Basis:
    """Return the list. Raises ContentLost."""
    return Basis.model_validate_json(gzip.decompress(contents.get(hash)))
