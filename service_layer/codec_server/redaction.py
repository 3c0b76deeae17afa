"""Redacts payloads for readers without access to contact data: they see a claim's state without people's texts."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from pydantic import JsonValue

from claims.papers.redaction import redact_phones

HIDDEN: Final = "（从略）"
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+@-]{0,199}")
"""Ids, dates, instants, names of states."""
_LONGEST_NAME: Final = 300
_PHONES: Final = re.compile(r"\+?[\d()/-]{7,}")
_OF_PROGRAMS: Final = frozenset({"currentDetails", "description", "rule", "clause", "explanation"})
"""Fields with texts that programs write without personal data."""
_OF_PEOPLE: Final = frozenset({"contact", "phone", "person", "enterprise", "external_id", "sub"})


def without_words(content: JsonValue, shown: AbstractSet[str]) -> JsonValue:
    """Return the content with ids, numbers, instants and the `shown` names, and everything else hidden. A
    bare text is the name of a timer, an activity or a workflow, which programs write.
    """
    if isinstance(content, str) and len(content) <= _LONGEST_NAME:
        return content if redact_phones(content, "") == content else HIDDEN
    return _shown(content, shown, "")


def _shown(content: JsonValue, shown: AbstractSet[str], field: str) -> JsonValue:
    match content:
        case str():
            return content if _is_harmless(content, shown, field) else HIDDEN
        case list():
            return [_shown(item, shown, field) for item in content]
        case dict():
            return {name: _shown(item, shown, name) for name, item in content.items()}
    return content


def _is_harmless(text: str, shown: AbstractSet[str], field: str) -> bool:
    if not text or text in shown:
        return True
    if field in _OF_PEOPLE:
        return False
    if field in _OF_PROGRAMS:
        return redact_phones(text, "") == text
    is_date = bool(re.match(r"\d{4}-\d\d-\d\d(T|$)", text))
    return (
        bool(_IDENTIFIER.fullmatch(text))
        and (is_date or not _PHONES.fullmatch(text))
        and redact_phones(text, "") == text
    )
