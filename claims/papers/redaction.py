"""Redaction of phone numbers, and of who an enterprise is (个保法, R53, R54)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

from calendar_rules import SHANGHAI
from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.labels import label
from claims.model.terms import Role
from claims.model.values import Actor
from claims.papers.contact_names import contact_names, forms_of_address, words_beside
from claims.text import phones
from claims.text.normalisation import aligned, name_key

REDACTED: Final = "（电话从略）"
NAME_REDACTED: Final = "（企业名称从略）"
CONTACT_REDACTED: Final = "（联系人从略）"
_PLACE: Final = re.compile(r"^(?:山东省?)?(?:枣庄市?)?(?:滕州市?|薛城区?|山亭区?|市中区|峄城区?|台儿庄区?)?")
_BRANCH: Final = re.compile(r"(?<=公司).{1,12}(?:分公司|分厂|分店|办事处|项目部)$")
_LEGAL_FORM: Final = re.compile(
    r"(?:股份)?(?:集团)?(?:有限)?(?:责任)?公司$|(?:普通|有限)合伙$|个体工商户$|集团$"
)
_TRADE_FORM: Final = re.compile(r"(?:经营部|门市部|商行|工厂|中心|合作社|[厂店部社])$")
_TRADE_NAME: Final = re.compile(r"[a-z0-9]{2,}|[^\W\d_]{2}")
"""字号: how a name without its place begins."""
_SHORT_FORMS: Final = ("公司", "集团", "企业", "厂", "店")
_SHORTEST_CORE: Final = 4
"""Characters of a name without place and legal form; a shorter one is a common word."""
_NO_BRACKETS: Final = dict.fromkeys(map(ord, "()-"), "")

_WRITTEN: Final = (
    *("contacts", "replies", "extension", "feedbacks", "call_backs", "reviews", "verifications"),
    *("dispatches", "split", "letters", "false_feedback"),
)
"""Fields with text that people wrote, besides the matter."""
_IDS: Final = frozenset({"seal", "paper"})
"""Attachments' ids, which are digits and letters by chance."""
_HEAD: Final = "head"
"""Who has signed."""
Redact = Callable[[JsonValue], JsonValue]
_NO_WORDS: Final = _IDS | {
    "unit",
    "delegate",
    "suggested_unit",
    "origin",
    "at",
    "numbers",
    "outcome",
    "grade",
    "kind",
}
"""Fields of what people wrote that hold units, instants and codes."""


def masking_starts_at(closed_at: datetime, years: int) -> datetime:
    """R70: the instant from which on a closed claim's phone numbers are masked: Beijing's same day and time
    so many years later; the first of March where that year has no 29 February."""
    local = closed_at.astimezone(SHANGHAI)
    try:
        return local.replace(year=local.year + years)
    except ValueError:
        return local.replace(year=local.year + years, month=3, day=1)


def masks_phones(claim: Claim, now: datetime) -> bool:
    """R70: has the claim been closed for so long that its phone numbers are masked?"""
    return claim.closed is not None and now >= masking_starts_at(claim.closed.at, claim.policy.phone_years)


def redact_claim(claim: Claim) -> Claim:
    """The claim with its phone number masked, and phone numbers redacted from what people wrote."""
    order = claim.order
    shown = {
        "phone": masked(order.phone, keep=3),
        "contact": str(redact_phones(order.contact, order.phone)),
        "matter": str(redact_phones(order.matter, order.phone)),
    }
    return _rewritten(
        claim,
        shown,
        lambda value: redact_phones(value, order.phone),
        lambda name: redact_phones(name, order.phone),
    )


def redact_owner(claim: Claim) -> Claim:
    """R53, R54: the claim for those who may not know whose it is: enterprise, contact, phone and code masked, and everything
    redacted from what people wrote. Of a complaint not even the first characters are left."""
    order = claim.order
    keep = 0 if order.complained_of else 1
    shown = {
        "enterprise": masked(order.enterprise, keep=2 * keep),
        "contact": masked(order.contact, keep=keep),
        "phone": masked(order.phone, keep=3 * keep),
        "credit_code": masked(order.credit_code, keep=0),
        "account": "",
        "matter": str(redact_identity(order.matter, order)),
    }
    return _rewritten(
        claim,
        shown,
        lambda value: redact_identity(value, order),
        lambda name: redact_enterprise(str(name), order),
    )


def _rewritten(claim: Claim, order: dict[str, str], redact: Redact, official: Redact) -> Claim:
    """The claim with an order that shows less, and with what people wrote redacted; `official` redacts the names of heads. Names
    of units stay: they are no words of people's."""
    whole = claim.model_dump(mode="json")
    written = {name: _redacted_words(whole[name], redact, official) for name in _WRITTEN}
    return Claim.model_validate(whole | written | {"order": whole["order"] | order})


def _redacted_words(value: JsonValue, redact: Redact, official: Redact) -> JsonValue:
    if isinstance(value, list):
        return [_redacted_words(one, redact, official) for one in value]
    if isinstance(value, dict):
        return {
            name: one
            if name in _NO_WORDS
            else _redacted_words(one, official if name == _HEAD else redact, official)
            for name, one in value.items()
        }
    return redact(value)


def shortened(text: str, most: int) -> str:
    """The beginning of a text that has been redacted already: of one that is cut first, half a number stays. No note of what was
    left out is cut in two."""
    if len(text) <= most:
        return text
    begun = text.rfind("（", 0, most)
    is_in_note = begun >= 0 and any(
        text.startswith(note, begun) and begun + len(note) > most
        for note in (REDACTED, NAME_REDACTED, CONTACT_REDACTED)
    )
    return f"{text[: begun if is_in_note else most]}……"


