"""Usage errors of commands, in Chinese."""

import re
from collections.abc import Sequence
from typing import Final

import typer

_SAYINGS: Final[Sequence[tuple[re.Pattern[str], str]]] = tuple(
    (re.compile(pattern, re.DOTALL), saying)
    for pattern, saying in (
        (r"Missing (?:option|argument|parameter) ?'?(?P<name>[^'.]*)'?.*", r"缺少 \g<name>"),
        (
            r"No such option: (?P<name>\S+) \(Possible options: (?P<others>.*)\)",
            r"没有选项 \g<name>，是否要用 \g<others>",
        ),
        (r"No such option: (?P<name>\S+)(?: Did you mean (?P<others>.*)\?)?", r"没有选项 \g<name>"),
        (r"No such command '(?P<name>.*?)'.*", r"没有命令 \g<name>"),
        (r"Got unexpected extra argument\S* \((?P<rest>.*)\)", r"多余的内容：\g<rest>"),
        (r"Option '?(?P<name>[^' ]+)'? requires an argument.*", r"选项 \g<name> 后面须写上内容"),
        (
            r"Invalid value(?: for (?P<name>.*?))?: (?:Value error, )?'(?P<given>.*?)' is not one of (?P<others>.*?)\.?",
            r"\g<name> 不能是“\g<given>”，可填：\g<others>",
        ),
        (
            r"Invalid value(?: for (?P<name>.*?))?: .*? is not a valid (?:int|float)\w*(?: range)?\.?",
            r"\g<name> 须是数字",
        ),
        (
            r"Invalid value(?: for (?P<name>.*?))?: '?(?P<given>.*?)'? is not a valid .*",
            r"\g<name> 不能是“\g<given>”",
        ),
        (
            r"Invalid value(?: for (?P<name>.*?))?: (?P<given>\S+) is not in the range (?P<least>\S+)<=x<=(?P<most>\S+?)\.?",
            r"\g<name> 须在 \g<least> 至 \g<most> 之间",
        ),
        (
            r"Invalid value(?: for (?P<name>.*?))?: Input should be less than or equal to (?P<most>\S+)",
            r"\g<name> 不能大于 \g<most>",
        ),
        (
            r"Invalid value(?: for (?P<name>.*?))?: Input should be greater than or equal to (?P<least>\S+)",
            r"\g<name> 不能小于 \g<least>",
        ),
        (
            r"Invalid value(?: for (?P<name>.*?))?: Input should be a valid (?:integer|number).*",
            r"\g<name> 须是数字",
        ),
        (
            r"Invalid value(?: for (?P<name>.*?))?: Input should be a valid (?:date|datetime).*",
            r"\g<name> 须是日期，例如 2026-11-30",
        ),
        (r"Invalid value(?: for (?P<name>.*?))?: (?P<why>.*)", r"\g<name> \g<why>"),
    )
)


def in_chinese(error: typer.TyperException) -> str:
    """Return the error in Chinese, with a reference to the usage. Unknown messages stay as they are."""
    message = error.format_message()
    for pattern, saying in _SAYINGS:
        if found := pattern.fullmatch(message):
            message = found.expand(saying).replace("'", "").strip()
            break
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", "zaoying")
    return f"{message}（用法见 {command} --help）"
