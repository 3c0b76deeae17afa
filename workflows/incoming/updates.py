"""Validators of a claim's updates. A rejected update leaves nothing in the history, so no number of updates can end a claim."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar

from pydantic import BaseModel
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from activities.delivery import KNOWN, NOT_TAKEN, Delivery
from activities.workflow_ids import REVOKE_LIGHT, TAKE_OVER, TAKE_OVER_ANSWERED
from claims import procedure
from claims.model.claim import Claim
from claims.model.journal import Outcome
from claims.model.linked_claims import TakeOver, TakeOverAnswer
from claims.model.messages.envelopes import Envelope
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.text.unknown_fields import fields_of, unknown_fields
from workflows.incoming.authenticity import Authenticity, sender_of
from workflows.incoming.inbox import ACTIONS
from workflows.incoming.message_contents import (
    LARGEST_MESSAGE,
    LARGEST_WORD,
    LONGEST_ID,
    content_of,
    envelope_of,
    is_believed,
    read_as,
    takes_long_to_read,
)

Message = TypeVar("Message", bound=BaseModel)

MOST_RECALCULATIONS: Final = 60
"""The maximum of calendars and editions that one claim takes by updates; few happen in its time."""


def check_recalculation(
    authenticity: Authenticity, kind: type[BaseModel], message: RawValue, taken: int
) -> None:
    """Raises ApplicationError for a new calendar or edition that the claim does not take."""
    _check(authenticity.is_ours(message), "不是本系统的程序发出的")
    _check_size(message, LARGEST_MESSAGE)
    _check_reading(authenticity, message)
    _read(kind, message)
    if taken >= MOST_RECALCULATIONS:
        raise _not_taken(f"本工单已核对{taken}次")


def _read(kind: type[Message], message: RawValue) -> Message:
    try:
        return read_as(kind, content_of(message))
    except ValueError as error:
        raise _not_taken("内容无法读取") from error


def check_delivery(
    claim: Claim,
    authenticity: Authenticity,
    outcomes: Mapping[str, Outcome],
    message: RawValue,
    *,
    now: datetime,
) -> None:
    """Raises ApplicationError for a message that would change nothing."""
    _check_size(message, LARGEST_MESSAGE)
    _check_reading(authenticity, message)
    delivery = _read(Delivery, message)
    if not authenticity.is_ours(message):
        _check_fields(message)
    if delivery.signal not in ACTIONS:
        _check(authenticity.is_ours(message), "不是本系统的程序发出的")
    try:
        match delivery.signal:
            case name if name in ACTIONS:
                _check_action(claim, outcomes, _opened(authenticity, delivery, message), delivery.signal, now)
            case name if name == TAKE_OVER:
                _check_size(message, LARGEST_WORD)
                read_as(TakeOver, delivery.message)
                _check(len(claim.take_overs) < claim.policy.most_take_overs, "本工单不再答复并案请求")
            case name if name == TAKE_OVER_ANSWERED:
                _check_size(message, LARGEST_WORD)
                answer = read_as(TakeOverAnswer, delivery.message)
                _check(claim.awaits_answer_to(answer.request_id), "本工单没有等待这一答复")
            case name if name == REVOKE_LIGHT:
                word = read_as(LightRevoked, delivery.message)
                _check(
                    word.light in {light.id for light in claim.lights if not light.revoked}, "没有这块亮牌"
                )
            case name:
                raise _not_taken(f"没有名为“{name[:64]}”的操作")
    except ValueError as error:
        raise _not_taken("内容无法读取") from error


def _check_fields(message: RawValue) -> None:
    """§1: what somebody typed has only fields that a delivery has."""
    for _, reason in unknown_fields(content_of(message), fields_of(Delivery)):
        raise _not_taken(reason)


def _opened(authenticity: Authenticity, delivery: Delivery, message: RawValue) -> Envelope:
    """Return the envelope as the claim would read it."""
    envelope, readable = envelope_of(delivery.message)
    _check(readable, "内容无法读取")
    if is_believed(authenticity, delivery.signal, message, envelope):
        return envelope
    return Envelope(actor=sender_of(message), body=envelope.body, beside=envelope.beside)


def _check_action(
    claim: Claim, outcomes: Mapping[str, Outcome], envelope: Envelope, signal: str, now: datetime
) -> None:
    request_id = str(envelope.body.get("request_id", ""))
    _check(0 < len(request_id) <= LONGEST_ID, "内容无法读取")
    if request_id in outcomes or claim.awaits_answer_to(request_id):
        raise ApplicationError("这一请求已经收到", type=KNOWN)
    if claim.has_many_refusals:
        _, outcome = procedure.act(claim, ACTIONS[signal], envelope, now=now)
        _check(outcome.status == "accepted", outcome.reason)


def _check_size(message: RawValue, most: int) -> None:
    _check(len(message.payload.data) <= most, "内容过长")


def _check_reading(authenticity: Authenticity, message: RawValue) -> None:
    """Before anything of it is read."""
    is_typed = not authenticity.is_ours(message)
    _check(not takes_long_to_read(message, is_typed=is_typed), "内容过长")


def _check(is_right: bool, reason: str) -> None:  # noqa: FBT001  a condition and what is wrong without it
    if not is_right:
        raise _not_taken(reason)


def _not_taken(reason: str) -> ApplicationError:
    return ApplicationError(reason, type=NOT_TAKEN)
