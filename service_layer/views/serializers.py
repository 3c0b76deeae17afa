"""Making view models from claims: what one caller may see (R70)."""

from datetime import datetime
from typing import Final

from claims.lifecycle import allowed_actions
from claims.limits import NEVER_OVERDUE, WAITING_PERIODS, limit_kind_name, status_name
from claims.model.claim import Claim
from claims.model.claim_parts import Closure, ContactRecord, CoUnit, Dispatch, FalseFeedback, WorkOrder
from claims.model.events import EVENT_NAMES
from claims.model.journal import Entry
from claims.model.labels import end_of, instant_end, label
from claims.model.limit import Letter, Light, Limit
from claims.model.terms import LimitStatus
from claims.model.values import Actor
from claims.need_to_know import sees_contacts, sees_contacts_of_row
from claims.papers.redaction import (
    masked,
    masks_phones,
    redact_claim,
    redact_contact,
    redact_identity,
    redact_owner,
    redact_phones,
    without_name,
)
from claims.papers.requests import letter_paper_id, paper_attachment_id
from claims.ui_summary import turn_in, whose_turn
from records.queries.claims import ClaimRow, RowLimit
from service_layer.permissions import is_only_enterprise
from service_layer.views import claim as views
from service_layer.views.claim_list import ClaimSummary, SummaryLimit
from service_layer.views.journal import ActorView, EntryView

_AS_IN_CLAIM: Final = (
    *("number", "stage", "registered_at", "round", "replies"),
    *("reviews", "verifications", "explained_at", "disputed_at", "false_feedback", "merged_into"),
    *("reminders", "supplements"),
)
"""Fields that a view shows as the claim has them."""


def claim_view(
    claim: Claim, actor: Actor, *, now: datetime, stale: bool = False, withheld: bool = False
) -> views.ClaimView:
    """Return the whole claim; `now` is its own clock. `withheld`: contact data are masked for everybody."""
    full = sees_contacts(claim, actor) and not withheld
    hidden = masks_phones(claim, now)
    actions = allowed_actions(claim, actor)
    if not full:
        claim = redact_owner(claim)
    elif hidden:
        claim = redact_claim(claim)
    view = views.ClaimView(
        **{name: getattr(claim, name) for name in _AS_IN_CLAIM},
        **_registration(claim.order, full=full),
        stage_name=label(claim.stage),
        channel_name=label(claim.order.channel),
        enterprise_status_name=label(claim.order.enterprise_status),
        whose_turn=whose_turn(claim),
        split_into=list(claim.split.numbers) if claim.split else [],
        merging_into=claim.merging.into if claim.merging else "",
        closed=closed_view(claim.closed),
        now=now,
        stale=stale,
        phone_hidden=hidden,
        dispatches=[_dispatch(dispatch) for dispatch in claim.dispatches],
        limits=[_limit(limit) for limit in claim.limits if limit.kind not in WAITING_PERIODS],
        lights=[_light(light) for light in claim.lights],
        letters=[_letter(letter) for letter in claim.letters],
        contacts=[contact if full else _without_person(contact) for contact in claim.contacts],
        allowed_actions=actions,
        allowed_action_names=[*map(label, actions)],
        **_statements(claim),
    )
    return for_enterprise(view) if is_only_enterprise(actor) else view


def _statements(claim: Claim) -> dict[str, object]:
    """Return the applications, feedback and evaluations, with the names of the codes."""
    extension = claim.extension
    return {
        "extension": views.ExtensionView(**dict(extension), kind_name=label(extension.kind))
        if extension
        else None,
        "feedbacks": [
            views.FeedbackView(**dict(feedback), outcome_name=label(feedback.outcome))
            for feedback in claim.feedbacks
        ],
        "call_backs": [
            views.CallBackView(
                **dict(call),
                grade_name=label(call.grade) if call.grade else "",
                reason_name=label(call.reason) if call.reason else "",
            )
            for call in claim.call_backs
        ],
    }


def for_enterprise(view: views.ClaimView) -> views.ClaimView:
    """Return an enterprise's view of its claim: stages, limits and answers to it, without texts between
    officials (R39).
    """
    inside: dict[str, object] = {"basis": "", "returned": None, "co_unit_parts": []}
    return view.model_copy(
        update={
            "dispatches": [dispatch.model_copy(update=inside) for dispatch in view.dispatches],
            "contacts": [contact.model_copy(update={"summary": ""}) for contact in view.contacts],
            "feedbacks": [feedback.model_copy(update={"summary": ""}) for feedback in view.feedbacks],
            "false_feedback": _confirmed(view.false_feedback),
            "lights": [],
            "letters": [],
            "extension": None,
            "reviews": [],
            "verifications": [],
        }
    )


def _confirmed(found: FalseFeedback | None) -> FalseFeedback | None:
    """R52: that it is confirmed, without the evidence."""
    return found.model_copy(update={"evidence": ""}) if found else None


def _registration(order: WorkOrder, *, full: bool) -> dict[str, object]:
    """Return the registered fields; the caller masks them first unless the reader needs them."""
    about = order.complained_of
    shown = {**dict(order), "category_name": label(order.category), "masked": not full}
    return shown | {
        "complained_of": about.id if about else None,
        "complained_of_name": about.name if about else None,
    }


def _without_person(contact: ContactRecord) -> ContactRecord:
    return contact.model_copy(update={"person": masked(contact.person, keep=1)})


def closed_view(closure: Closure | None) -> views.ClosedView | None:
    """Return how and when a claim ended."""
    if closure is None:
        return None
    return views.ClosedView(reason=closure.reason, reason_name=label(closure.reason), at=closure.at)


