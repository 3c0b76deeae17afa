"""Messages from other claims: merging (R48) and the other matters of a call (R49)."""

from datetime import datetime

from claims.actions import merging, splitting
from claims.deadlines import inactivity
from claims.model.claim import Claim
from claims.model.linked_claims import MattersRegistered, TakeOver, TakeOverAnswer
from claims.procedure import pass_time
from claims.transition import Transition


def take_over(claim: Claim, request: TakeOver, *, now: datetime) -> Transition:
    """R48: answer another claim that is to be merged into this one; everything due is applied first."""
    before = pass_time(claim, now=now)
    transition = Transition(
        before.claim, at=now, recorded_at=now, actor=request.actor, request_id=request.request_id
    )
    merging.take_over(transition, request)
    inactivity.update_inactivity_timer(transition.claim, now)
    transition.follow(before)
    return transition


def merge_answered(claim: Claim, answer: TakeOverAnswer, *, now: datetime) -> Transition:
    """R48: close as merged or continue, by the other claim's answer; everything due is applied first."""
    before = pass_time(claim, now=now)
    transition = Transition(before.claim, at=now, recorded_at=now)
    merging.follow_answer(transition, answer)
    inactivity.update_inactivity_timer(transition.claim, now)
    transition.follow(before)
    return transition


def take_message(
    claim: Claim, message: TakeOver | TakeOverAnswer | MattersRegistered, *, now: datetime
) -> Transition:
    """Take another claim's message (R48), or the numbers of the call's other matters (R49)."""
    match message:
        case TakeOver():
            return take_over(claim, message, now=now)
        case TakeOverAnswer():
            return merge_answered(claim, message, now=now)
        case MattersRegistered():
            return note_split_numbers(claim, message, now=now)


def note_split_numbers(claim: Claim, message: MattersRegistered, *, now: datetime) -> Transition:
    """R49: take notice of the numbers of the other matters; everything due is applied first."""
    before = pass_time(claim, now=now)
    transition = Transition(before.claim, at=now, recorded_at=now)
    splitting.note_numbers(transition, message)
    transition.follow(before)
    return transition
