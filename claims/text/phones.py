"""Phone numbers: read as people write them, kept and compared in one form, found in what people wrote."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from claims.text.normalisation import aligned, half_width

HOME: Final = "CN"
CHINA: Final = 86
MOBILE_DIGITS: Final = 11
LOCAL_DIGITS: Final = 7
"""Digits of a local number in Zaozhuang."""
AREA_CODE: Final = "632"
"""Zaozhuang's: what a local number without one belongs to."""
DIGITS: Final = range(5, 26)
"""The possible numbers of digits of a special number such as 12345."""
MOST: Final = 5
FEWEST_ASKED: Final = 4
"""Digits that somebody who enquires must know, at least."""
_APART: Final = re.compile(r"[/\\、,，;；|\n]|(?<=\d)[ \t]+或[ \t]*|或者?|和")
_EXTENSION: Final = re.compile(
    r"(?:\s*\(?(?:转|轉|分机号?|内线|ext\.?|x|#|,)\s*|-|(?<=\d)\s*\()(\d{1,6})\)?$", re.IGNORECASE
)
_NOTE: Final = re.compile(r"\(([^()0-9]{1,20})\)$|([^\W\d_]{1,20})$|^([^\W\d_]{1,20})(?=[ :+(\d])")
_LABEL: Final = re.compile(r"^(?:联系)?(?:电话|手机|座机|固话|tel|phone|mobile)[:. ]*", re.IGNORECASE)
_PLAIN: Final = re.compile(r"\(?\+?[0-9(][0-9 ().*#-]*[0-9]")
_SHORT: Final = re.compile(r"\d{1,4}")
_FIXED: Final = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_WITHOUT_EXTENSION: Final = re.compile(r"转\d+$")


class NotAPhone(ValueError):
    """A text that holds no phone number, or more than one."""


class Phone(NamedTuple):
    """One number. `shown`: 13906320001, 0632-5550001转801, 400-123-4567, +852 2345 6789. `note`: whose it is, if the
    text says so."""

    shown: str
    note: str = ""

    @property
    def digits(self) -> str:
        """The digits of the number without its extension."""
        return digits_of(_WITHOUT_EXTENSION.sub("", self.shown))

    @property
    def extension(self) -> str:
        """The digits of its extension, if it has one."""
        return self.shown.partition("转")[2]

    @property
    def area(self) -> str:
        """Its area code without the 0; Zaozhuang's where it has none."""
        area, dash, _ = self.shown.partition("-")
        return area[1:] if dash and area.startswith("0") else AREA_CODE

    def __str__(self) -> str:
        return f"{self.shown}（{self.note}）" if self.note else self.shown


def normalised(text: str) -> str:
    """Return all the numbers of a text in their one form, in order. Raises NotAPhone."""
    found = read_phones(text)
    if not found:
        raise NotAPhone("没有电话号码")
    if len(found) > MOST:
        raise NotAPhone(f"至多填{MOST}个号码")
    return "、".join(map(str, found))


def read_phones(text: str) -> tuple[Phone, ...]:
    """Return the numbers of a text, each once. A local number has the area code of the one before it, else
    Zaozhuang's. Raises NotAPhone for invalid ones.
    """
    found: list[Phone] = []
    for part in map(str.strip, _APART.split(half_width(text))):
        if found and _SHORT.fullmatch(part) and not found[-1].extension:
            found[-1] = found[-1]._replace(shown=f"{found[-1].shown}转{part}")
        elif part:
            found += _numbers_in(part, found[-1].area if found else AREA_CODE)
    return tuple(dict.fromkeys(found))


def phones_of(kept: str) -> tuple[Phone, ...]:
    """Return the numbers of a text that was kept, by an earlier version too; what is no number is left out."""
    try:
        return read_phones(kept)
    except NotAPhone:
        return tuple(Phone(run) for run in re.findall(r"\d{5,}", half_width(kept)))


