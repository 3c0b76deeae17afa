"""Error messages for a scheme's file, in Chinese: the first invalid field."""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from assessment.schemes.model import Scheme
from claims.text.unknown_fields import unknown_field_at
from claims.text.validation_words import words_of

_OWN_WORDS: Final[Mapping[str, str]] = {
    "enum": "没有这个名称",
    "string_pattern_mismatch": "只能由字母、数字、点、横线和下划线组成",
}
"""Where a file's are others than a request's."""


def first_problem(error: ValidationError) -> str:
    """Return the first field that does not fit, and how many do not."""
    problem = error.errors(include_url=False)[0]
    place = " · ".join(str(step)[:40] for step in problem["loc"] if step != "[key]")
    kind = problem["type"]
    words = _OWN_WORDS.get(kind) or words_of(kind, problem.get("ctx"))
    if kind == "extra_forbidden":
        words = unknown_field_at(problem["loc"], Scheme)
    if kind.startswith("date"):
        words = "应为日期，例如 2027-01-01"
    return f"{place or '整个文件'}：{words}（共{error.error_count()}处）"
