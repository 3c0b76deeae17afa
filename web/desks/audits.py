"""`/app/audits`: a claim's life from its history: its timeline, its state at an instant, whether all is sound."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Number, Used
from api.routes.oversight import audit
from calendar_rules import SHANGHAI
from claims.model.terms import Role
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import CLAIM_AUDITORS, require_role
from web.http.page_route import page_router, see_other
from web.http.rendering import render

router = page_router()


@router.get("/app/audits")
async def audits_page(request: Request, actor: Caller, number: str = "") -> Response:
    """Which claim."""
    require_role(actor, *CLAIM_AUDITORS, what="查看工单的审计信息")
    wanted = number.strip().upper()
    if wanted.isalnum():
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
    require_role(actor, *CLAIM_AUDITORS, what="查看工单的审计信息")
    found = await audit.audited(number, services, actor)
    context = {
        "number": number,
        "lines": (await audit.read_timeline(number, found, actor)).lines,
        "then": await audit.read_then(number, found, actor, _instant(at)),
        "at": at,
        "verified": await audit.verify(number, services, actor) if verify else None,
        "may_export": actor.has(Role.AUDITOR),
    }
    return render(request, "audit.html", context)


@router.get("/app/audits/{number}/export")
async def export(number: Number, services: Used, actor: Caller) -> Response:
    """The audit material as a package that needs none of our programs."""
    require_role(actor, Role.AUDITOR, what="调取工单的完整历史")
    return await audit.export(number, services, await audit.audited(number, services, actor))


def _instant(given: str) -> datetime | None:
    if not given:
        return None
    try:
        at = datetime.fromisoformat(given)
    except ValueError as error:
        raise ServiceError(ErrorKind.INVALID, "时刻写法不对", instead="请从日历中选择") from error
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
