"""`/app/desk`: registering a claim, and the claims that wait for the desk."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple
from uuid import uuid4

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Used
from api.http.problems import problem_of
from api.http.validation_messages import field_errors
from claims.model.claim_parts import WorkOrder
from claims.model.terms import Category, Channel, EnterpriseStatus, Role, Stage
from claims.model.values import Actor
from records.errors import RecordsUnavailable
from service_layer.claims.registration import register
from service_layer.claims.registration_form import Registration
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.permissions import require_role
from service_layer.services import Services
from service_layer.worklists.items import work_items
from web.claims.form_fields import FormField, Kind, body_of, options_of, typed
from web.claims.form_submission import Refusal
from web.claims.options import kinds
from web.http.forms import text
from web.http.page_route import page_router, see_other
from web.http.rendering import render

router = page_router()

FIELDS: Final = (
    FormField("channel", "来源渠道", Kind.SELECT, options=options_of(Channel)),
    FormField("external_id", "渠道编号", Kind.LINE, needed=False, hint="渠道自己的编号；同一编号只登记一次"),
    FormField(
        "credit_code", "统一社会信用代码", Kind.LINE, needed=False, hint="18位；已签约待落地、尚无代码的不填"
    ),
    FormField("enterprise", "企业名称", Kind.LINE),
    FormField("enterprise_status", "企业状态", Kind.CHOICE, options=options_of(EnterpriseStatus)),
    FormField("contact", "联系人", Kind.LINE),
    FormField("phone", "联系电话", Kind.LINE),
    FormField("district", "区（市）", Kind.SELECT, needed=False, source="districts"),
    FormField("town", "镇（街）", Kind.LINE, needed=False, source="towns"),
    FormField("category", "诉求类别", Kind.CHOICE, options=options_of(Category)),
    FormField("subcategory", "小类", Kind.SELECT, needed=False, source="kinds"),
    FormField(
        "complained_of",
        "被投诉单位",
        Kind.SELECT,
        needed=False,
        source="all_units",
        hint="投诉类的填写；不派给该单位",
    ),
    FormField("matter", "诉求内容", hint="写明何时、何地、何事、要求什么"),
)
_KNOWN: Final = {field.name for field in FIELDS}
Values = Mapping[str, Sequence[str]]


class EntryForm(NamedTuple):
    """A registration as it is shown: what was typed, and an id of its own."""

    values: Values
    request_id: str


@router.get("/app/desk")
async def desk_page(
    *,
    request: Request,
    services: Used,
    actor: Caller,
    linked_to: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Return an empty form beside the claims that wait for an answer or a dispatch. `linked_to`: a closed
    claim with new facts (R48).
    """
    require_desk(actor)
    values = {
        "channel": [Channel.HOTLINE.value],
        "enterprise_status": [EnterpriseStatus.OPERATING.value],
        "linked_to": [linked_to],
    }
    return render(request, "desk.html", await desk_context(services, actor, values, None))


@router.post("/app/desk")
async def register_claim(request: Request, services: Used, actor: Caller) -> Response:
    """Register, and go to the new claim. A refused form is shown again unchanged."""
    require_desk(actor)
    form = await request.form()
    try:
        sent = _registration(form)
        registered = await register(services, sent, actor, form=text(form, "request_id")[:100])
    except (ValidationError, ServiceError, RecordsUnavailable) as error:
        refusal = refusal_of(error)
        context = await desk_context(services, actor, typed(form), refusal)
        return render(request, "desk.html", context, status=refusal.problem.kind.status)
    return see_other(f"/app/claims/{registered.number}?done=registered")


def require_desk(actor: Actor) -> None:
    """Raise FORBIDDEN unless the actor is of the desk or the hotline: the page shows other enterprises' claims."""
    require_role(actor, Role.OPERATOR, Role.CALLER, what="使用受理台")


def order_of(*, enterprise: str, credit_code: str, matter: str) -> WorkOrder:
    """Return a work order that is only being written: whose it is, as far as it is known."""
    return WorkOrder(
        channel=Channel.DESK,
        category=Category.HELP,
        enterprise=enterprise.strip()[:200],
        credit_code="".join(credit_code.split()).upper()[:18],
        contact="",
        phone="",
        matter=matter[:5000],
    )


def _registration(form: FormData) -> Registration:
    body = body_of(FIELDS, form, {})
    linked_to = form.get("linked_to")
    if isinstance(linked_to, str) and linked_to:
        body["linked_to"] = linked_to
    return Registration.model_validate(body)


def refusal_of(error: Exception) -> Refusal:
    """Return why a registration was not accepted, field by field."""
    if isinstance(error, ValidationError):
        found = field_errors([dict(one) for one in error.errors()])
        by_field = {one.field: "请填写此项" if one.problem == "缺少此项" else one.problem for one in found}
        wrong = ServiceError(
            ErrorKind.INVALID, "有几项没有填好，尚未登记", instead="请改正标出的各项后重新提交"
        )
        return Refusal(problem_of(wrong), by_field)
    if isinstance(error, ServiceError):
        name, _, rest = error.detail.partition("：")
        by_field = {name: rest} if name in _KNOWN else {one.field: one.problem for one in error.fields}
        return Refusal(problem_of(error), by_field)
    return Refusal(problem_of(unavailable("台账数据库暂时没有应答，没有登记；填写的内容仍在本页")))


async def desk_context(
    services: Services, actor: Actor, values: Values, refusal: Refusal | None
) -> dict[str, object]:
    """Return the desk with a form, filled in as `values` say."""
    organisation = services.organisation
    return {
        "fields": FIELDS,
        "beside": None,
        "form": EntryForm(values, f"web-{uuid4().hex}"),
        "refusal": refusal,
        "items": await work_items(services, actor, stages=(Stage.REGISTERED,)),
        "options": {
            "districts": [(unit.id, unit.short) for unit in organisation.districts()],
            "towns": [
                (town.short, town.short)
                for unit in organisation.districts()
                for town in organisation.towns_of(unit.id)
            ],
            "kinds": kinds(services),
            "all_units": [(unit.id, unit.short) for unit in organisation.units],
        },
    }
