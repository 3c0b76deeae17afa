"""The answers to requests that are not done yet, or that nobody has received."""

from datetime import datetime
from typing import Final, Literal
from urllib.parse import quote

from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from api.http.problems import Kind, Problem, documented
from claims.model.journal import Outcome

_RETRY_AFTER: Final = "2"
"""Seconds until a program should ask again."""


class Pending(BaseModel):
    """The action was accepted and will be performed; its outcome is not known yet."""

    status: Literal["pending"] = "pending"
    request_id: str
    status_url: str = Field(description="查询办理结果的地址")
    detail: str | None = Field(default=None, description="流程停滞时的说明")


class RequestOutcome(BaseModel):
    """The outcome of a request."""

    status: Literal["accepted", "refused"]
    request_id: str
    action: str
    at: datetime
    seq: int = Field(description="日志中的序号")
    rule: str = ""
    reason: str = Field(default="", description="不予办理的理由")
    instead: str = ""


ACTION_RESPONSES: Final[dict[int | str, dict[str, object]]] = {
    202: {"description": "已收下，尚未办理；请到 status_url 查询结果", "model": Pending},
    **{status: documented(status) for status in (404, 409, 413, 415)},
}
"""Documentation of an action's responses other than 200."""

OUTCOME_RESPONSES: Final[dict[int | str, dict[str, object]]] = {
    202: {"description": "尚未办理", "model": Pending},
    404: documented(404),
}
"""Documentation of the responses to a query for an outcome, other than 200."""


def outcome_url(owner: str, request_id: str) -> str:
    """Return the address of a request's outcome. `owner`: the address of the claim, unit or period."""
    return f"{owner}/outcomes/{quote(request_id, safe='')}"


def pending_answer(url: str, request_id: str, *, detail: str | None = None) -> Response:
    """202, with the address at which to ask again."""
    body = Pending(request_id=request_id, status_url=url, detail=detail)
    headers = {"Location": url, "Retry-After": _RETRY_AFTER}
    return JSONResponse(body.model_dump(mode="json", exclude_none=True), 202, headers=headers)


def outcome_answer(outcome: Outcome) -> Response:
    """200, with the outcome of a request."""
    shown = RequestOutcome.model_validate(outcome.model_dump(include=set(RequestOutcome.model_fields)))
    return JSONResponse(shown.model_dump(mode="json"))


def request_not_received() -> Problem:
    """Nobody has sent this request, or the caller may not know of it."""
    return Problem(Kind.NOT_FOUND, "没有收到过这个请求", instead="请核对 request_id，或重新提交")
