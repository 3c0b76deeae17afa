"""The wording of papers: Chinese dates and times, full names of units, no rule ids (GB/T 9704-2012).

People's own text is not changed.
"""

import re
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

WRITTEN_BY_PEOPLE: Final = frozenset(
    (
        *(
            "诉求事项",
            "延期理由",
            "已开展工作",
            "下一步计划",
            "首次办理情况",
            "再次办理情况",
            "不满意原因",
            "办理依据",
        ),
        *("约谈情况", "措施", "企业名称", "联系人", "联系电话", "负责人", "约谈地点", "约谈对象", "约谈人"),
    )
)
"""Fields of people's own text."""
_FIGURES: Final = ("", *"一二三四五六七八九")
UNITS: Final = frozenset({"主送", "承办单位", "协办单位", "申请单位", "单位"})
"""Fields of units' names, joined by `、`."""

_INSTANT: Final = re.compile(
    r"(?:(?<=[\u4e00-\u9fff]) )?(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::\d\d)?)?(?: (?=[\u4e00-\u9fff]))?"
)
"""Includes the spaces between digits and Chinese words, which a written date does not need."""
_RULES: Final = re.compile(r"（(?:规则)?(?:R\d+|§[^）、]+)(?:、(?:R\d+|§[^）、]+))*）")


def chinese_dates(text: str) -> str:
    """Return the text with `2026-11-24 09:30` as 2026年11月24日9时30分."""
    return _INSTANT.sub(_in_chinese, text)


def ordinal(n: int) -> str:
    """Return the number of a part below a heading such as 一、: 12 gives （十二）. `n` is 1 to 99."""
    tens, ones = divmod(n, 10)
    return f"（{_FIGURES[tens] if tens > 1 else ''}{'十' if tens else ''}{_FIGURES[ones]}）"


def _in_chinese(found: re.Match[str]) -> str:
    year, month, day, hour, minute = found.groups()
    date = f"{year}年{int(month)}月{int(day)}日"
    if hour is None:
        return date
    return f"{date}{int(hour)}时" + (f"{int(minute)}分" if int(minute) else "")


def worded(fields: Mapping[str, JsonValue], full_names: Mapping[str, str]) -> dict[str, JsonValue]:
    """Return the fields as worded in a paper. `full_names` maps units' short names to full names."""
    return {name: _worded(name, value, full_names) for name, value in fields.items()}


def _worded(name: str, value: JsonValue, full_names: Mapping[str, str]) -> JsonValue:
    if isinstance(value, list):
        return [_worded(name, one, full_names) for one in value]
    if isinstance(value, dict):
        return {key: _worded(key, one, full_names) for key, one in value.items()}
    if not isinstance(value, str) or name in WRITTEN_BY_PEOPLE:
        return value
    if name in UNITS:
        return "、".join(full_names.get(one, one) for one in value.split("、"))
    return _RULES.sub("", chinese_dates(value))
