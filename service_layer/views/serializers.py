"""Making view models from claims: what one caller may see (R70)."""

from datetime import datetime
from typing import Final

from claims.lifecycle import allowed_actions
from claims.limits import WAITING_PERIODS, status_name
from claims.model.claim import Claim, Closure, ContactRecord, CoUnit, Dispatch, WorkOrder
from claims.model.journal import Entry
from claims.model.labels import end_of, instant_end, label
from claims.model.limit import Letter, Light, Limit
from claims.model.values import Actor
from claims.papers.redaction import masked, masks_phones, redact_claim, redact_phones
from claims.papers.requests import letter_paper_id, paper_attachment_id
from claims.ui_summary import turn_in, whose_turn
from records.queries.claims import ClaimRow
from service_layer.permissions import reads_contacts
from service_layer.views import claim as views

_AS_IN_CLAIM: Final = (
    *("number", "stage", "registered_at", "round", "replies", "extension", "feedbacks", "call_backs"),
    *("reviews", "verifications", "explained_at", "disputed_at", "false_feedback", "merged_into"),
    *("reminders", "supplements"),
)
"""Fields that a view shows as the claim has them."""


def claim_view(
    claim: Claim, actor: Actor, *, now: datetime, stale: bool = False, withheld: bool = False
) -> views.ClaimView:
    """The whole claim; `now` is its own clock. `withheld`: contact data are masked for everybody."""
    full = reads_contacts(actor, claim.order.enterprise) and not withheld
    hidden = masks_phones(claim, now)
    actions = allowed_actions(claim, actor)
    if hidden or not full:
        claim = redact_claim(claim)
    return views.ClaimView(
        **{name: getattr(claim, name) for name in _AS_IN_CLAIM},
        **_registration(claim.order, full=full),
        stage_name=label(claim.stage),
        whose_turn=whose_turn(claim),
        split_into=list(claim.split.numbers) if claim.split else [],
        merging_into=claim.merging.into if claim.merging else "",
        closed=_closed(claim.closed),
        now=now,
        stale=stale,
        phone_hidden=hidden,
        dispatches=[_dispatch(dispatch) for dispatch in claim.dispatches],
        limits=[_limit(limit) for limit in claim.limits if limit.kind not in WAITING_PERIODS],
        lights=[_light(light) for light in claim.lights],
        letters=[_letter(letter) for letter in claim.letters],
        contacts=[contact if full else _without_person(contact) for contact in claim.contacts],
        allowed_actions=actions,
    )


def _registration(order: WorkOrder, *, full: bool) -> dict[str, object]:
    """What was registered, the contact data masked unless the caller needs them."""
    shown: dict[str, object] = {**dict(order), "category_name": label(order.category), "masked": not full}
    if not full:
        shown["enterprise"] = masked(order.enterprise, keep=2)
        shown["contact"] = masked(order.contact, keep=1)
    return shown


def _without_person(contact: ContactRecord) -> ContactRecord:
    return contact.model_copy(update={"person": masked(contact.person, keep=1)})


def _closed(closure: Closure | None) -> views.ClosedView | None:
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
    return views.LetterView(**dict(letter), paper=paper_attachment_id(letter_paper_id(letter)))


def _light(light: Light) -> views.LightView:
    return views.LightView(**dict(light))


def entry_view(entry: Entry, phone: str = "") -> views.EntryView:
    """An entry of the journal, without phone numbers (R70)."""
    actor = entry.actor
    return views.EntryView(
        seq=entry.seq,
        at=entry.at,
        recorded_at=entry.recorded_at,
        kind=entry.kind,
        rules=list(entry.rules),
        text=str(redact_phones(entry.text, phone)),
        actor=_actor(actor) if actor else None,
        request_id=entry.request_id,
    )


def _actor(actor: Actor) -> views.ActorView:
    unit = actor.unit
    return views.ActorView(
        name=actor.name or actor.sub,
        roles=list(actor.roles),
        unit=unit.id if unit else None,
        unit_name=unit.name if unit else None,
    )


def claim_summary(row: ClaimRow, actor: Actor) -> views.ClaimSummary:
    """A line of a list, without contact data and without phone numbers in what people wrote (R70)."""
    fields = dict(row) | {"stage_name": label(row.stage), "closed": _closed(row.closed)}
    fields["matter"] = redact_phones(row.matter, "")
    fields["whose_turn"] = turn_in(row.stage, row.unit_name)
    fields["next_due_text"] = instant_end(row.next_due) if row.next_due else ""
    if not reads_contacts(actor, row.enterprise):
        fields["enterprise"] = masked(row.enterprise, keep=2)
    return views.ClaimSummary(**fields)
