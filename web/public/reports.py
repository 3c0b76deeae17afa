"""`/report`: an enterprise reports a matter itself (§二.一.2). What the knowledge base answers is shown before anything is
registered; files are kept once the claim has its number."""

import hashlib
from typing import Final
from uuid import uuid4

import structlog
from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Number, Used
from api.http.problems import Kind as ProblemKind
from claims.model.terms import Category, Channel, EnterpriseStatus
from claims.model.values import Actor
from records.errors import RecordsUnavailable
from service_layer.claims.claim_access import find
from service_layer.claims.contact_access import view_of
from service_layer.claims.registration import check_registrar, register
from service_layer.claims.registration_form import BY_CODE, Registration
from service_layer.errors import ServiceError
from service_layer.services import Services
from web.claims.claim_page import shown_limits
from web.claims.form_fields import FormField, Kind, body_of, options_of, typed
from web.claims.form_submission import Refusal, keep_file
from web.claims.options import articles_for, examples, kinds
from web.desks.registration import EntryForm, Values, refusal_of
from web.http.forms import files, text
from web.http.page_route import page_router, see_other
from web.http.rendering import render
from web.public.by_phone import ReportRoute

log = structlog.get_logger()
router = page_router(ReportRoute)

FIELDS: Final = (
    FormField("category", "您要反映的是", Kind.CHOICE, options=options_of(Category)),
    FormField("subcategory", "具体属于", Kind.SELECT, needed=False, source="kinds"),
    FormField(
        "complained_of",
        "投诉的单位",
        Kind.SELECT,
        needed=False,
        source="all_units",
        hint="投诉类的填写；不派给该单位，也不让该单位知道您是谁",
    ),
    FormField("matter", "诉求内容", hint="写明何时、何地、何事、希望怎样解决"),
    FormField("district", "事项所在区（市）", Kind.SELECT, needed=False, source="districts"),
    FormField("town", "镇（街）", Kind.LINE, needed=False),
    FormField("enterprise_status", "企业状态", Kind.CHOICE, options=options_of(EnterpriseStatus)),
    FormField("contact", "联系人", Kind.LINE),
    FormField("phone", "联系电话", Kind.LINE, hint="承办单位将在1个工作日内与您联系"),
)


@router.get("/report")
async def report_page(request: Request, services: Used, actor: Caller) -> Response:
    """Return an empty form."""
    check_registrar(actor)
    values = {"enterprise_status": [EnterpriseStatus.OPERATING.value]}
    return render(request, "report.html", _context(services, actor, values))


@router.post("/report")
async def report(request: Request, services: Used, actor: Caller) -> Response:
    """Register; but first show what the knowledge base has."""
    check_registrar(actor)
    form = await request.form()
    articles = articles_for(services, text(form, "matter")) if _asks(form) else ()
    if articles:
        is_answer = text(form, "category") == Category.CONSULTATION
        context = {**_context(services, actor, typed(form)), "articles": articles, "is_answer": is_answer}
        return render(request, "report.html", context)
    try:
        sent = _registration(form, actor)
        registered = await register(services, sent, actor, form=text(form, "request_id")[:100])
    except (ValidationError, ServiceError, RecordsUnavailable) as error:
        refusal = refusal_of(error)
        values = typed(form)
        if refusal.problem.kind is ProblemKind.CONFLICT:  # as it stands it is another claim
            del values["request_id"]
        context = {**_context(services, actor, values), "refusal": refusal}
        return render(request, "report.html", context, status=refusal.problem.kind.status)
    lost = await _keep_files(request, registered.number, form)
    return see_other(f"/report/{registered.number}{'?lost=1' if lost else ''}")


@router.get("/report/{number}")
async def reported(
    request: Request, number: Number, services: Used, actor: Caller, lost: str = ""
) -> Response:
    """Return the number, and what happens next by when."""
    found = await find(services, number, actor)
    view = await view_of(services, found, actor)
    limits = shown_limits(found.claim, view)
    context = {"view": view, "limits": limits, "lost": bool(lost), "draft": _draft_of(actor)}
    return render(request, "reported.html", context)


def _asks(form: FormData) -> bool:
    """Return whether what the knowledge base has is shown first: once, and not for complaints (R12)."""
    category = text(form, "category")
    may_be_answered = category in set(Category) and category != Category.COMPLAINT
    return may_be_answered and not text(form, "answers_seen")


def _registration(form: FormData, actor: Actor) -> Registration:
    """In the enterprise's own name; its code is the one that it signed in with."""
    own = {"channel": Channel.APP.value, "enterprise": actor.name.removesuffix(BY_CODE)}
    return Registration.model_validate({**body_of(FIELDS, form, {}), **own})


async def _keep_files(request: Request, number: str, form: FormData) -> bool:
    """Return whether some file was not kept; the claim is registered in any case."""
    lost = False
    for one in files(form):
        try:
            await keep_file(request, number, one)
        except (ServiceError, RecordsUnavailable):
            log.warning("file-not-kept", claim=number)
            lost = True
    return lost


def _draft_of(actor: Actor) -> str:
    """Under which name a browser keeps what somebody types: each account of those who share it has its own."""
    return f"report-{hashlib.sha256(actor.sub.encode()).hexdigest()[:16]}"


def _context(services: Services, actor: Actor, values: Values) -> dict[str, object]:
    refusal: Refusal | None = None
    return {
        "fields": FIELDS,
        "draft": _draft_of(actor),
        "form": EntryForm(values, (values.get("request_id") or [f"web-{uuid4().hex}"])[0]),
        "refusal": refusal,
        "articles": (),
        "is_answer": False,
        "examples": examples(services),
        "options": {
            "districts": [(unit.id, unit.short) for unit in services.organisation.districts()],
            "kinds": kinds(services),
            "all_units": [(unit.id, unit.short) for unit in services.organisation.units],
        },
    }
