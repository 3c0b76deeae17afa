"""From an action to its transition: the only way in which a claim changes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from pydantic import JsonValue, ValidationError

from claims import lifecycle, limits, repeats
from claims.actions import (
    call_back,
    co_units,
    handling_unit,
    merging,
    platform,
    review,
    revocation,
    splitting,
    supplement,
)
from claims.deadlines import adoption, expiry, inactivity, recalculation, scheduling
from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.labels import label
from claims.model.limit import LimitSchedule, PreparedSchedule
from claims.model.messages.action_bodies import BODIES, ActionBody
from claims.model.messages.envelopes import Envelope
from claims.model.messages.known_fields import require_known_fields
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.policy import Policy
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Action, LimitKind
from claims.model.values import Actor, is_console
from claims.noted_messages import is_recorded
from claims.text.normalisation import UnreadableText, clean_json
from claims.transition import Transition

Effect = Callable[[Transition, Any], None]

EFFECTS: Final[Mapping[Action, Effect]] = MappingProxyType(
    {
        Action.ANSWER: platform.answer,
        Action.DECLINE: platform.decline,
        Action.DISPATCH: platform.dispatch,
        Action.REDETERMINE: platform.redetermine,
        Action.REFER: platform.refer,
        Action.ARBITRATE: platform.arbitrate,
        Action.DECIDE_EXTENSION: platform.decide_extension,
        Action.CALL_BACK: call_back.call_back,
        Action.REOPEN: call_back.reopen,
        Action.REVIEW_FORM: review.file_form,
        Action.VERIFY: review.verify,
        Action.CONFIRM_FALSE_FEEDBACK: review.confirm_false_feedback,
        Action.REMIND: platform.remind,
        Action.SUPPLEMENT: supplement.supplement,
        Action.WITHDRAW: platform.withdraw,
        Action.MERGE: merging.merge,
        Action.SPLIT: splitting.split,
        Action.REPORT_PART: co_units.report_part,
        Action.SIGN_FOR: handling_unit.sign_for,
        Action.REJECT: handling_unit.reject,
        Action.CONTACT: handling_unit.contact,
        Action.REPLY: handling_unit.reply,
        Action.FEEDBACK: handling_unit.feedback,
        Action.PROGRESS: handling_unit.progress,
        Action.DELEGATE: handling_unit.delegate,
        Action.REQUEST_EXTENSION: handling_unit.request_extension,
    }
)


def register(
    number: str, order: WorkOrder, *, actor: Actor, at: datetime, recorded_at: datetime, policy: Policy
) -> Transition:
    """R10: create the claim and start the platform's limit to dispatch it."""
    blank = Claim(number=number, order=order, registered_at=at, policy=policy)
    transition = Transition(blank, at=at, recorded_at=recorded_at, actor=actor)
    limits.start(transition.claim, LimitKind.DISPATCH, at)
    of_split = f"，由工单{order.split_from}拆分" if order.split_from else ""
    transition.write(
        EventKind.REGISTERED,
        *(("R10", "R49") if of_split else ("R10",)),
        text=f"登记诉求（{label(order.category)}，渠道{order.channel}{of_split}）",
        data={"channel": order.channel, "external_id": order.external_id, "policy": policy.version},
    )
    return transition


def act(
    claim: Claim, action: Action, envelope: Envelope, *, now: datetime, long_history: bool = False
) -> tuple[Transition, Outcome]:
    """Apply an action as of the instant at which the API received it. Never raises.

    The outcome is final unless the claim awaits another claim's answer to this request (`Claim.awaits_answer_to`, R48).
    Everything due before that instant is applied first. A refused action changes nothing else and is written
    into the journal too.
    """
    at = min(envelope.received_at or now, now)
    request_id = str(envelope.body.get("request_id", ""))
    before = Transition(claim, at=at, recorded_at=now)
    before.claim.long_history = claim.long_history or long_history
    expiry.pass_time(before, at)
    transition = Transition(
        before.claim,
        at=at,
        recorded_at=now,
        actor=envelope.actor,
        request_id=request_id,
        units=envelope.units,
        door=envelope.door,
    )
    try:
        lifecycle.check(transition.claim, action, envelope.actor)
        body = _parse_body(transition.claim, action, envelope)
        repeats.require_short(transition.claim, envelope)
        repeats.count_accepted(transition.claim, action, envelope)
        inactivity.note_act(transition.claim, envelope.actor)
        EFFECTS[action](transition, body)
        inactivity.update_inactivity_timer(transition.claim, at)
    except Refused as refused:
        transition, outcome = _refuse(before.claim, transition, action, refused)
        outcome = outcome.model_copy(update={"fingerprint": _fingerprint(claim, action, envelope)})
    else:
        outcome = Outcome(
            request_id=request_id,
            action=action,
            status="accepted",
            at=at,
            seq=transition.entries[0].seq,
            fingerprint=_fingerprint(claim, action, envelope),
        )
    transition.follow(before)
    _remember_fingerprint(transition.claim, outcome)
    return transition, outcome


