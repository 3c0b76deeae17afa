"""`/app/claims/{number}`: one claim, whole, and what the person may do about it now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Final, NamedTuple

from fastapi import Query, Request
from fastapi.responses import Response
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Number, Used
from calendar_rules import local_day
from claims.limits import WAITING_PERIODS, limit_name
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.labels import label
from claims.model.terms import Action, Colour, LimitStatus, Role, Stage
from claims.model.values import Actor
from claims.ui_summary import whose_turn
from claims.urgency import by_urgency, is_unmet
from records.attachments import Attachment
from records.queries import claims
from service_layer.attachments.attachment_access import attachments_of_claim
from service_layer.claims.claim_access import ClaimSnapshot, find, outcome_of
from service_layer.claims.contact_access import view_of
from service_layer.claims.duplicates import likely_duplicates
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import EXCLUSION_READERS, UPLOADERS, is_only_enterprise
from service_layer.services import Services
from service_layer.views.claim import ClaimView
from service_layer.views.journal import EntryView
from service_layer.views.public_journal import public_journal
from service_layer.views.serializers import entry_view
from service_layer.worklists.signatures import SIGNED
from web.claims.action_forms import AT_ANY_TIME, GRAVE, fields_of
from web.claims.form_submission import FilledForm, empty_form, submit
from web.claims.options import articles_for, candidates_for, options_for, prefilled, with_standard_texts
from web.http.page_route import page_router, see_other
from web.http.pending import ActName, Waits, after_act, pending_page
from web.http.rendering import beijing_input, render

router = page_router()

STEPS: Final = (
    ("登记", (Stage.REGISTERED, Stage.ANSWERED)),
    ("办理", (Stage.HANDLING, Stage.REDETERMINATION, Stage.ARBITRATION)),
    ("回访", (Stage.CALL_BACK,)),
    ("重办", (Stage.REDO,)),
    ("审核", (Stage.REVIEW, Stage.VERIFICATION, Stage.COMPLETION, Stage.LEADERSHIP)),
    ("办结", (Stage.CLOSED,)),
)
"""The stages of a claim on the page."""
OWN_WORDS: Final = (
    "called-back",
    "reminded",
    "supplemented",
    "withdrawal-requested",
    "reopened",
)
"""Kinds of entries that hold the enterprise's own words."""


