"""Redaction of phone numbers, and of who an enterprise is (个保法, R53, R54)."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from calendar_rules import SHANGHAI
from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.labels import label
from claims.model.terms import Role
from claims.model.values import Actor
from claims.text import phones
from claims.text.normalisation import aligned, name_key

REDACTED: Final = "（电话从略）"
NAME_REDACTED: Final = "（企业名称从略）"
CONTACT_REDACTED: Final = "（联系人从略）"
_PLACE: Final = re.compile(r"^(?:山东省?)?(?:枣庄市?)?(?:滕州市?|薛城区?|山亭区?|市中区|峄城区?|台儿庄区?)?")
_LEGAL_FORM: Final = re.compile(r"(?:股份)?(?:集团)?(?:有限)?(?:责任)?公司$|\(?(?:普通|有限)合伙\)?$|集团$")
_SHORTEST_CORE: Final = 4
"""Characters of a name without place and legal form; a shorter one is a common word."""
_SHORTEST_CONTACT: Final = 2

_WRITTEN: Final = (
    *("contacts", "replies", "extension", "feedbacks", "call_backs", "reviews", "verifications"),
    *("dispatches", "split", "letters", "false_feedback"),
)
"""Fields with text that people wrote, besides the matter."""
_IDS: Final = frozenset({"seal", "paper"})
"""Attachments' ids, which are digits and letters by chance."""
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
    return _rewritten(claim, shown, lambda value: redact_phones(value, order.phone))


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
    return _rewritten(claim, shown, lambda value: redact_identity(value, order))


def _rewritten(claim: Claim, order: dict[str, str], redact: Callable[[JsonValue], JsonValue]) -> Claim:
    """The claim with an order that shows less, and with what people wrote redacted. Names of units stay: they are no words of
    people's."""
    whole = claim.model_dump(mode="json")
    written = {name: _redacted_words(whole[name], redact) for name in _WRITTEN}
    return Claim.model_validate(whole | written | {"order": whole["order"] | order})


def _redacted_words(value: JsonValue, redact: Callable[[JsonValue], JsonValue]) -> JsonValue:
    if isinstance(value, list):
        return [_redacted_words(one, redact) for one in value]
    if isinstance(value, dict):
        return {
            name: one if name in _NO_WORDS else _redacted_words(one, redact) for name, one in value.items()
        }
    return redact(value)


def masked(text: str, *, keep: int) -> str:
    """The first characters only; the length of the rest is not shown."""
    return f"{text[:keep]}****" if text else ""


def redact_phones(value: JsonValue, phone: str) -> JsonValue:
    """The value without the known phone numbers and anything that looks like one, in whatever spelling."""
    return _redacted(value, lambda text: _without_phones(text, phone))


def redact_contact(value: JsonValue, order: WorkOrder) -> JsonValue:
    """R70: the same without the contact's name, for lists and others that no reading of contact data is recorded for."""
    names = [(name, instead) for name, instead in _names(order) if instead == CONTACT_REDACTED]
    return _redacted(value, lambda text: _without_names(_without_phones(text, order.phone), names))


def redact_identity(value: JsonValue, order: WorkOrder) -> JsonValue:
    """R53, R54: the same without the enterprise's own name and its contact's, however they are written."""
    names = _names(order)
    return _redacted(value, lambda text: _without_names(_without_phones(text, order.phone), names))


def _redacted(value: JsonValue, redact: Callable[[str], str]) -> JsonValue:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(one, redact) for one in value]
    if isinstance(value, dict):
        return {name: one if name in _IDS else _redacted(one, redact) for name, one in value.items()}
    return value


def _without_phones(text: str, phone: str) -> str:
    return _without(text, [*phones.spans(text), *phones.spans_of(text, phone)], REDACTED)


def _without(text: str, spans: Iterable[tuple[int, int]], instead: str) -> str:
    """The text with something else in these places; places that overlap are one."""
    pieces, end = [], 0
    for first, last in sorted(spans):
        if first >= end:
            pieces += [text[end:first], instead]
        end = max(end, last)
    return "".join([*pieces, text[end:]])


def _without_names(text: str, names: Sequence[tuple[str, str]]) -> str:
    for name, instead in names:
        text = _without(text, names_at(text, name), instead)
    return text


def _names(order: WorkOrder) -> list[tuple[str, str]]:
    """The names that are masked, longest first: the enterprise's, what is left of it without its place and legal form, the
    contact's, and the code."""
    core = _LEGAL_FORM.sub("", _PLACE.sub("", name_key(order.enterprise)))
    own = [order.enterprise, order.credit_code, *([core] if len(core) >= _SHORTEST_CORE else [])]
    contact = [order.contact] if len(order.contact) >= _SHORTEST_CONTACT else []
    return [(name, NAME_REDACTED) for name in own if name] + [(name, CONTACT_REDACTED) for name in contact]


def names_at(text: str, name: str) -> list[tuple[int, int]]:
    """Where a name stands in a text, whatever its width, brackets, spaces and capitals."""
    plain, places = "", []
    for place, char in enumerate(aligned(text)):
        key = name_key(char)
        plain += key
        places += [place] * len(key)
    wanted, found, at = name_key(name), [], 0
    while wanted and (at := plain.find(wanted, at)) >= 0:
        found.append((places[at], places[at + len(wanted) - 1] + 1))
        at += len(wanted)
    return found


def without_name(actor: Actor, order: WorkOrder) -> Actor:
    """R53: who acted, for those who may not know whose claim it is: the enterprise itself has no name."""
    if actor.has(Role.ENTERPRISE):
        return actor.model_copy(
            update={"name": label(Role.ENTERPRISE), "sub": "", "credit_code": "", "claims": ()}
        )
    return actor.model_copy(update={"name": str(redact_identity(actor.name, order))})
