"""`/app/audits`: a claim's life from its history: its timeline, its state at an instant, whether all is sound."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from api.http.dependencies import Caller, Number, Used
from api.http.downloads import saved_as
from api.http.problems import problem_of
from audit.assessments.reproduction import Reproduced
from claims.model.messages.field_types import Instant
from claims.model.terms import Role
from claims.text.normalisation import identifier
from records.contact_readings import ReadFilter, contact_reads
from service_layer.audits import claim_audit
from service_layer.audits.assessment_audit import reproduce_edition
from service_layer.errors import ErrorKind, ServiceError
from web.claims.form_submission import Refusal
from web.http.forms import beijing_instant, text
from web.http.page_route import page_router, see_other
from web.http.rendering import render

router = page_router()

_MOST_READS: Final = 200
_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)


@router.get("/app/audits")
async def audits_page(request: Request, actor: Caller, number: str = "", period: str = "") -> Response:
    """Which claim, or which assessment."""
    claim_audit.require_auditor(actor)
    wanted = identifier(number).upper()
    if wanted.isascii() and wanted.isalnum():
        return see_other(f"/app/audits/{wanted}")
    may_remake = actor.has(Role.AUDITOR)
    context = {"period": period[:20], "made": None, "refusal": None, "may_remake": may_remake}
    return render(request, "audits.html", context)


@router.get("/app/audits/{number}")
async def audit_page(
    *,
    request: Request,
    number: Number,
    services: Used,
    actor: Caller,
    at: Annotated[str, Query(max_length=40)] = "",
    verify: bool = False,
) -> Response:
    """Return the replayed life. `at`: how the claim stood then; `verify`: hold everything against everything."""
    claim_audit.require_auditor(actor)
    instant = _instant(at)
    audited = await claim_audit.audited_claim(services, number, actor)
    context = {
        "number": number,
        "lines": claim_audit.timeline_of(audited, actor).lines,
        "then": claim_audit.state_at(audited, actor, instant),
        "at": at,
        "verified": await claim_audit.verify_claim(services, number, actor) if verify else None,
        "may_export": actor.has(Role.AUDITOR),
        "reads": await services.records.run(contact_reads, ReadFilter(number=number, limit=_MOST_READS))
        if actor.has(Role.AUDITOR)
        else (),
        "units": {unit.id: unit.short for unit in services.organisation.units},
    }
    return render(request, "audit.html", context)


@router.post("/app/audits/assessments")
async def audit_assessment(request: Request, services: Used, actor: Caller) -> Response:
    """Show a published assessment, reproduced from the histories."""
    claim_audit.require_auditor(actor)
    period = text(await request.form(), "period")[:20]
    made: Reproduced | None = None
    refusal: Refusal | None = None
    try:
        made = await reproduce_edition(services, period, actor)
    except ServiceError as error:
        if error.kind is ErrorKind.FORBIDDEN:
            raise
        refusal = Refusal(problem_of(error))
    context = {"period": period, "made": made, "refusal": refusal, "may_remake": True}
    status = refusal.problem.kind.status if refusal else HTTPStatus.OK
    return render(request, "audits.html", context, status=status)


@router.get("/app/audits/{number}/export")
async def export(number: Number, services: Used, actor: Caller) -> Response:
    """Return the audit material as a package that needs none of our programs."""
    claim_audit.require_history_reader(actor)
    audited = await claim_audit.audited_claim(services, number, actor)
    content = await claim_audit.audit_package(services, audited)
    return saved_as(f"audit-{number}.zip", content, "application/zip")


def _instant(given: str) -> datetime | None:
    if not given:
        return None
    try:
        return _INSTANT.validate_python(beijing_instant(given))
    except ValidationError as error:
        detail = "时刻写法不对，或不在2000年至2099年之间"
        raise ServiceError(ErrorKind.INVALID, detail, instead="请从日历中选择") from error