@router.get("/app/claims/{number}")
async def claim_page(
    *,
    request: Request,
    number: Number,
    services: Used,
    actor: Caller,
    act: ActName = "",
    done: ActName = "",
    unit: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Return the claim; `act` opens a form, `unit` is chosen in it, `done` says what has just been done."""
    found = await find(services, number, actor)
    shown = await _shown(services, found, actor)
    action = _chosen(shown.view, act)
    form = _new_form(shown.view, action, unit) if action else None
    context = {**shown.context, **_form_context(services, shown, form, actor), "done": _name_of(done)}
    return render(request, "claim.html", context)


@router.post("/app/claims/{number}/{action}")
async def act_on_claim(
    request: Request, number: Number, action: str, services: Used, actor: Caller
) -> Response:
    """Perform an action from its form. A refused form is shown again with its input and the reason."""
    if action not in set(Action):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种操作", instead="请从工单页选择操作")
    result = await submit(request, number, Action(action))
    if not isinstance(result, FilledForm):
        path, is_known = f"/app/claims/{result.number}", result.snapshot is not None
        return see_other(after_act(path, action, result.request_id, is_known=is_known))
    return await refused_page(request, services, actor, number, result)


async def refused_page(
    request: Request, services: Services, actor: Actor, number: str, form: FilledForm
) -> Response:
    """Return the claim with a form that was not accepted: what was typed, and why."""
    shown = await _shown(services, await find(services, number, actor), actor)
    context = {**shown.context, **_form_context(services, shown, form, actor), "done": ""}
    status = form.refusal.problem.kind.status if form.refusal else HTTPStatus.OK
    return render(request, "claim.html", context, status=status)


@router.get("/app/claims/{number}/pending")
async def claim_pending_page(waiting: Waits, number: Number, services: Used, actor: Caller) -> Response:
    """Show an action that was taken but not yet answered; the page polls for the answer."""
    bind_contextvars(request_id=waiting.request_id)
    await find(services, number, actor)
    outcome, has_answered = await outcome_of(services, number, waiting.request_id)
    path = f"/app/claims/{number}"
    return pending_page(
        waiting,
        title=number,
        act_name=_name_of(waiting.act),
        outcome=outcome,
        path=path,
        has_answered=has_answered,
    )


class _Shown(NamedTuple):
    """A claim as the page shows it to one person, but for the form."""

    view: ClaimView
    attachments: Sequence[Attachment]
    context: Mapping[str, object]


async def _shown(services: Services, found: ClaimSnapshot, actor: Actor) -> _Shown:
    claim = found.claim
    duplicates = await likely_duplicates(services, claim, actor)
    plain = await view_of(services, found, actor)
    view = plain.model_copy(update={"possible_duplicates": duplicates})
    attachments = await attachments_of_claim(services, claim.number, actor)
    entries = await _entries(services, claim, actor)
    context = {
        "view": view,
        "lit": _lit(view),
        "referral": _referral(entries) if claim.stage is Stage.ARBITRATION else None,
        "turn": whose_turn(claim),
        "limits": shown_limits(claim, view),
        "steps": _steps(claim),
        "entries": entries,
        "attachments": attachments,
        "scans": {one.id: one for one in attachments if one.kind is None},
        "shows_exclusions": actor.has(*EXCLUSION_READERS),
        "may_upload": actor.has(*UPLOADERS) and not is_only_enterprise(actor),
        "own_words": OWN_WORDS,
        "is_enterprise": is_only_enterprise(actor),
        "shows_today": local_day(found.now),
    }
    return _Shown(view, attachments, context)


def _lit(view: ClaimView) -> list[tuple[Colour, int]]:
    """Return how many lights count, by colour, the worst first."""
    counts = Counter(light.colour for light in view.lights if not light.revoked)
    return sorted(counts.items(), key=lambda one: one[0].rank, reverse=True)


def _referral(entries: Sequence[EntryView]) -> EntryView | None:
    """R16: why the platform has referred the claim; entries stand the newest first."""
    return next((one for one in entries if one.kind == EventKind.REFERRED), None)


def shown_limits(claim: Claim, view: ClaimView) -> list[Mapping[str, object]]:
    """Return every limit that counts, the most urgent first, with its full name."""
    views = {limit.id: limit for limit in view.limits}
    return [
        {"limit": views[one.id], "name": limit_name(one, "·"), "unmet": is_unmet(claim, one)}
        for one in by_urgency(claim)
        if one.id in views and one.status is not LimitStatus.VOID and one.kind not in WAITING_PERIODS
    ]


def _steps(claim: Claim) -> list[tuple[str, str]]:
    """Return the stages of the claim: past, present, and possible ones."""
    here = next(place for place, (_, stages) in enumerate(STEPS) if claim.stage in stages)
    marks = ["past" if place < here else "here" if place == here else "" for place in range(len(STEPS))]
    return [
        (name, mark)
        for (name, _), mark in zip(STEPS, marks, strict=True)
        if mark == "here" or name not in ("重办", "审核") or (name == "重办" and claim.round > 0)
    ]


async def _entries(services: Services, claim: Claim, actor: Actor) -> list[EntryView]:
    """Return the journal, the newest first."""
    entries = await services.records.run(claims.journal, claim.number)
    if is_only_enterprise(actor):
        entries = public_journal(entries)
    return [entry_view(entry, claim, actor) for entry in reversed(entries)]


def _chosen(view: ClaimView, act: str) -> Action | None:
    """Return the requested action, or the stage's first one; None if several are equally likely."""
    if act in set(Action) and Action(act) in view.allowed_actions:
        return Action(act)
    first = next((one for one in view.allowed_actions if one not in AT_ANY_TIME and one not in GRAVE), None)
    return None if act == "none" else first


def _new_form(view: ClaimView, action: Action, unit: str) -> FilledForm:
    return empty_form(action, {"unit": [unit], **prefilled(view, action, beijing_input(view.now))})


def _form_context(
    services: Services, shown: _Shown, form: FilledForm | None, actor: Actor
) -> dict[str, object]:
    view = shown.view
    is_desk = actor.has(Role.OPERATOR) and view.stage is Stage.REGISTERED
    action = form.action if form else None
    return {
        "form": form,
        "form_name": label(action) if action else "",
        "fields": with_standard_texts(services, action, fields_of(action, actor, view.stage))
        if action
        else (),
        "options": options_for(services, view, action, shown.attachments) if action else {},
        "actions": [(one, label(one), one in GRAVE) for one in view.allowed_actions],
        "refusal": form.refusal if form else None,
        "may_draft": action in SIGNED and actor.has(Role.HANDLER) and not actor.has(Role.HEAD),
        "candidates": candidates_for(services, view) if is_desk else (),
        "articles": articles_for(services, view.matter) if is_desk else (),
    }


_OTHER_ACTS: Final = {"registered": "登记诉求", "draft": "送负责人签字"}


def _name_of(action: str) -> str:
    if action in _OTHER_ACTS:
        return _OTHER_ACTS[action]
    return label(Action(action)) if action in set(Action) else ""
