"""Limits of request bodies: their size, that they are JSON, and that they hold nothing harmful.

Uploads are no JSON: their body is only counted while the route streams it.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, NoReturn

from pydantic import JsonValue
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import Kind, Problem, answer

UPLOADS: Final = "/attachments"
FORMS: Final = ("/app/", "/report")
"""Targets of forms that may include files, including the acts of an enterprise by a code."""
ENVELOPE: Final = 64 * 1024
"""Bytes that a form may add to the file in it."""
LINGER_SECONDS: Final = 2.0
"""How long a client may continue to send after it was answered. If it were cut off at once, it would not see the answer."""
BODY_SECONDS: Final = 30.0
UPLOAD_SECONDS: Final = 600.0
"""How long a body may take to arrive: JSON, and an uploaded file."""
SMALL_BODY: Final = 16 * 1024
"""Bytes of a body that is checked in a millisecond."""
DEEPEST: Final = 20
"""No valid body nests deeper than a few levels."""
MOST_VALUES: Final = 100_000
"""Names and values of a body; the largest one that means something, what the Temporal UI wants decoded, has half as many."""
_TRACK_FORM: Final = re.compile("/track(/[^/]+/(code|enter|leave|acts/[^/]+))?")
"""Targets of the track page's forms; `/track/<number>` is the API's."""
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


class BodyLimit:
    """Bounds each body in size and time, chunked bodies too, where the app reads it: nothing is read of a request
    whose token is not valid. `upload_limit` bounds the file of an upload."""

    def __init__(self, app: ASGIApp, limit: int, upload_limit: int) -> None:
        self._app = app
        self._limit = limit
        self._upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(headers := Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        is_upload = scope["method"] == "POST" and _is_upload(scope["path"], headers)
        limit = self._upload_limit if is_upload else self._limit
        most, within = limit, BODY_SECONDS
        if is_upload:
            most, within = limit + ENVELOPE, UPLOAD_SECONDS
        receive, send = _lingering(receive, send)
        if _declares_too_much(headers.get("content-length", "0"), most):
            if not _is_page(scope["path"]):
                await answer(too_large(limit))(scope, receive, send)
                return
            # A page answers as pages do, as soon as it reads the form.
            await self._app(scope, _refusing(receive, limit), send)
        else:
            await self._app(scope, _bounded(receive, most, limit, within), send)


def _is_page(path: str) -> bool:
    return path.startswith(FORMS) or _TRACK_FORM.fullmatch(path) is not None


def _takes_files(path: str) -> bool:
    return path.startswith(FORMS) or (path.startswith("/track/") and "/acts/" in path)


def _is_upload(path: str, headers: Headers) -> bool:
    """Return whether it is an upload, or a page's form with files in it."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return path == UPLOADS or (media_type == "multipart/form-data" and _takes_files(path))


def _lingering(receive: Receive, send: Send) -> tuple[Receive, Send]:
    """Send an answer at once, but end it only when the request has ended or a while has passed."""
    has_ended = False

    async def hearing() -> Message:
        nonlocal has_ended
        message = await receive()
        has_ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def answering(message: Message) -> None:
        if message["type"] != "http.response.body" or message.get("more_body", False) or has_ended:
            await send(message)
            return
        await send({**message, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while not has_ended:
                    await hearing()
        await send({"type": "http.response.body", "body": b""})

    return hearing, answering


def too_large(limit: int) -> Problem:
    """The body is too large."""
    return Problem(
        Kind.TOO_LARGE,
        f"请求内容超过{limit // 1024} KiB",
        instead="请缩短内容；文件请经 POST /attachments 上传",
        headers={"Connection": "close"},
    )


def _declares_too_much(length: str, limit: int) -> bool:
    return not re.fullmatch(r"[0-9]{1,15}", length) or int(length) > limit


def _has_body(headers: Headers) -> bool:
    return "content-length" in headers or "transfer-encoding" in headers


def _refusing(receive: Receive, limit: int) -> Receive:
    """Raises a 413 problem where the body is read."""

    async def refuse() -> Message:
        await receive()
        raise too_large(limit)

    return refuse


def _bounded(receive: Receive, most: int, limit: int, within: float) -> Receive:
    """Raises a 413 or 408 problem where the body is read, once it is too long or takes too long."""
    size = 0
    until = asyncio.get_running_loop().time() + within

    async def bounded() -> Message:
        nonlocal size
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as error:
            raise _too_slow(within) from error
        size += len(message.get("body", b""))
        if size > most:
            raise too_large(limit)
        return message

    return bounded


def _too_slow(within: float) -> Problem:
    return Problem(
        Kind.TOO_SLOW,
        f"请求内容没有在{within:.0f}秒内发完，没有办理",
        instead="请检查网络后重新提交",
        headers={"Connection": "close"},
    )


async def check_body(content_type: str, body: bytes) -> None:
    """Run `check_json`, for a large body on a thread, so that no other request waits for it."""
    if len(body) <= SMALL_BODY:
        check_json(content_type, body)
    else:
        await asyncio.to_thread(check_json, content_type, body)


def check_json(content_type: str, body: bytes) -> None:
    """Raise a 415 or 422 problem for a body that is not JSON or contains what cannot be stored."""
    if not body:
        return
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        instead = "请以 Content-Type: application/json 提交 JSON"
        raise Problem(Kind.NOT_JSON, f"不支持的内容类型：{media_type[:80] or '未写明'}", instead=instead)
    _check_values(_parsed(body))


def _parsed(body: bytes) -> JsonValue:
    try:
        content: JsonValue = json.loads(
            body.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_each_name_once
        )
    except UnicodeDecodeError as error:
        raise Problem(Kind.INVALID, "内容不是有效的 UTF-8 编码") from error
    except json.JSONDecodeError as error:
        detail = f"不是有效的 JSON：第{error.lineno}行第{error.colno}列"
        raise Problem(Kind.MALFORMED, detail, instead="请检查括号、引号和逗号") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise Problem(Kind.INVALID, "数字过大") from error
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise Problem(Kind.INVALID, f"JSON 中不能有 {name}")


def _each_name_once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    refuse_repeated([name for name, _ in pairs], what="字段", where="JSON 中的")
    return dict(pairs)


def refuse_repeated(names: Sequence[str], *, what: str, where: str = "") -> None:
    """Refuse a name that stands there twice: only one of the two values would count, and nobody would know."""
    if len(set(names)) == len(names):
        return
    twice = next(name for name, times in Counter(names).items() if times > 1)
    detail = f"{where}{what}“{twice[:64]}”出现了不止一次"
    raise Problem(Kind.INVALID, detail, instead=f"请每个{what}只写一次后重新提交")


def _too_deep() -> Problem:
    return Problem(Kind.INVALID, f"内容嵌套过深，不得超过{DEEPEST}层")


def _check_values(content: JsonValue) -> None:
    waiting: list[tuple[int, JsonValue]] = [(1, content)]
    seen = 0
    while waiting:
        depth, value = waiting.pop()
        seen += 1
        if seen > MOST_VALUES:
            raise Problem(Kind.INVALID, f"内容过多，不得超过{MOST_VALUES}项")
        if depth > DEEPEST:
            raise _too_deep()
        if isinstance(value, str) and not is_storable(value):
            raise Problem(Kind.INVALID, "内容含有不能保存的字符（空字符或不成对的代理字符）")
        waiting += [(depth + 1, child) for child in _children(value)]


def _children(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, dict):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def is_storable(text: str) -> bool:
    """Return whether every database can store the text: no NUL, no lone surrogate."""
    return _UNSTORABLE.search(text) is None
