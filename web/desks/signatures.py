"""`/app/inbox/sign`: a head signs several acts at once; each has its own answer."""

from fastapi import Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Number, Used
from claims.model.terms import Action
from service_layer.errors import ErrorKind, ServiceError
from service_layer.worklists.signatures import SIGNED, send_back, sign_drafts
from web.claims.claim_page import refused_page
from web.claims.form_submission import FilledForm, keep_draft
from web.http.forms import text, texts
from web.http.page_route import page_router, see_other
from web.http.rendering import render

router = page_router()


@router.post("/app/inbox/sign")
async def sign(request: Request, services: Used, actor: Caller) -> Response:
    """Sign the chosen drafts one after the other; refused ones are shown with the reason."""
    form = await request.form()
    if id := text(form, "send_back"):
        await send_back(services, id, actor)
        return see_other("/app/inbox?group=for-the-head")
    chosen = [(id, text(form, f"request_id:{id}")[:100]) for id in texts(form, "draft")]
    if not all(request_id for _, request_id in chosen) or not chosen:
        raise ServiceError(ErrorKind.INVALID, "没有选择事项", instead="请返回待办勾选要签字的事项")
    signed = await sign_drafts(services, chosen, actor)
    return render(request, "signed.html", {"signed": signed, "gone": len(chosen) - len(signed)})


@router.post("/app/claims/{number}/{action}/draft")
async def send_for_signature(
    request: Request, number: Number, action: str, services: Used, actor: Caller
) -> Response:
    """Keep a handler's form for the head instead of sending it. A refused form is shown again with its input."""
    if action not in set(SIGNED):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种操作", instead="请从工单页选择操作")
    result = await keep_draft(request, number, Action(action))
    if isinstance(result, FilledForm):
        return await refused_page(request, services, actor, number, result)
    return see_other(f"/app/claims/{number}?act=none&done=draft")
