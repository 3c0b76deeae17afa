"""Why a file cannot be used, in Chinese: what the system says of it, or what is no JSON in it."""

import errno
import json
from types import MappingProxyType
from typing import Final

_REASONS: Final = MappingProxyType(
    {
        errno.ENOENT: "没有这个文件或目录",
        errno.EISDIR: "这是目录，不是文件",
        errno.ENOTDIR: "路径中有一段不是目录",
        errno.EACCES: "没有权限",
        errno.EPERM: "没有权限",
        errno.EEXIST: "已有同名文件",
        errno.ENOSPC: "磁盘已满",
        errno.EDQUOT: "磁盘配额已满",
        errno.EFBIG: "文件过大",
        errno.EROFS: "文件系统只读",
        errno.ENAMETOOLONG: "文件名过长",
        errno.ELOOP: "符号链接成环",
        errno.EIO: "磁盘读写出错",
    }
)


def os_problem(error: OSError) -> str:
    """Return the message for a system error; the system's own text for unusual ones."""
    return _REASONS.get(error.errno or 0) or error.strerror or "系统没有说明原因"


def is_full(error: Exception) -> bool:
    """Return whether something could not be written for want of room."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def json_problem(error: ValueError | RecursionError) -> str:
    """Return why a text is no JSON. What our own checks have raised says so itself."""
    match error:
        case json.JSONDecodeError():
            return f"不是有效的JSON：第{error.lineno}行第{error.colno}列写法不对"
        case UnicodeDecodeError():
            return "不是UTF-8文本"
        case RecursionError():
            return "不是有效的JSON：层次过深"
        case _:
            text = str(error)
            return "不是有效的JSON：数字过长" if text.isascii() else text