def _dispatch(dispatch: Dispatch) -> views.DispatchView:
    delegate = dispatch.delegate
    parts = [_part(part) for part in dispatch.co_units]
    return views.DispatchView(
        n=dispatch.n,
        unit=dispatch.unit.id,
        unit_name=dispatch.unit.name,
        co_units=[part.unit for part in parts],
        co_unit_parts=parts,
        basis=dispatch.basis,
        origin=dispatch.origin,
        origin_name=label(dispatch.origin),
        delivered_at=dispatch.delivered_at,
        signed_for_at=dispatch.signed_for_at,
        delegate=delegate.id if delegate else None,
        delegate_name=delegate.name if delegate else None,
        returned=dispatch.returned,
        confirmed_at=dispatch.confirmed_at,
        ended_at=dispatch.ended_at,
    )


def _part(part: CoUnit) -> views.CoUnitView:
    fields = part.model_dump(include=set(views.CoUnitView.model_fields) - {"unit"})
    return views.CoUnitView(
        **fields,
        unit=part.unit.id,
        unit_name=part.unit.name,
        due_text=end_of(part.last_day, part.due_at) if part.last_day and part.due_at else "",
        outcome_name=label(part.outcome) if part.outcome else "",
    )


def _limit(limit: Limit) -> views.LimitView:
    fixed = limit.schedule
    return views.LimitView(
        id=limit.id,
        kind=limit.kind,
        kind_name=label(limit.kind),
        of=limit.of,
        of_name=label(limit.of) if limit.of else "",
        dispatch=limit.dispatch,
        round=limit.round,
        unit=limit.unit.id if limit.unit else None,
        unit_name=limit.unit.name if limit.unit else None,
        started_at=limit.started_at,
        due_at=fixed.due_at if fixed else None,
        last_day=fixed.last_day if fixed else None,
        due_text=end_of(fixed.last_day, fixed.due_at) if fixed else "",
        working_days=fixed.working_days if fixed else limit.count_days,
        status=limit.status,
        status_name=status_name(limit),
        provisional=fixed.provisional if fixed else False,
        calendar_version=fixed.calendar_version if fixed else "",
        explanation=list(fixed.explanation) if fixed else [],
        ended_at=limit.ended_at,
    )


def _letter(letter: Letter) -> views.LetterView:
    name = label(letter.limit)
    return views.LetterView(
        **dict(letter), limit_name=name, paper=paper_attachment_id(letter_paper_id(letter))
    )


def _light(light: Light) -> views.LightView:
    names = {"colour_name": label(light.colour), "limit_name": label(light.limit)}
    return views.LightView(**dict(light), **names)


def entry_view(entry: Entry, claim: Claim, actor: Actor) -> EntryView:
    """Return an entry of the journal, without phone numbers (R70), and without whose claim it is for those
    who may not know.
    """
    full = sees_contacts(claim, actor)
    by, order = entry.actor, claim.order
    text = redact_phones(entry.text, order.phone) if full else redact_identity(entry.text, order)
    return EntryView(
        seq=entry.seq,
        at=entry.at,
        recorded_at=entry.recorded_at,
        kind=entry.kind,
        kind_name=EVENT_NAMES[entry.kind],
        rules=list(entry.rules),
        text=str(text),
        actor=_actor(by if full else without_name(by, order)) if by else None,
        request_id=entry.request_id,
    )


def _actor(actor: Actor) -> ActorView:
    unit = actor.unit
    return ActorView(
        name=actor.name or actor.sub,
        roles=list(actor.roles),
        role_names=[*map(label, actor.roles)],
        unit=unit.id if unit else None,
        unit_name=unit.name if unit else None,
    )


def words_in_list(claim: Claim, text: str, actor: Actor) -> str:
    """Return people's text about a claim for a list (R53, R54, R70)."""
    redact = redact_contact if sees_contacts(claim, actor) else redact_identity
    return str(redact(text, claim.order))


def claim_summary(row: ClaimRow, actor: Actor) -> ClaimSummary:
    """Return a line of a list, without contact data; people's texts are redacted as well (R70)."""
    fields = dict(row) | {"stage_name": label(row.stage), "closed": closed_view(row.closed)}
    fields |= {"category_name": label(row.category), "channel_name": label(row.channel)}
    fields["light_name"] = label(row.light) if row.light else ""
    fields["whose_turn"] = turn_in(row.stage, row.unit_name)
    fields["next_due_text"] = instant_end(row.next_due) if row.next_due else ""
    fields["limits"] = [_limit_in_list(limit) for limit in row.limits if _is_somebodys(limit)]
    if sees_contacts_of_row(row, actor):
        fields["matter"] = redact_contact(row.matter, row.order)
    else:
        fields["matter"] = redact_identity(row.matter, row.order)
        fields["enterprise"] = masked(row.enterprise, keep=0 if row.complained_of else 2)
    return ClaimSummary(**{name: fields[name] for name in ClaimSummary.model_fields})


def _is_somebodys(limit: RowLimit) -> bool:
    """Return whether somebody has to do something before its end, or was late with it."""
    is_over = limit.status is LimitStatus.MISSED and limit.kind in NEVER_OVERDUE
    return limit.kind not in WAITING_PERIODS and not is_over


def _limit_in_list(limit: RowLimit) -> SummaryLimit:
    return SummaryLimit(
        kind=limit.kind,
        kind_name=limit_kind_name(limit.kind, limit.supervises),
        unit=limit.unit or None,
        due_at=limit.due_at,
        due_text=instant_end(limit.due_at) if limit.due_at else "",
        status=limit.status,
        status_name=label(limit.status),
    )
