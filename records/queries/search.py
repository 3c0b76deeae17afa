"""Full-text search: indexes every pair of adjacent characters.

Chinese has no spaces, and its words are mostly two characters long. SQLite stores the pairs in a full-text
table (FTS5, contentless), PostgreSQL in an array with a GIN index, which needs no extension. Pairs only
narrow the search: the results are compared with the text itself.

Texts are folded before comparison: width, case and accents are ignored. Claims indexed before folding was
introduced are found only by the exact text until the records are rebuilt.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Integer, Select, Text, bindparam, column, or_, select, table, text

from claims.text.normalisation import name_key
from records.database import dialects
from records.database.dialects import folded
from records.tables import CLAIM_TEXT

_GRAMS: Final = table("claim_grams", column("rowid", Integer), column("claim_grams", Text))
_KNOWN: Final = select(CLAIM_TEXT.c.number).where(
    CLAIM_TEXT.c.number.in_(bindparam("numbers", expanding=True))
)
"""Built once: building a statement takes longer than running it."""
_PAIR: Final = 2
_WIDTH: Final = 6


def grams_of(*texts: str) -> list[str]:
    """Return all characters and all pairs of adjacent ones; pairs do not span spaces."""
    return sorted({gram for one in texts for word in folded(one).split() for gram in _grams(word)})


def _grams(word: str) -> Iterator[str]:
    yield from word
    for place in range(len(word) - 1):
        yield word[place : place + 2]


def _needed(wanted: str) -> list[str]:
    """Return what a text must contain to match: the pairs, or the characters where there is no pair."""
    grams = {gram for word in wanted.split() for gram in _grams(word)}
    return sorted({gram for gram in grams if len(gram) == _PAIR} or grams)


def _coded(gram: str) -> str:
    """Encode as letters and digits, so that the tokenizer treats all characters alike."""
    return "".join(f"{ord(character):0{_WIDTH}x}" for character in gram)


def index(connection: Connection, written: Mapping[str, Sequence[str]]) -> None:
    """Index claims by their registered text, in the transaction of their rows. Idempotent."""
    if not written:
        return
    known = connection.scalars(_KNOWN, {"numbers": [*written]})
    for number in written.keys() - set(known):
        _index_one(connection, number, grams_of(*written[number]))


def _index_one(connection: Connection, number: str, grams: list[str]) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    row = {"number": number, "grams": None if is_sqlite else grams}
    once = dialects.insert_into(connection, CLAIM_TEXT).values(row).on_conflict_do_nothing()
    id = connection.scalar(once.returning(CLAIM_TEXT.c.id))
    if id is not None and is_sqlite:
        put = text("INSERT INTO claim_grams (rowid, grams) VALUES (:id, :grams)")
        connection.execute(put, {"id": id, "grams": " ".join(map(_coded, grams))})


def clear(connection: Connection) -> None:
    """Remove claims from the index, before they are deleted and written again."""
    connection.execute(CLAIM_TEXT.delete())
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO claim_grams (claim_grams) VALUES ('delete-all')"))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Numbers of all claims that may match, and rows for counting them quickly."""

    numbers: Select[tuple[str]]
    counted: Select[tuple[str]] | Select[tuple[int]]


def candidates(wanted: str, dialect: str) -> Candidates:
    """Return the index's candidates for a non-blank text."""
    spellings = dict.fromkeys((folded(wanted), wanted.lower(), folded(name_key(wanted))))
    ways = [grams for way in spellings if (grams := _needed(way))]
    numbers = select(CLAIM_TEXT.c.number)
    if dialect == "sqlite":
        either = " OR ".join(f"({' AND '.join(map(_coded, grams))})" for grams in ways)
        found = select(_GRAMS.c.rowid).where(_GRAMS.c.claim_grams.op("MATCH")(either))
        return Candidates(numbers.where(CLAIM_TEXT.c.id.in_(found)), found)
    numbers = numbers.where(or_(*(CLAIM_TEXT.c.grams.contains(grams) for grams in ways)))
    return Candidates(numbers, numbers)