def message_number(kept: str) -> str:
    """Return the digits of the number that a message goes to: the first mobile, else the first; empty where
    there is none.
    """
    found = [phone.digits for phone in phones_of(kept)]
    mobiles = [digits for digits in found if is_mobile(digits)]
    return next(iter([*mobiles, *found]), "")


def is_mobile(digits: str) -> bool:
    """Return whether a message reaches the number. Zaozhuang's fixed lines have as many digits, with their
    area code.
    """
    return len(digits) == MOBILE_DIGITS and digits.startswith("1")


def knows(asked: str, kept: str) -> bool:
    """R39: are these the last digits of one of the numbers, its extension, or the whole number however it is written?"""
    digits = digits_of(half_width(asked))
    if len(digits) < FEWEST_ASKED:
        return False
    return any(_is_of(digits, asked, phone) for phone in phones_of(kept))


def _is_of(digits: str, asked: str, phone: Phone) -> bool:
    ends = (phone.digits, phone.digits + phone.extension)
    if any(end.endswith(digits) for end in ends):
        return True
    if phone.extension and digits == phone.extension.zfill(FEWEST_ASKED):
        return True
    return any(one.digits == phone.digits for one in _phones_or_none(asked))


def _phones_or_none(text: str) -> tuple[Phone, ...]:
    try:
        return read_phones(text)
    except NotAPhone:
        return ()


def digits_of(text: str) -> str:
    """Return the digits 0 to 9 of a text."""
    return "".join(char for char in text if char in "0123456789")


def _numbers_in(part: str, area: str) -> list[Phone]:
    """Several numbers with nothing but spaces between them; else one."""
    pieces = part.split()
    if len(pieces) > 1:
        each = [_planned(piece, area) for piece in pieces]
        if all(each):
            return [Phone(shown) for shown in each]
    return [_number(part, area)]


def _number(text: str, area: str) -> Phone:
    text, note = _without_note(_LABEL.sub("", text).strip())
    if not (_PLAIN.fullmatch(text) or _PLAIN.fullmatch(_EXTENSION.sub("", text))):
        raise NotAPhone("格式不对：不是电话号码")
    if shown := _planned(text, area):
        return Phone(shown, note)
    if len(digits_of(text)) not in DIGITS:
        raise NotAPhone(f"应有{DIGITS.start}至{DIGITS.stop - 1}位数字")
    return Phone(re.sub(r"[ ()]+", "", text), note)


def _planned(text: str, area: str) -> str:
    """Return the form of a number that the plan of numbers has; empty for others."""
    for main, extension in _readings(text):
        try:
            number = phonenumbers.parse(main, HOME)
        except NumberParseException:
            continue
        if shown := _shown(number, area):
            extension = extension or number.extension or ""
            return f"{shown}转{extension}" if extension else shown
    return ""


