"""Errors as problem details (RFC 9457): what was wrong, which rule says so, what to do.

`Problem` is an error of the HTTP layer itself; errors of the service layer are mapped to problems here.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from structlog.contextvars import get_contextvars

from api.http.cited_rules import current, rule_in_stage
from api.http.validation_messages import PLUS_HINT, field_errors
from calendar_rules import CalendarError
from claims.model.organisation import UnknownUnit
from claims.text.file_problems import is_full
from records.errors import RecordsUnavailable
from service_layer.errors import RETRY_SECONDS, ErrorKind, FieldError, ServiceError, unavailable

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class Kind(Enum):
    """Kinds of problems: slug of the `type`, HTTP status, Chinese title."""

    MALFORMED = ("malformed", 422, "请求内容无法解析")
    NOT_SIGNED_IN = ("not-signed-in", 401, "未登录或登录已失效")
    FORBIDDEN = ("forbidden", 403, "无权办理")
    NOT_FOUND = ("not-found", 404, "未找到")
    METHOD = ("method-not-allowed", 405, "不支持的请求方法")
    NOT_NOW = ("not-now", 409, "现在不能办理")
    INCOMPLETE = ("incomplete", 409, "内容不完整")
    CONFLICT = ("conflict", 409, "与已有的内容冲突")
    NOT_SOUND = ("history-not-sound", 409, "历史不能采信")
    TOO_SLOW = ("body-too-slow", 408, "请求内容发送过慢")
    TOO_LARGE = ("too-large", 413, "请求内容过大")
    NOT_JSON = ("unsupported-media-type", 415, "请求内容须为 JSON")
    NOT_A_FORM = ("unsupported-media-type", 415, "请求内容须为表单")
    NOT_A_PAPER = ("unsupported-file", 415, "不支持的文件类型")
    INVALID = ("invalid", 422, "填写内容有误")
    TOO_MANY = ("too-many-requests", 429, "请求过于频繁")
    INTERNAL = ("internal", 500, "系统内部错误")
    UNAVAILABLE = ("unavailable", 503, "服务暂时不可用")

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title


_KIND_OF: Final[Mapping[ErrorKind, Kind]] = {
    ErrorKind.NOT_SIGNED_IN: Kind.NOT_SIGNED_IN,
    ErrorKind.FORBIDDEN: Kind.FORBIDDEN,
    ErrorKind.NOT_FOUND: Kind.NOT_FOUND,
    ErrorKind.NOT_NOW: Kind.NOT_NOW,
    ErrorKind.INCOMPLETE: Kind.INCOMPLETE,
    ErrorKind.CONFLICT: Kind.CONFLICT,
    ErrorKind.UNSUPPORTED_FILE: Kind.NOT_A_PAPER,
    ErrorKind.INVALID: Kind.INVALID,
    ErrorKind.TOO_MANY: Kind.TOO_MANY,
    ErrorKind.DAMAGED: Kind.INTERNAL,
    ErrorKind.NOT_SOUND: Kind.NOT_SOUND,
    ErrorKind.UNAVAILABLE: Kind.UNAVAILABLE,
}
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}

_SHARES_ITS_STATUS = (
    Kind.INCOMPLETE,
    Kind.CONFLICT,
    Kind.NOT_SOUND,
    Kind.MALFORMED,
    Kind.NOT_A_FORM,
    Kind.NOT_A_PAPER,
)
_OF_STATUS = {kind.status: kind for kind in Kind if kind not in _SHARES_ITS_STATUS}
_DETAIL = {
    404: "没有这个地址，请核对请求路径",
    405: "这个地址不支持该请求方法，请查阅 /docs",
}


class ProblemBody(BaseModel):
    """A problem as it is sent."""

    type: str = Field(examples=["urn:zaoying:problem:not-now"])
    title: str = Field(description="问题类别")
    status: int
    detail: str = Field(description="哪里不对")
    rule: str = Field(default="", description="所依据的规则编号", examples=["R15"])
    instead: str = Field(default="", description="应当怎样做")
    request_id: str = Field(default="", description="请求编号，可据此查询日志")
    errors: list[FieldError] = Field(default_factory=list, description="逐个字段的问题")


class Problem(Exception):
    """An error answer. `rule` is a rulebook id, `instead` says what to do."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        rule: str = "",
        instead: str = "",
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.rule = rule
        self.instead = instead
        self.headers = dict(headers or {})
        self.errors = list(errors)


