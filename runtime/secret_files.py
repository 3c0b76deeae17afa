"""Secrets in files, so that no environment holds them."""

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from claims.text.file_problems import os_problem


class UnreadableSecret(ValueError):
    """A file that should hold a secret is missing, empty or not ours to read; the message names it."""


def read_secret(path: Path) -> str:
    """Return a file's content without the final line break. Raises UnreadableSecret."""
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UnreadableSecret(f"无法读取密码文件 {path}（{os_problem(error)}）：请核对路径和权限") from error
    if not secret:
        raise UnreadableSecret(f"密码文件 {path} 是空的：请写入密码")
    return secret


def with_password(url: str, password: str) -> str:
    """Return the database's URL with its password. Raises UnreadableSecret if the URL already has one."""
    address = urlsplit(url)
    user, at, host = address.netloc.rpartition("@")
    if not at or ":" in user:
        raise UnreadableSecret(
            "设置了 ZAOYING_DATABASE_PASSWORD_FILE 时，ZAOYING_DATABASE_URL 须写用户名而不写密码"
        )
    return urlunsplit(address._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))
