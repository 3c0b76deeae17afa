"""Finding claims by what was written: every pair of characters that stands side by side is indexed.

Chinese has no spaces, and its words are mostly two characters long. On SQLite the pairs stand in a
full-text table (FTS5, without contents), on PostgreSQL in an array with a GIN index, which needs no
extension. The pairs only narrow the search: what is found is compared with the text itself.

Texts are folded before they are compared: full width and half width, capitals and accents make no difference. Claims
that were indexed before that are found by what was asked for as it was written, until the records are rebuilt.
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
"""Made once: to make a statement takes longer than to run it."""
_PAIR: Final = 2
_WIDTH: Final = 6


def grams_of(*texts: str) -> list[str]:
    """All characters, and all pairs of neighbouring ones; none spans a space."""
    return sorted({gram for one in texts for word in folded(one).split() for gram in _grams(word)})


def _grams(word: str) -> Iterator[str]:
    yield from word
    for place in range(len(word) - 1):
        yield word[place : place + 2]


def _needed(wanted: str) -> list[str]:
    """What a text must have to hold what is wanted: its pairs, and its characters where there is no pair."""
    grams = {gram for word in wanted.split() for gram in _grams(word)}
    return sorted({gram for gram in grams if len(gram) == _PAIR} or grams)


def _coded(gram: str) -> str:
    """In letters and digits alone, so that every character is as good as another."""
    return "".join(f"{ord(character):0{_WIDTH}x}" for character in gram)


def index(connection: Connection, written: Mapping[str, Sequence[str]]) -> None:
    """Index claims by what was written at their registration, in the transaction of their rows; once each."""
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
    """Forget what is indexed, before claims are deleted to be written anew."""
    connection.execute(CLAIM_TEXT.delete())
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO claim_grams (claim_grams) VALUES ('delete-all')"))


@dataclass(frozen=True, slots=True)
class Candidates:
    """The numbers of all claims that can hold what is wanted, and some more; and rows as many as they are,
    which are counted sooner."""

    numbers: Select[tuple[str]]
    counted: Select[tuple[str]] | Select[tuple[int]]


def candidates(wanted: str, dialect: str) -> Candidates:
    """What the index says of a text that is not blank."""
    spellings = dict.fromkeys((folded(wanted), wanted.lower(), folded(name_key(wanted))))
    ways = [grams for way in spellings if (grams := _needed(way))]
    numbers = select(CLAIM_TEXT.c.number)
    if dialect == "sqlite":
        either = " OR ".join(f"({' AND '.join(map(_coded, grams))})" for grams in ways)
        found = select(_GRAMS.c.rowid).where(_GRAMS.c.claim_grams.op("MATCH")(either))
        return Candidates(numbers.where(CLAIM_TEXT.c.id.in_(found)), found)
    numbers = numbers.where(or_(*(CLAIM_TEXT.c.grams.contains(grams) for grams in ways)))
    return Candidates(numbers, numbers)