def masked(text: str, *, keep: int) -> str:
    """The first characters only; the length of the rest is not shown."""
    return f"{text[:keep]}****" if text else ""


def redact_phones(value: JsonValue, phone: str) -> JsonValue:
    """The value without the known phone numbers and anything that looks like one, in whatever spelling."""
    return _redacted(value, lambda text: _without_phones(text, phone))


def redact_contact(value: JsonValue, order: WorkOrder) -> JsonValue:
    """R70: the same without the contact's name, for lists and others that no reading of contact data is recorded for."""
    return _redacted(value, lambda text: _without_names(_without_phones(text, order.phone), order, ()))


def redact_identity(value: JsonValue, order: WorkOrder) -> JsonValue:
    """R53, R54: the same without the enterprise's own name and its contact's, however they are written."""
    names = _own_names(order)
    return _redacted(value, lambda text: _without_names(_without_phones(text, order.phone), order, names))


def redact_enterprise(text: str, order: WorkOrder) -> str:
    """The same for the name of an official, which a contact may bear as well and which stays: who acted is accountable."""
    plain, places = _plain(text)
    found = _spans(plain, places, [(name, NAME_REDACTED) for name in _own_names(order)])
    return _without_phones(_without(text, found), order.phone)


def _redacted(value: JsonValue, redact: Callable[[str], str]) -> JsonValue:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(one, redact) for one in value]
    if isinstance(value, dict):
        return {name: one if name in _IDS else _redacted(one, redact) for name, one in value.items()}
    return value


def _without_phones(text: str, phone: str) -> str:
    found = [*phones.spans(text), *phones.spans_of(text, phone)]
    plain = aligned(text)
    return _without(text, [(*_with_brackets(plain, *span), REDACTED) for span in found])


def _with_brackets(plain: str, first: int, last: int) -> tuple[int, int]:
    """A span with the brackets around it: of a pair, neither is left alone, and none stands about the words that are put in."""
    opened = plain.count("(", first, last) - plain.count(")", first, last)
    begins, ends = plain[:first].endswith("("), plain[last:].startswith(")")
    if opened > 0:
        return first, last + ends
    if opened < 0:
        return first - begins, last
    return (first - 1, last + 1) if begins and ends else (first, last)


def _without(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """The text with something else in these places; of places that overlap, the first and longest says what."""
    pieces, end = [], 0
    for first, last, instead in sorted(spans, key=lambda span: (span[0], -span[1])):
        if first >= end:
            pieces += [text[end:first], instead]
        end = max(end, last)
    return "".join([*pieces, text[end:]])


def _without_names(text: str, order: WorkOrder, own: Sequence[str]) -> str:
    """The text without these names of the enterprise's, and without its contacts', with a title or without."""
    contacts = [order.contact, *words_beside(order.phone)]
    called = [name for contact in contacts for name in contact_names(contact)]
    names = [*((name, NAME_REDACTED) for name in own), *((name, CONTACT_REDACTED) for name in called)]
    plain, places = _plain(text)
    found = _spans(plain, places, names)
    for pattern in filter(None, map(forms_of_address, contacts)):
        found += [
            (places[one.start()], places[one.end() - 1] + 1, CONTACT_REDACTED)
            for one in pattern.finditer(plain)
        ]
    return _without(text, found)


def _spans(plain: str, places: Sequence[int], names: Iterable[tuple[str, str]]) -> list[tuple[int, int, str]]:
    """Where names stand in a text, and what is written there instead."""
    return [
        (places[at], places[at + length - 1] + 1, instead)
        for name, instead in names
        for at, length in _found_in(plain, name)
    ]


def _own_names(order: WorkOrder) -> list[str]:
    """The enterprise's names, longest first: its own, its short forms, the code."""
    own = [order.credit_code, *_short_names(order.enterprise)]
    by_length = sorted(filter(None, own), key=len, reverse=True)
    return [order.enterprise, *by_length] if order.enterprise else by_length


def _short_names(enterprise: str) -> list[str]:
    """What an enterprise is called for short: without its place, its legal form and its branch; and its trade name (字号) with
    a place before it or a form behind. Two characters alone are a common word."""
    key = _compared(enterprise)
    place = _PLACE.match(key)
    whole = key[place.end() :] if place else key
    core = _LEGAL_FORM.sub("", _BRANCH.sub("", whole))
    found = [whole, core, _TRADE_FORM.sub("", core)]
    long_enough = [name for name in found if len(name) >= _SHORTEST_CORE]
    trade = _TRADE_NAME.match(core)
    if trade is None:
        return long_enough
    called = trade[0] if len(core) >= _SHORTEST_CORE else core
    return [*long_enough, *(f"{called}{form}" for form in _SHORT_FORMS), f"枣庄{called}"]


def _plain(text: str) -> tuple[str, list[int]]:
    """The text as names are compared, and where each of its characters stands."""
    keys = [(_compared(char), place) for place, char in enumerate(aligned(text))]
    return "".join(key for key, _ in keys), [place for key, place in keys for _ in key]


def _found_in(plain: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a name begins, and how long it is."""
    wanted, at = _compared(aligned(name)), 0
    while wanted and (at := plain.find(wanted, at)) >= 0:
        yield at, len(wanted)
        at += len(wanted)


@lru_cache(maxsize=20_000)
def _compared(name: str) -> str:
    return name_key(name).translate(_NO_BRACKETS)


def without_name(actor: Actor, order: WorkOrder) -> Actor:
    """R53: who acted, for those who may not know whose claim it is: the enterprise itself has no name."""
    if actor.has(Role.ENTERPRISE):
        return actor.model_copy(
            update={"name": label(Role.ENTERPRISE), "sub": "", "credit_code": "", "claims": ()}
        )
    return actor.model_copy(update={"name": redact_enterprise(actor.name, order)})
