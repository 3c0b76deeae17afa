"""The one normalisation of text: every text that comes in passes it before anything compares or stores it.

Displayed text keeps its width and its brackets. Comparisons use a key: `name_key` for names, `identifier` for
numbers that other systems gave.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

_KEPT_CONTROLS: Final = frozenset("\n\t")
_BLANK_LETTERS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U00016fe4\U0001d159"
)
"""Letters, marks and symbols that show nothing: fillers, joiners, the empty Braille cell, the place of an object."""
_NONCHARACTERS: Final = range(0xFDD0, 0xFDF0)
_LAST_OF_PLANE: Final = 0xFFFE
"""With the last two of each plane: code points that are no character, and never will be."""
_SELECTORS: Final = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
"""Variation selectors, which change how the character before them looks and nothing else."""
_LONGEST_RUN: Final = 30
"""Marks on one letter (Unicode's stream-safe text, UAX #15)."""
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_SPACES: Final = re.compile(r"\s+")
_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_BRACKETS: Final = str.maketrans("[{〔【〖〈《「『﹙﹝]}〕】〗〉》」』﹚﹞", "(((((((((((" + ")))))))))))")
_QUOTES: Final = dict.fromkeys(map(ord, "“”„‟‘’‚‛\"'`´"), "")
_DOTS: Final = dict.fromkeys(map(ord, "•‧・∙⋅･"), "·")


class UnreadableText(ValueError):
    """A text with NUL or half of a surrogate pair, which no database keeps."""


def clean(text: str) -> str:
    """Return the text without what cannot be seen: control, format and bidirectional characters, fillers,
    selectors.

    Ideographs that are encoded twice become the usual one (NFC); marks that something invisible kept apart
    are composed as well, and marks that begin the text, on nothing, are left out. Line breaks are `\\n`.
    """
    if text.isascii() and text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return unicodedata.normalize("NFC", _on_something(_visible(lines)))


def _visible(text: str) -> str:
    """Return the visible characters, without the marks of a run that is longer than in any script: sorting
    them takes quadratic time. Looks at each distinct character once: long texts come from anybody.
    """
    distinct = frozenset(text)
    hidden = [char for char in distinct if not is_visible(char)]
    shown = text.translate(dict.fromkeys(map(ord, hidden))) if hidden else text
    marks = "".join(re.escape(char) for char in sorted(distinct.difference(hidden)) if _stacks(char))
    return re.sub(rf"([{marks}]{{{_LONGEST_RUN}}})[{marks}]+", r"\1", shown) if marks else shown


@lru_cache(maxsize=20_000)
def _stacks(char: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFD", char)[0]) != 0


def _on_something(text: str) -> str:
    """Return the text without marks at its beginning, which stand on no letter."""
    first = next((place for place, char in enumerate(text) if not _is_mark(char)), len(text))
    return text[first:]


def _is_mark(char: str) -> bool:
    """Return whether a character only changes the one before it."""
    return unicodedata.category(char) in ("Mn", "Me")


@lru_cache(maxsize=20_000)
def is_visible(char: str) -> bool:
    """Return whether a character shows something or is a space; a line break and a tab are."""
    if char in _KEPT_CONTROLS:
        return True
    code = ord(char)
    if char in _BLANK_LETTERS or any(first <= code <= last for first, last in _SELECTORS):
        return False
    if code in _NONCHARACTERS or code & _LAST_OF_PLANE == _LAST_OF_PLANE:
        return False
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs")


def checked(text: str) -> str:
    """Return the clean text. Raises UnreadableText."""
    if _UNSTORABLE.search(text):
        raise UnreadableText("内容含有不能保存的字符（空字符或不成对的代理字符）")
    return clean(text)


def clean_json(value: JsonValue) -> JsonValue:
    """Return the value with every text in it clean, keys included. Raises UnreadableText."""
    if isinstance(value, str):
        return checked(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {checked(name): clean_json(inner) for name, inner in value.items()}
    if isinstance(value, Sequence):
        return [clean_json(inner) for inner in value]
    return value


def one_line(text: str) -> str:
    """Return a clean text on one line, with single spaces."""
    return _on_something(_SPACES.sub(" ", clean(text)).strip())


def identifier(text: str) -> str:
    """Return a number that another system gave, in the one form in which it is kept and compared: half width,
    plain dashes, no spaces. Capitals count: they tell numbers apart.
    """
    return _without_spaces(half_width(text))


def claim_number(text: str) -> str:
    """Return a work order's number however it was typed: half width, without spaces, with QH in capitals."""
    number = identifier(text)
    return f"QH{number[2:]}" if number[:2].upper() == "QH" else number


def name_key(name: str) -> str:
    """Return the key of a name, the same for all its spellings: width, brackets, quotes, dashes, spaces and
    capitals make no difference (§1).
    """
    plain = half_width(name).translate(_BRACKETS).translate(_QUOTES).translate(_DOTS)
    return _without_spaces(plain.casefold())


def _without_spaces(text: str) -> str:
    """Composed again (NFC): a mark that stood after a space may stand after a letter now."""
    return unicodedata.normalize("NFC", _on_something(_SPACES.sub("", text)))


def half_width(text: str) -> str:
    """Return the clean text in compatibility form (NFKC) with plain dashes; for names, numbers and keys, not
    for prose: there ½ and ㎡ mean something.
    """
    return clean(unicodedata.normalize("NFKC", clean(text))).translate(_DASHES)


def aligned(text: str) -> str:
    """Return a text of the same length in half width where possible, with digits of any script as 0 to 9;
    positions are the same as in the original.
    """
    return "".join(map(_half_width_of, text))


@lru_cache(maxsize=20_000)
def _half_width_of(char: str) -> str:
    if char.isascii():
        return char
    if not is_visible(char) or _is_mark(char):
        return " "
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", char).translate(_DASHES)
    return folded if len(folded) == 1 else char