def _parse_body(claim: Claim, action: Action, envelope: Envelope) -> ActionBody:
    try:
        sent = _normalised(claim, envelope)
        if claim.policy.refuses_unknown_fields and is_console(envelope.actor):
            require_known_fields(sent, BODIES[action], envelope.beside)
        body = BODIES[action].model_validate(sent)
    except UnreadableText as error:
        raise Refused("§1", f"{error}", "请删去后重新提交", kind=RefusalKind.INCOMPLETE) from error
    except ValidationError as error:
        fields = "、".join(".".join(str(part) for part in item["loc"]) for item in error.errors())
        kind = RefusalKind.INCOMPLETE
        rule = lifecycle.rule_here(claim, action) if claim.policy.refusals_cite_stage else "§1"
        raise Refused(rule, f"内容有误：{fields}", "请按接口说明填写后重新提交", kind=kind) from error
    named = [unit for unit in (getattr(body, "unit", ""), *getattr(body, "co_units", ())) if unit]
    if unknown := [unit for unit in named if unit not in envelope.units]:
        raise Refused("R14", f"没有编号为{'、'.join(unknown)}的单位", kind=RefusalKind.INCOMPLETE)
    return body


def _normalised(claim: Claim, envelope: Envelope) -> JsonValue:
    """Return the body in the one normalisation, also where it was typed in the Temporal UI."""
    return clean_json(envelope.body) if claim.policy.normalises_text else envelope.body


def _quoted(claim: Claim, action: Action) -> str:
    name = label(action)
    return f"办理“{name}”" if action is Action.DECLINE and claim.policy.quotes_refused_declines else name


def _refuse(claim: Claim, tried: Transition, action: Action, refused: Refused) -> tuple[Transition, Outcome]:
    transition = Transition(
        claim, at=tried.at, recorded_at=tried.recorded_at, actor=tried.actor, request_id=tried.request_id
    )
    if is_recorded(transition.claim):
        transition.write(
            EventKind.REFUSED,
            refused.rule,
            text=f"不予{_quoted(claim, action)}：{refused.reason}",
            data={"action": action, "instead": refused.instead},
        )
    outcome = Outcome(
        request_id=tried.request_id,
        action=action,
        status="refused",
        at=tried.at,
        seq=transition.claim.seq,
        kind=refused.kind,
        rule=refused.rule,
        reason=refused.reason,
        instead=refused.instead,
    )
    return transition, outcome


def _fingerprint(claim: Claim, action: Action, envelope: Envelope) -> str:
    return envelope.fingerprint(action) if claim.policy.binds_request_ids else ""


def _remember_fingerprint(claim: Claim, outcome: Outcome) -> None:
    """R48: the outcome of a merge comes later, with the fingerprint of its request."""
    if claim.merging is not None and claim.merging.request_id == outcome.request_id:
        claim.merging = claim.merging.model_copy(update={"fingerprint": outcome.fingerprint})


def pass_time(claim: Claim, *, now: datetime, until: datetime | None = None) -> Transition:
    """Apply everything due up to now, or up to an earlier instant."""
    transition = Transition(claim, at=now, recorded_at=now)
    expiry.pass_time(transition, until or now)
    return transition


def schedule_limits(claim: Claim, schedules: Mapping[str, LimitSchedule], *, now: datetime) -> Transition:
    """R6: give the limits the schedules that the calendar computed."""
    transition = Transition(claim, at=now, recorded_at=now)
    scheduling.schedule_limits(transition, schedules)
    recalculation.recalculate(transition, schedules)
    inactivity.update_inactivity_timer(transition.claim, transition.at)
    return transition


def with_prepared_schedules(
    transition: Transition, prepared: Mapping[str, PreparedSchedule], *, now: datetime
) -> Transition:
    """R6: the limits that a transition starts get the schedules that came with it, where these answer what the claim asks."""
    schedules = scheduling.prepared_schedules(transition.claim, prepared)
    if not schedules:
        return transition
    scheduled = schedule_limits(transition.claim, schedules, now=now)
    scheduled.follow(transition)
    return scheduled


def new_calendar(claim: Claim, news: recalculation.NewCalendar, *, now: datetime) -> Transition:
    """R6: mark the limits that a later calendar may move; everything due before the message was sent is applied
    first."""
    transition = Transition(claim, at=min(news.sent_at or now, now), recorded_at=now)
    expiry.pass_time(transition, transition.at)
    recalculation.mark_for_recalculation(transition, news, now)
    return transition


def new_edition(claim: Claim, news: recalculation.NewEdition, *, now: datetime) -> Transition:
    """R7: take the policy that an edition brings; everything due before the message was sent is applied first, by the
    old one."""
    transition = Transition(claim, at=min(news.sent_at or now, now), recorded_at=now)
    expiry.pass_time(transition, transition.at)
    adoption.adopt(transition, news, now)
    inactivity.update_inactivity_timer(transition.claim, transition.at)
    return transition


def take_news(claim: Claim, news: recalculation.News, *, now: datetime) -> Transition:
    """R6, R7: take notice of a new calendar or a new edition."""
    if isinstance(news, recalculation.NewEdition):
        return new_edition(claim, news, now=now)
    return new_calendar(claim, news, now=now)


def revoke_light(claim: Claim, word: LightRevoked, *, now: datetime) -> Transition:
    """R37: mark a light as revoked, as decided on the unit's account; it stays visible. Everything due before the decision
    is applied first."""
    if not claim.policy.revoked_yellow_stops_red:
        transition = Transition(claim, at=now, recorded_at=now, actor=word.actor)
        revocation.revoke(transition, word)
        return transition
    at = min(word.at or now, now)
    before = pass_time(claim, now=now, until=at)
    transition = Transition(before.claim, at=at, recorded_at=now, actor=word.actor)
    revocation.revoke(transition, word)
    inactivity.update_inactivity_timer(transition.claim, at)
    transition.follow(before)
    return transition
