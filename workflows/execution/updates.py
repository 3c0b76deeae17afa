"""Which updates a claim takes.

What a validator rejects leaves nothing in the history, so no number of updates ends a claim.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ValidationError
from temporalio.exceptions import ApplicationError

from activities.delivery import KNOWN, NOT_TAKEN, Delivery
from activities.workflow_ids import REVOKE_LIGHT, TAKE_OVER, TAKE_OVER_ANSWERED
from claims import procedure
from claims.model.claim import Claim
from claims.model.journal import Outcome
from claims.model.take_over import TakeOver, TakeOverAnswer
from claims.model.unit_action_bodies import LightRevoked
from workflows.execution.inbox import ACTIONS, LARGEST_MESSAGE, LARGEST_WORD, envelope_of

MOST_RECALCULATIONS: Final = 60
"""New calendars and editions that come to one claim by updates; a claim lives through a few."""


def check_recalculation(news: BaseModel, taken: int) -> None:
    """Raises ApplicationError for a new calendar or edition that the claim does not take."""
    _check_size(news, LARGEST_MESSAGE)
    if taken >= MOST_RECALCULATIONS:
        raise _not_taken(f"本工单已核对{taken}次")


def check_delivery(
    claim: Claim, outcomes: Mapping[str, Outcome], delivery: Delivery, *, now: datetime
) -> None:
    """Raises ApplicationError for a message that the claim does not take: one that would change nothing."""
    try:
        match delivery.signal:
            case name if name in ACTIONS:
                _check_action(claim, outcomes, delivery, now)
            case name if name == TAKE_OVER:
                _check_size(delivery, LARGEST_WORD)
                TakeOver.model_validate(delivery.message)
                _check(len(claim.take_overs) < claim.policy.most_take_overs, "本工单不再答复并案请求")
            case name if name == TAKE_OVER_ANSWERED:
                _check_size(delivery, LARGEST_WORD)
                answer = TakeOverAnswer.model_validate(delivery.message)
                _check(claim.awaits_answer_to(answer.request_id), "本工单没有等待这一答复")
            case name if name == REVOKE_LIGHT:
                word = LightRevoked.model_validate(delivery.message)
                _check(
                    word.light in {light.id for light in claim.lights if not light.revoked}, "没有这块亮牌"
                )
            case name:
                raise _not_taken(f"没有名为“{name[:64]}”的操作")
    except ValidationError as error:
        raise _not_taken("内容无法读取") from error


def _check_action(claim: Claim, outcomes: Mapping[str, Outcome], delivery: Delivery, now: datetime) -> None:
    _check_size(delivery, LARGEST_MESSAGE)
    envelope, readable = envelope_of(delivery.message)
    request_id = str(envelope.body.get("request_id", ""))
    _check(readable and bool(request_id), "内容无法读取")
    if request_id in outcomes or claim.awaits_answer_to(request_id):
        raise ApplicationError("这一请求已经收到", type=KNOWN)
    if claim.has_many_refusals:
        _, outcome = procedure.act(claim, ACTIONS[delivery.signal], envelope, now=now)
        _check(outcome.status == "accepted", outcome.reason)


def _check_size(message: BaseModel, most: int) -> None:
    _check(len(message.model_dump_json().encode("utf-8", "surrogatepass")) <= most, "内容过长")


def _check(is_right: bool, reason: str) -> None:  # noqa: FBT001  a condition and what is wrong without it
    if not is_right:
        raise _not_taken(reason)


def _not_taken(reason: str) -> ApplicationError:
    return ApplicationError(reason, type=NOT_TAKEN)
