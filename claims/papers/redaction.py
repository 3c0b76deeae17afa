"""Redaction of phone numbers and of an enterprise's identity (个保法, R53, R54)."""

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
"""字号: a pattern for the start of a name without its place."""
_SHORT_FORMS: Final = ("公司", "集团", "企业", "厂", "店")
_SHORTEST_CORE: Final = 4
"""Minimum characters of a name without place and legal form; a shorter one is a common word."""
_NO_BRACKETS: Final = dict.fromkeys(map(ord, "()-"), "")

_WRITTEN: Final = (
    *("contacts", "replies", "extension", "feedbacks", "call_backs", "reviews", "verifications"),
    *("dispatches", "split", "letters", "false_feedback"),
)
"""Fields of people's own text, besides the matter."""
_IDS: Final = frozenset({"seal", "paper"})
"""Ids of attachments: random digits and letters that may look like a phone number."""
_HEAD: Final = "head"
"""Fields that name a signer."""
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
"""Fields within people's text that hold units, instants and codes."""


def masking_starts_at(closed_at: datetime, years: int) -> datetime:
    """R70: return the instant from which a closed claim's phone numbers are masked: the same day and time in
    Beijing some years later, or 1 March if that year has no 29 February.
    """
    local = closed_at.astimezone(SHANGHAI)
    try:
        return local.replace(year=local.year + years)
    except ValueError:
        return local.replace(year=local.year + years, month=3, day=1)


def masks_phones(claim: Claim, now: datetime) -> bool:
    """R70: return whether the claim has been closed long enough to mask its phone numbers."""
    return claim.closed is not None and now >= masking_starts_at(claim.closed.at, claim.policy.phone_years)


def redact_claim(claim: Claim) -> Claim:
    """Return the claim with its phone number masked, and phone numbers redacted from people's text."""
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
    """R53, R54: return the claim with enterprise, contact, phone and code masked and all of them redacted
    from text, for people who may not know its owner. A complaint's values do not even keep their first
    characters.
    """
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
    """Return the claim with another order and with people's text redacted. `official` redacts the names of
    heads; units' names stay.
    """
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
    """Return the start of a redacted text. Redact before shortening: otherwise half a phone number may
    remain. A note about an omission is never cut in two.
    """
    if len(text) <= most:
        return text
    begun = text.rfind("（", 0, most)
    is_in_note = begun >= 0 and any(
        text.startswith(note, begun) and begun + len(note) > most
        for note in (REDACTED, NAME_REDACTED, CONTACT_REDACTED)
    )
    return f"{text[: begun if is_in_note else most]}……"


def masked(text: str, *, keep: int) -> str:
    """Return the first characters, masking the rest without its length."""
    return f"{text[:keep]}****" if text else ""


def redact_phones(value: JsonValue, phone: str) -> JsonValue:
    """Return the value without the known phone numbers and anything similar, in any spelling."""
    return _redacted(value, lambda text: _without_phones(text, phone))


def redact_contact(value: JsonValue, order: WorkOrder) -> JsonValue:
    """R70: as `redact_phones`, also without the contact's name; for lists and others whose readers are not
    recorded.
    """
    return _redacted(value, lambda text: _without_names(_without_phones(text, order.phone), order, ()))


def redact_identity(value: JsonValue, order: WorkOrder) -> JsonValue:
    """R53, R54: as `redact_contact`, also without the enterprise's name, in any spelling."""
    names = _own_names(order)
    return _redacted(value, lambda text: _without_names(_without_phones(text, order.phone), order, names))


def redact_enterprise(text: str, order: WorkOrder) -> str:
    """As `redact_identity`, but keep the contact's name: an official may have the same name, and must stay
    accountable.
    """
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
    """Return a span including a pair of brackets around it or inside it, so that no bracket is left alone."""
    opened = plain.count("(", first, last) - plain.count(")", first, last)
    begins, ends = plain[:first].endswith("("), plain[last:].startswith(")")
    if opened > 0:
        return first, last + ends
    if opened < 0:
        return first - begins, last
    return (first - 1, last + 1) if begins and ends else (first, last)


def _without(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Return the text with these spans replaced. Where spans overlap, the first and longest counts."""
    pieces, end = [], 0
    for first, last, instead in sorted(spans, key=lambda span: (span[0], -span[1])):
        if first >= end:
            pieces += [text[end:first], instead]
        end = max(end, last)
    return "".join([*pieces, text[end:]])


def _without_names(text: str, order: WorkOrder, own: Sequence[str]) -> str:
    """Return the text without the enterprise's names and without its contacts' names, with or without title."""
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
    """Return where names occur in a text, and the replacement of each."""
    return [
        (places[at], places[at + length - 1] + 1, instead)
        for name, instead in names
        for at, length in _found_in(plain, name)
    ]


def _own_names(order: WorkOrder) -> list[str]:
    """Return the enterprise's names, longest first: full name, short forms, code."""
    own = [order.credit_code, *_short_names(order.enterprise)]
    by_length = sorted(filter(None, own), key=len, reverse=True)
    return [order.enterprise, *by_length] if order.enterprise else by_length


def _short_names(enterprise: str) -> list[str]:
    """Return an enterprise's short names: without place, legal form and branch; and its trade name (字号)
    with a place before it or a legal form after it. Two characters alone are a common word.
    """
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
    """Return the text in the form in which names are compared, with the position of each character."""
    keys = [(_compared(char), place) for place, char in enumerate(aligned(text))]
    return "".join(key for key, _ in keys), [place for key, place in keys for _ in key]


def _found_in(plain: str, name: str) -> Iterator[tuple[int, int]]:
    """Return the start and length of a name."""
    wanted, at = _compared(aligned(name)), 0
    while wanted and (at := plain.find(wanted, at)) >= 0:
        yield at, len(wanted)
        at += len(wanted)


@lru_cache(maxsize=20_000)
def _compared(name: str) -> str:
    return name_key(name).translate(_NO_BRACKETS)


def without_name(actor: Actor, order: WorkOrder) -> Actor:
    """R53: return the actor for readers who may not know whose claim it is: the enterprise's name is left out."""
    if actor.has(Role.ENTERPRISE):
        return actor.model_copy(
            update={"name": label(Role.ENTERPRISE), "sub": "", "credit_code": "", "claims": ()}
        )
    return actor.model_copy(update={"name": redact_enterprise(actor.name, order)})
