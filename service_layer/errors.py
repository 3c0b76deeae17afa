"""Errors of the service layer, independent of any transport. The API maps each kind to an HTTP status."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, Field

from claims.model.refusals import RefusalKind, Refused

RETRY_SECONDS: Final = 5
"""When to try again after something was unavailable."""


class ErrorKind(StrEnum):
    """The kinds of errors."""

    NOT_SIGNED_IN = "not-signed-in"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    NOT_NOW = "not-now"
    INCOMPLETE = "incomplete"
    CONFLICT = "conflict"
    UNSUPPORTED_FILE = "unsupported-file"
    INVALID = "invalid"
    TOO_MANY = "too-many"
    DAMAGED = "damaged"
    NOT_SOUND = "not-sound"
    UNAVAILABLE = "unavailable"


class FieldError(BaseModel):
    """One field and what is wrong with it."""

    field: str = Field(description="字段名，嵌套的以点分隔")
    problem: str = Field(description="问题")


class ServiceError(Exception):
    """An operation that was not done.

    `detail` says in Chinese what is wrong, `rule` is a rulebook id, `instead` says what to do, `retry_after`
    in how many seconds to try again (0: not by waiting).
    """

    def __init__(
        self,
        kind: ErrorKind,
        detail: str,
        *,
        rule: str = "",
        instead: str = "",
        fields: Sequence[FieldError] = (),
        retry_after: int = 0,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.rule = rule
        self.instead = instead
        self.fields = tuple(fields)
        self.retry_after = retry_after


_KIND_OF_REFUSAL: Final = {
    RefusalKind.NOT_NOW: ErrorKind.NOT_NOW,
    RefusalKind.INCOMPLETE: ErrorKind.INCOMPLETE,
    RefusalKind.WRONG_ROLE: ErrorKind.FORBIDDEN,
    RefusalKind.NOT_YOURS: ErrorKind.NOT_FOUND,
}


def refused(kind: str, reason: str, *, rule: str, instead: str) -> ServiceError:
    """Return a refusal by the rules. A kind that this version does not know counts as "not now"."""
    known = RefusalKind(kind) if kind in set(RefusalKind) else RefusalKind.NOT_NOW
    return ServiceError(_KIND_OF_REFUSAL[known], reason, rule=rule, instead=instead)


def from_refusal(refusal: Refused) -> ServiceError:
    """Return the error for an action that the rules do not allow."""
    return refused(refusal.kind, refusal.reason, rule=refusal.rule, instead=refusal.instead)


def unavailable(detail: str) -> ServiceError:
    """Return the error that a needed service does not answer; nothing was acknowledged."""
    return ServiceError(ErrorKind.UNAVAILABLE, detail, instead="请稍后重试", retry_after=RETRY_SECONDS)


def workflow_stopped(detail: str, rule: str = "") -> ServiceError:
    """Return the error that the workflow was ended in the Temporal UI and has to be reset by an administrator
    (ADR 0001).
    """
    instead = "请联系平台管理员恢复流程，再以同一 request_id 提交"
    return ServiceError(ErrorKind.NOT_NOW, detail, rule=rule, instead=instead)


def no_such_claim(number: str) -> ServiceError:
    """Return the error that the claim does not exist or is not the caller's: both look the same (§1)."""
    detail = f"没有编号为{number[:40]}的工单"
    return ServiceError(ErrorKind.NOT_FOUND, detail, rule="§1", instead="请核对工单编号")


def request_id_reused(request_id: str, earlier: str) -> ServiceError:
    """Return a request id that was used before for something else."""
    detail = f"请求编号{request_id}已用于{earlier}"
    return ServiceError(ErrorKind.CONFLICT, detail, instead="每个操作请使用新的 request_id")