def problem_of(error: ServiceError) -> Problem:
    """Return the problem for an error of the service layer."""
    kind = _KIND_OF[error.kind]
    headers = dict(_CHALLENGE) if kind is Kind.NOT_SIGNED_IN else {}
    if error.retry_after:
        headers["Retry-After"] = str(error.retry_after)
    return Problem(
        kind, error.detail, rule=error.rule, instead=error.instead, headers=headers, errors=error.fields
    )


def answer(problem: Problem) -> Response:
    """Return the response for a problem."""
    kind = problem.kind
    body = ProblemBody(
        type=f"urn:zaoying:problem:{kind.slug}",
        title=kind.title,
        status=kind.status,
        detail=problem.detail,
        rule=problem.rule or current.get(),
        instead=problem.instead,
        request_id=str(get_contextvars().get("request_id", "")),
        errors=problem.errors,
    )
    left_out = {name for name in ("instead", "errors") if not getattr(body, name)}
    content = body.model_dump(mode="json", exclude=left_out)
    return JSONResponse(content, kind.status, headers=problem.headers, media_type=MEDIA_TYPE)


def internal() -> Problem:
    """Return an internal error."""
    return Problem(
        Kind.INTERNAL, "系统出现意外错误，已记录在案", instead="请稍后重试；仍有问题请告知系统管理员"
    )


def unexpected(error: Exception) -> Problem:
    """Return the answer to an unexpected error. Only a full disk has a known remedy."""
    if not is_full(error):
        return internal()
    detail = "服务器的磁盘已满，没有办理"
    return Problem(
        Kind.UNAVAILABLE,
        detail,
        instead="请告知系统管理员腾出空间，稍后重试",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def documented(status: int) -> dict[str, object]:
    """Return a problem's documentation."""
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemBody.__name__}"}}}
    return {"description": _OF_STATUS[status].title, "content": content}


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(CalendarError, _calendar)
    app.add_exception_handler(UnknownUnit, _unit)
    app.add_exception_handler(RecordsUnavailable, _records)


async def _problem(_request: Request, error: Exception) -> Response:
    return answer(error if isinstance(error, Problem) else internal())


async def _service_error(_request: Request, error: Exception) -> Response:
    return answer(problem_of(error) if isinstance(error, ServiceError) else internal())


async def _http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return answer(internal())
    kind = _OF_STATUS.get(error.status_code, Kind.INVALID)
    detail = _DETAIL.get(error.status_code, kind.title)
    return answer(Problem(kind, detail, headers=error.headers))


async def _invalid(request: Request, error: Exception) -> Response:
    errors = field_errors(error.errors()) if isinstance(error, RequestValidationError) else []
    return answer(invalid(errors, rule=await rule_in_stage(request)))


def invalid(errors: Sequence[FieldError], *, rule: str = "") -> Problem:
    """Fields that are missing, unknown or wrong."""
    detail = "；".join(f"{error.field}：{error.problem}" for error in errors[:5])
    instead = PLUS_HINT if any(PLUS_HINT in error.problem for error in errors) else "请改正后重新提交"
    return Problem(Kind.INVALID, detail or Kind.INVALID.title, rule=rule, instead=instead, errors=errors)


async def _calendar(_request: Request, error: Exception) -> Response:
    rule = error.code if isinstance(error, CalendarError) else ""
    return answer(Problem(Kind.INVALID, str(error), rule=rule))


async def _unit(_request: Request, error: Exception) -> Response:
    if not isinstance(error, UnknownUnit):
        return answer(internal())
    return answer(Problem(Kind.INVALID, error.reason, rule=error.rule, instead=error.instead))


async def _records(_request: Request, error: Exception) -> Response:
    log.warning("records-unavailable", error=type(error.__cause__).__name__)
    return answer(problem_of(unavailable("台账数据库暂时没有应答，请求没有办理")))
