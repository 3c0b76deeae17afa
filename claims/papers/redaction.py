"""Redaction of phone numbers (个保法)."""

import re
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from calendar_rules import SHANGHAI
from claims.model.claim import Claim

REDACTED: Final = "（电话从略）"
_LOOKS_LIKE_ONE: Final = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[-－— ]?\d{7,8}(?:[-－—]\d{1,5})?)(?!\d)")
_SHORTEST: Final = 5
_TO_FULL_WIDTH: Final = ord("０") - ord("0")


_WRITTEN: Final = (
    *("contacts", "replies", "extension", "feedbacks", "call_backs", "reviews", "verifications"),
    *("dispatches", "split"),
)
"""Fields with text that people wrote, besides the matter."""
_IDS: Final = frozenset({"seal", "paper"})
"""Attachments' ids, which are digits and letters by chance."""


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
    phone = claim.order.phone
    whole = claim.model_dump(mode="json")
    whole["order"] |= {"phone": masked(phone, keep=3), "matter": redact_phones(claim.order.matter, phone)}
    return Claim.model_validate(whole | {name: redact_phones(whole[name], phone) for name in _WRITTEN})


def masked(text: str, *, keep: int) -> str:
    """The first characters only; the length of the rest is not shown."""
    return f"{text[:keep]}****" if text else ""


def redact_phones(value: JsonValue, phone: str) -> JsonValue:
    """The value without the known phone number, however it is spaced, and anything that looks like one."""
    if isinstance(value, str):
        for pattern in (*_patterns(phone), _LOOKS_LIKE_ONE):
            value = pattern.sub(REDACTED, value)
        return value
    if isinstance(value, list):
        return [redact_phones(one, phone) for one in value]
    if isinstance(value, dict):
        return {name: one if name in _IDS else redact_phones(one, phone) for name, one in value.items()}
    return value


def _patterns(phone: str) -> list[re.Pattern[str]]:
    found = []
    for one in re.split(r"[/、,，;；]", phone):
        digits = re.sub(r"[^0-9]", "", one)
        if len(digits) >= _SHORTEST:
            spelt = r"[\s\-－—()（）]*".join(f"[{d}{chr(ord(d) + _TO_FULL_WIDTH)}]" for d in digits)
            found.append(re.compile(rf"(?<!\d)(?:\+?86[\s-]*)?{spelt}(?!\d)"))
    return found
