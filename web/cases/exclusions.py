"""`/app/claims/{number}/exclusion`: whether a claim leaves a unit's assessment: applied for, decided, appealed (R65)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Number, Used
from assessment.cases.model import CaseBody
from assessment.exclusion_cases.actions import (
    EXCLUSION_ACTION_NAMES,
    EXCLUSION_BODIES,
    EXCLUSION_ROLES,
    ExclusionAction,
)
from assessment.terms import ExclusionReason, Measure, name
from claims.model.values import Actor
from service_layer.assessment.exclusions import act_on_exclusion, exclusion_snapshot, read_exclusions
from service_layer.attachments.attachment_access import attachments_of_claim
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from web.cases.case_forms import CaseForm, submit
from web.claims.form_fields import YES_NO, FormField, Kind
from web.http.forms import Tree
from web.http.page_route import page_router, see_other
from web.http.pending import ActName, Waits, after_act, pending_page
from web.http.rendering import render

router = page_router()


_PAPERS: Final = FormField(
    "evidence", "证明材料", Kind.SEVERAL, source="files", hint="先在工单页上传；可按住 Ctrl 选几个"
)
FIELDS: Final[Mapping[ExclusionAction, tuple[FormField, ...]]] = MappingProxyType(
    {
        ExclusionAction.APPLY: (
            FormField(
                "measure",
                "申请剔除的指标",
                Kind.SELECT,
                needed=False,
                options=[(one.value, name(one)) for one in Measure],
                hint="不选为整件工单",
            ),
            FormField(
                "reason", "剔除理由", Kind.SELECT, options=[(one.value, name(one)) for one in ExclusionReason]
            ),
            FormField("text", "情况说明"),
            _PAPERS,
        ),
        ExclusionAction.DECIDE: (
            FormField("application", "申请", Kind.SELECT, source="applications"),
            FormField("approve", "是否同意剔除", Kind.CHOICE, options=YES_NO),
            FormField("text", "核定意见", hint="对申诉为领导小组的决定，由另一人登记"),
        ),
        ExclusionAction.APPEAL: (
            FormField("application", "申请", Kind.SELECT, source="applications"),
            FormField("text", "申诉理由"),
            _PAPERS._replace(needed=False),
        ),
    }
)


def _form(action: ExclusionAction) -> CaseForm:
    return CaseForm(action, EXCLUSION_ACTION_NAMES[action], FIELDS[action])


@router.get("/app/claims/{number}/exclusion")
async def exclusion_page(
    *, request: Request, number: Number, services: Used, actor: Caller, act: ActName = "", done: ActName = ""
) -> Response:
    """Return the applications on a claim, and what the reader may do."""
    form = _form(ExclusionAction(act)) if act in set(ExclusionAction) else None
    return await _page(request, services, actor, number, form, done=done)


@router.post("/app/claims/{number}/exclusion/{action}")
async def act_on(request: Request, number: Number, action: str, services: Used, actor: Caller) -> Response:
    """Apply, decide or appeal."""
    if action not in set(ExclusionAction):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种操作", instead="请从剔除申请页选择操作")
    wanted = ExclusionAction(action)

    def adapt(_: FormData, body: Tree) -> None:
        if wanted is ExclusionAction.APPLY:
            body["unit"] = actor.unit.id if actor.unit else ""

    async def perform(body: CaseBody) -> object:
        return await act_on_exclusion(services, number, wanted, body, actor)

    sent = await submit(request, _form(wanted), EXCLUSION_BODIES[wanted], perform, adapt)
    if isinstance(sent, CaseForm):
        return await _page(request, services, actor, number, sent)
    return see_other(
        after_act(f"/app/claims/{number}/exclusion", wanted, sent.request_id, is_known=sent.is_known)
    )


@router.get("/app/claims/{number}/exclusion/pending")
async def pending(waiting: Waits, number: Number, services: Used, actor: Caller) -> Response:
    """Show an act whose outcome is not known yet."""
    await read_exclusions(services, number, actor)
    snapshot = await exclusion_snapshot(services, number, waiting.request_id)
    outcome = snapshot.outcome if snapshot else None
    return pending_page(
        waiting, title=f"{number} 剔除申请", outcome=outcome, path=f"/app/claims/{number}/exclusion"
    )


async def _page(
    request: Request,
    services: Services,
    actor: Actor,
    number: str,
    form: CaseForm | None,
    *,
    done: str = "",
) -> Response:
    view = await read_exclusions(services, number, actor)
    files = await attachments_of_claim(services, number, actor)
    applications = [
        (one.application, f"{one.unit_name} {one.measure_name}：{one.reason_name}（{one.status_name}）")
        for one in view.applications
    ]
    possible = [one for one in ExclusionAction if actor.has(*EXCLUSION_ROLES[one])]
    offered = [one for one in possible if one is ExclusionAction.APPLY or applications]
    context = {
        "view": view,
        "actions": [(one, EXCLUSION_ACTION_NAMES[one]) for one in offered],
        "form": form if form and form.action in offered else None,
        "options": {
            "applications": applications,
            "files": [(one.id, one.file_name) for one in files if one.kind is None],
        },
        "done": EXCLUSION_ACTION_NAMES[ExclusionAction(done)] if done in set(ExclusionAction) else "",
    }
    return render(request, "exclusion.html", context, status=form.status if form else 200)
