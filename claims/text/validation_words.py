"""Pydantic's errors in Chinese, for every entry point. Messages never contain the input."""

from collections.abc import Callable, Mapping
from typing import Final

Context = Mapping[str, object]

_WORDS: Final[Mapping[str, Callable[[Context], str]]] = {
    "missing": lambda _: "缺少此项",
    "string_type": lambda _: "应为文本",
    "string_unicode": lambda _: "含有无法识别的字符",
    "string_too_short": lambda ctx: "不能为空" if ctx["min_length"] == 1 else f"至少{ctx['min_length']}个字",
    "string_too_long": lambda ctx: f"不得超过{ctx['max_length']}个字",
    "string_pattern_mismatch": lambda _: "格式不对",
    "enum": lambda ctx: f"只能是 {str(ctx['expected']).replace(' or ', ', ')} 之一",
    "literal_error": lambda ctx: f"只能是 {str(ctx['expected']).replace(' or ', ', ')} 之一",
    "bool_type": lambda _: "应为 true 或 false",
    "bool_parsing": lambda _: "应为 true 或 false",
    "int_type": lambda _: "应为整数",
    "int_parsing": lambda _: "应为整数",
    "int_parsing_size": lambda _: "数字过大",
    "int_from_float": lambda _: "应为整数",
    "decimal_type": lambda _: "应为数字",
    "decimal_parsing": lambda _: "应为数字",
    "decimal_max_digits": lambda ctx: f"最多{ctx['max_digits']}位数字",
    "decimal_max_places": lambda ctx: f"最多{ctx['decimal_places']}位小数",
    "greater_than_equal": lambda ctx: f"不得小于{ctx['ge']}",
    "less_than_equal": lambda ctx: f"不得大于{ctx['le']}",
    "timezone_aware": lambda _: "须写明时区，例如 2026-11-25T09:30:00+08:00",
    "tuple_type": lambda _: "应为列表",
    "list_type": lambda _: "应为列表",
    "too_short": lambda ctx: f"至少{ctx['min_length']}项",
    "too_long": lambda ctx: f"不得超过{ctx['max_length']}项",
    "dict_type": lambda _: "应为 JSON 对象",
    "model_type": lambda _: "应为 JSON 对象",
    "model_attributes_type": lambda _: "应为 JSON 对象",
    "extra_forbidden": lambda _: "没有这个参数",
    "unknown_field": lambda ctx: str(ctx["message"]),
    "json_invalid": lambda _: "不是有效的 JSON",
    "value_error": lambda ctx: str(ctx.get("error", "不符合要求")),
}


def words_of(kind: str, context: object) -> str:
    """Return the words for a kind of error and its context, as `ValidationError.errors()` gives them."""
    words = _WORDS.get(kind)
    return words(context if isinstance(context, Mapping) else {}) if words else "不符合要求"
