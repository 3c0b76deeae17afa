"""What is wrong with a scheme's file, in Chinese: the first of its fields that does not fit."""

from collections.abc import Callable, Mapping
from typing import Final

from pydantic import ValidationError

_MESSAGES: Final[Mapping[str, Callable[[Mapping[str, object]], str]]] = {
    "missing": lambda _: "缺少这一项",
    "extra_forbidden": lambda _: "没有这一项",
    "enum": lambda _: "没有这个名称",
    "string_type": lambda _: "应为文本",
    "string_too_short": lambda _: "不能为空",
    "string_too_long": lambda context: f"不得超过{context['max_length']}个字",
    "string_pattern_mismatch": lambda _: "只能由字母、数字、点、横线和下划线组成",
    "int_type": lambda _: "应为整数",
    "int_parsing": lambda _: "应为整数",
    "greater_than_equal": lambda context: f"不得小于{context['ge']}",
    "less_than_equal": lambda context: f"不得大于{context['le']}",
    "dict_type": lambda _: "应为 JSON 对象",
    "model_type": lambda _: "应为 JSON 对象",
    "tuple_type": lambda _: "应为列表",
    "too_long": lambda context: f"不得超过{context['max_length']}项",
    "value_error": lambda context: str(context["error"]),
}


def first_problem(error: ValidationError) -> str:
    """The first field that does not fit, and how many do not."""
    problem = error.errors(include_url=False)[0]
    place = " · ".join(str(step)[:40] for step in problem["loc"] if step != "[key]")
    kind = problem["type"]
    message = _MESSAGES.get(kind)
    words = message(problem.get("ctx", {})) if message else "写法不对"
    if kind.startswith("date"):
        words = "应为日期，例如 2027-01-01"
    return f"{place or '整个文件'}：{words}（共{error.error_count()}处）"
