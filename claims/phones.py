"""Keeping phone numbers out of what is passed on (个保法)."""

import re
from typing import Final

from pydantic import JsonValue

LEFT_OUT: Final = "（电话从略）"
_LOOKS_LIKE_ONE: Final = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[-－— ]?\d{7,8}(?:[-－—]\d{1,5})?)(?!\d)")
_SHORTEST: Final = 5
_TO_FULL_WIDTH: Final = ord("０") - ord("0")


def without_phones(value: JsonValue, phone: str) -> JsonValue:
    """The same without a known phone number, however it is spaced, and whatever else looks like one."""
    if isinstance(value, str):
        for pattern in (*_patterns(phone), _LOOKS_LIKE_ONE):
            value = pattern.sub(LEFT_OUT, value)
        return value
    if isinstance(value, list):
        return [without_phones(one, phone) for one in value]
    if isinstance(value, dict):
        return {name: without_phones(one, phone) for name, one in value.items()}
    return value


def _patterns(phone: str) -> list[re.Pattern[str]]:
    found = []
    for one in re.split(r"[/、,，;；]", phone):
        digits = re.sub(r"[^0-9]", "", one)
        if len(digits) >= _SHORTEST:
            spelt = r"[\s\-－—()（）]*".join(f"[{d}{chr(ord(d) + _TO_FULL_WIDTH)}]" for d in digits)
            found.append(re.compile(rf"(?<!\d)(?:\+?86[\s-]*)?{spelt}(?!\d)"))
    return found
