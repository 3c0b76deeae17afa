"""`/app/audits`: a claim's life from its history: its timeline, its state at an instant, whether all is sound."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Number, Used
from api.http.downloads import saved_as
from calendar_rules import SHANGHAI
from claims.model.terms import Role
from claims.text.normalisation import identifier
from service_layer.audits import claim_audit
from service_layer.errors import ErrorKind, ServiceError
from web.http.page_route import page_router, see_other
from web.http.rendering import render

router = page_router()


@router.get("/app/audits")
async def audits_page(request: Request, actor: Caller, number: str = "") -> Response:
    """Which claim."""
    claim_audit.require_auditor(actor)
    wanted = identifier(number).upper()
    if wanted.isascii() and wanted.isalnum():
        return see_other(f"/app/audits/{wanted}")
    return render(request, "audits.html")


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
    """The replayed life. `at`: how the claim stood then; `verify`: hold everything against everything."""
    claim_audit.require_auditor(actor)
    audited = await claim_audit.audited_claim(services, number, actor)
    context = {
        "number": number,
        "lines": claim_audit.timeline_of(audited, actor).lines,
        "then": claim_audit.state_at(audited, actor, _instant(at)),
        "at": at,
        "verified": await claim_audit.verify_claim(services, number, actor) if verify else None,
        "may_export": actor.has(Role.AUDITOR),
    }
    return render(request, "audit.html", context)


@router.get("/app/audits/{number}/export")
async def export(number: Number, services: Used, actor: Caller) -> Response:
    """The audit material as a package that needs none of our programs."""
    claim_audit.require_history_reader(actor)
    audited = await claim_audit.audited_claim(services, number, actor)
    content = await claim_audit.audit_package(services, audited)
    return saved_as(f"audit-{number}.zip", content, "application/zip")


def _instant(given: str) -> datetime | None:
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError as error:
        raise ServiceError(ErrorKind.INVALID, "时刻写法不对", instead="请从日历中选择") from error
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