def _without_note(text: str) -> tuple[str, str]:
    """Return the number, and the words beside it: whose it is."""
    found = _NOTE.search(text)
    if found is None:
        return text, ""
    rest = text[: found.start()] + text[found.end() :]
    return rest.strip(" :"), "".join(filter(None, found.groups()))


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text as one number; then as a number and an extension."""
    yield text, ""
    if found := _EXTENSION.search(text):
        yield text[: found.start()], found[1]


def _shown(number: PhoneNumber, area: str) -> str:
    """Return the form in which a valid number is kept; empty for others."""
    if (
        number.country_code == CHINA
        and len(str(number.national_number)) == LOCAL_DIGITS
        and _is_local(number)
    ):
        return f"0{area}-{number.national_number}"
    if not phonenumbers.is_valid_number(number):
        return ""
    if number.country_code != CHINA:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    national = str(phonenumbers.national_significant_number(number))
    if phonenumbers.number_type(number) in _FIXED:
        length = phonenumbers.length_of_geographical_area_code(number)
        return f"0{national[:length]}-{national[length:]}"
    if national.startswith(("400", "800")):
        return f"{national[:3]}-{national[3:6]}-{national[6:]}"
    return national


def _is_local(number: PhoneNumber) -> bool:
    return str(number.national_number)[0] in "2345678" and not number.italian_leading_zero


_SPOKEN: Final = str.maketrans("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
"""Digits as they are spoken, and as they stand on invoices."""
_GAP: Final = r"[ \t\n\u00a0.,、/·_()\[\]*-]{0,5}"
_COUNTRY: Final = rf"(?:\(?(?:\+|00){_GAP}86\)?{_GAP}|(?<!\d)86{_GAP})?"


def _spelt(*groups: str) -> str:
    """Digits in order, with little between them."""
    return _GAP.join(groups)


_AREA_APART: Final = re.compile(r"\(?0\d{2,3}[)\s-]+")
_ANY: Final = r"\d"
_MOBILE: Final = _spelt("1", "[3-9]", *[_ANY] * 9)
_AREA: Final = rf"\(?{_spelt('0', _ANY, _ANY)}(?:{_GAP}{_ANY})?\)?"
_FIXED_LINE: Final = rf"{_AREA}{_GAP}{_spelt('[2-8]', *[_ANY] * 6)}(?:{_GAP}{_ANY})?"
_SERVICE: Final = _spelt("[48]", "0", "0", *[_ANY] * 7)
_FOREIGN: Final = rf"(?:\+|00){_GAP}[1-9]{_GAP}{_spelt(*[_ANY] * 7)}(?:{_GAP}{_ANY}){{0,6}}"
_LABELLED: Final = r"(?<=电话|手机|座机|来电|致电|联系|微信|号码|QQ)[:: 是为]{0,3}"
_BARE: Final = rf"{_LABELLED}(?P<bare>{_spelt(*[_ANY] * 7)}(?:{_GAP}{_ANY}){{0,5}})"
_PARTLY_HIDDEN: Final = rf"1[3-9]{_ANY}[*x×]{{2,6}}{_ANY}{{3,4}}"
_ENDING: Final = rf"(?<=尾号|末四|后四)位?[:: 是为]{{0,3}}(?P<ending>{_ANY}{{4}})"
"""The last four digits open an enquiry (R39)."""
_SAID_EXTENSION: Final = (
    r"(?:[ \t]*(?:转|轉|分机号?|ext\.?|-)[ \t]*\d{1,6}|[ \t]*\((?:转|轉|分机号?|ext\.?)[ \t]*\d{1,6}\))?"
)
_FOUND: Final = re.compile(
    rf"(?<!\d)(?:{_COUNTRY}(?:{_MOBILE}|{_FIXED_LINE}|{_SERVICE})|{_FOREIGN}|{_PARTLY_HIDDEN})"
    rf"{_SAID_EXTENSION}(?!\d)|(?:{_BARE}|{_ENDING})(?!\d)",
    re.IGNORECASE,
)


def spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of phone numbers in a text, in any spelling: spaced, in full width, spoken, with a
    country code.
    """
    plain = aligned(text).translate(_SPOKEN)
    return [found.span(found.lastgroup or 0) for found in _FOUND.finditer(plain)]


def spans_of(text: str, kept: str) -> list[tuple[int, int]]:
    """Return the spans of a work order's phone numbers in a text."""
    plain = aligned(text).translate(_SPOKEN)
    found: list[tuple[int, int]] = []
    for digits in _ways(kept):
        pattern = re.compile(rf"(?<!\d){_COUNTRY}\(?{_spelt(*digits)}{_SAID_EXTENSION}(?!\d)", re.IGNORECASE)
        found += [one.span() for one in pattern.finditer(plain)]
    return found


def _ways(kept: str) -> Iterator[str]:
    """Yield each number's digits, with and without its area code. Reads no plan of numbers, for workflows
    redact papers.
    """
    for part in _APART.split(half_width(kept)):
        main = _EXTENSION.sub("", _NOTE.sub("", part).strip()).strip(" )")
        digits = digits_of(main)
        ways = [digits, digits.removeprefix("0086").removeprefix("86"), digits.removeprefix("0")]
        if parted := _AREA_APART.match(main):
            ways.append(digits_of(main[parted.end() :]))
        yield from dict.fromkeys(way for way in ways if len(way) >= DIGITS.start)
