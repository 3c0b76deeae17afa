"""Sends one message over one channel. Addresses are secrets: logs and errors contain none.

The library is slow to import, and many installations have no channel, so it is imported with the first message.
"""

import asyncio
import logging
import re
import threading
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from claims.notifications import Message

if TYPE_CHECKING:
    import apprise

NOT_TAKEN: Final = "通道未接受"
NO_CONNECTION: Final = "通道无法连接"
TOO_SLOW: Final = "通道未在限定时间内应答"
UNKNOWN: Final = "通道已不在配置中"
OUT_OF_DATE: Final = "验证码已失效，没有发送"
REFERENCE_HEADER: Final = "X-Zaoying-Reference"
REFERENCE_FIELD: Final = "reference"

_STATUS: Final = re.compile(r"error=(\d{3,6})\b")


class _Why(logging.Filter):
    """Keeps the library's log lines, which may contain addresses, out of our logs; only a status is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._of_thread = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        with suppress(TypeError, ValueError):
            text = record.getMessage()
            if status := _STATUS.search(text):
                self._of_thread.reason = f"{NOT_TAKEN}（{status[1]}）"
            elif "connection error" in text.lower():
                self._of_thread.reason = NO_CONNECTION
        return False

    def forget(self) -> None:
        self._of_thread.reason = NOT_TAKEN

    @property
    def reason(self) -> str:
        return str(getattr(self._of_thread, "reason", NOT_TAKEN))


_why: Final = _Why()
logging.getLogger("apprise").addFilter(_why)
# Its warnings name whole addresses, and a bot's key is part of one.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


@lru_cache(maxsize=1)
def _asset() -> "apprise.AppriseAsset":
    """Sends in the caller's thread: gateways that hang would soon fill the library's small pool."""
    import apprise

    return apprise.AppriseAsset(
        app_id="Zaoying",
        app_desc="企呼枣（早）应",
        app_url="",
        async_mode=False,
        service_timeout=0,
    )


def is_address(address: str) -> bool:
    """Return whether the library can send to this address."""
    import apprise

    return apprise.Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True) is not None


def send_now(address: str, message: Message) -> str:
    """Send and wait for the gateway's answer. Returns why it refused; empty if it accepted."""
    import apprise

    _why.forget()
    try:
        channel = apprise.Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True)
        if not isinstance(channel, apprise.NotifyBase):
            return UNKNOWN
        _refer(channel, message.reference)
        library = apprise.Apprise(asset=_asset())
        library.add(channel)
        taken = library.notify(body=message.body, title=message.title, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:  # noqa: BLE001  whatever it is, its own words may hold the address
        return f"{NOT_TAKEN}（{type(error).__name__}）"
    return "" if taken else _why.reason


def _refer(channel: "apprise.NotifyBase", reference: str) -> None:
    """Add the reference: a field of a webhook, a header of a mail. (Message-ID is set by the library.)"""
    fields = getattr(channel, "payload_extras", None)
    headers = getattr(channel, "headers", None)
    if isinstance(fields, dict):
        fields[REFERENCE_FIELD] = reference
    elif isinstance(headers, dict):
        headers[REFERENCE_HEADER] = reference


def begin(address: str, message: Message) -> asyncio.Future[str]:
    """Send in a thread of its own, so that a gateway that hangs delays nobody. A thread that never returns ends with the
    program."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def settle(reason: str) -> None:
        if not answer.done():
            answer.set_result(reason)

    def work() -> None:
        reason = send_now(address, message)
        with suppress(RuntimeError):  # the program has ended meanwhile
            loop.call_soon_threadsafe(settle, reason)

    threading.Thread(target=work, name="notice", daemon=True).start()
    return answer
