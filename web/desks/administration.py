"""`/app/settings`: health and alarms, notices, the calendar and the editions, published after a dry run."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import uuid4

from fastapi import Request
from fastapi.responses import Response
from pydantic import JsonValue, ValidationError
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Used
from api.http.problems import Kind, Problem, problem_of
from calendar_rules import CalendarError, local_day
from claims.editions.parameter_names import PARAMETER_NAMES
from claims.model.terms import Category, Channel, Role
from claims.model.values import Actor
from claims.notifications import DeliveryState
from records.database.engine import ping
from records.errors import RecordsUnavailable
from records.outbox import deliveries, outbox_state
from service_layer.background.monitoring import (
    Alarms,
    current_alarms,
    stalled_workflows,
)
from service_layer.calendar.publication import ArrangementBody, Publication, publish_arrangement
from service_layer.clock import now
from service_layer.editions.publication import (
    EditionBody,
    PolicyEditionView,
    list_editions,
    publish_or_preview,
)
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import NOTICE_READERS, require_role
from service_layer.services import Services
from web.claims.form_fields import FormField, typed
from web.claims.form_fields import Kind as FieldKind
from web.claims.form_submission import Refusal, invalid_fields
from web.desks.registration import EntryForm, Values
from web.http.forms import beijing_instant, lines, text
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()

EDITION_FIELDS: Final = (
    FormField("id", "版本编号", FieldKind.LINE, hint="例如 2027-1"),
    FormField("source", "依据（文号和标题）", FieldKind.LINE),
    FormField("in_force_from", "生效时间", FieldKind.INSTANT),
    FormField(
        "reaches",
        "适用范围",
        FieldKind.CHOICE,
        options=(("new", "只适用于新登记的"), ("open", "也适用于未办结的")),
    ),
    FormField("changes", "改变的参数", hint="每行一项，例如 resolve_days=8"),
    FormField("note", "说明", needed=False),
)
ARRANGEMENT_FIELDS: Final = (
    FormField("year", "年份", FieldKind.NUMBER, hint="整年的安排；只更正个别日期的不填", needed=False),
    FormField("source", "依据（文号和标题）", FieldKind.LINE),
    FormField("published", "公布日期", FieldKind.DAY),
    FormField("days_off", "放假日", needed=False, hint="每行一天：日期 空格 名称，例如 2027-01-01 元旦"),
    FormField("make_up_days", "调休上班日", needed=False, hint="写法同上"),
)


@router.get("/app/settings")
async def settings_page(request: Request, services: Used, actor: Caller) -> Response:
    """Show the system's state, and the calendar and editions in force."""
    _require_user(actor)
    return render(request, "settings.html", await _context(services))


def _require_user(actor: Actor) -> None:
    require_role(actor, Role.ADMIN, Role.COORDINATOR, what="使用管理页面")


@router.post("/app/settings/editions")
async def submit_edition(request: Request, services: Used, actor: Caller) -> Response:
    """Compute what an edition would change; publish it once that has been seen."""
    _require_user(actor)  # a refused form would show the page
    form = await request.form()
    is_final = text(form, "publish") == "yes"
    try:
        body = EditionBody.model_validate(_edition(form))
        shown, _ = await publish_or_preview(services, body, actor, dry_run=not is_final)
    except (ValidationError, ServiceError) as error:
        return await _again(request, services, "edition", form, _refusal(error, EDITION_FIELDS))
    return await _again(request, services, "edition", form, None, edition=shown)


@router.post("/app/settings/arrangements")
async def submit_arrangement(request: Request, services: Used, actor: Caller) -> Response:
    """Compute what an arrangement would change; publish it once that has been seen."""
    _require_user(actor)  # a refused form would show the page
    form = await request.form()
    is_final = text(form, "publish") == "yes"
    try:
        body = ArrangementBody.model_validate(_arrangement(form) | {"dry_run": not is_final})
        shown, _ = await publish_arrangement(services, body, actor)
    except (ValidationError, ServiceError, CalendarError) as error:
        return await _again(request, services, "arrangement", form, _refusal(error, ARRANGEMENT_FIELDS))
    return await _again(request, services, "arrangement", form, None, arrangement=shown)


async def _again(
    request: Request,
    services: Services,
    which: str,
    form: FormData,
    refusal: Refusal | None,
    *,
    edition: PolicyEditionView | None = None,
    arrangement: Publication | None = None,
) -> Response:
    context = await _context(services)
    context[f"{which}_form"] = EntryForm(typed(form), text(form, "request_id"))
    context |= {f"{which}_refusal": refusal, "edition": edition, "arrangement": arrangement}
    return render(request, "settings.html", context, status=refusal.problem.kind.status if refusal else 200)


def _refusal(error: Exception, fields: Sequence[FormField]) -> Refusal:
    if isinstance(error, ValidationError):
        return invalid_fields(error, fields)
    if isinstance(error, ServiceError):
        return Refusal(problem_of(error))
    return Refusal(Problem(Kind.INVALID, str(error), rule="R1", instead="请改正后重新核对"))


def _edition(form: FormData) -> dict[str, JsonValue]:
    changes: dict[str, JsonValue] = {}
    for line in lines(text(form, "changes")):
        name, _, value = line.partition("=")
        changes[name.strip()] = _value(value.strip())
    names = ("id", "source", "reaches", "note", "request_id")
    given: dict[str, JsonValue] = {name: text(form, name) for name in names}
    return {**given, "in_force_from": beijing_instant(text(form, "in_force_from")), "changes": changes}


def _value(written: str) -> JsonValue:
    if written in ("true", "false"):
        return written == "true"
    try:
        return int(written)
    except ValueError:
        return written


def _arrangement(form: FormData) -> dict[str, JsonValue]:
    given: dict[str, JsonValue] = {name: text(form, name) for name in ("source", "published", "request_id")}
    if year := text(form, "year"):
        given["year"] = _value(year)
    for name in ("days_off", "make_up_days"):
        pairs = [line.partition(" ") for line in lines(text(form, name))]
        given[name] = [{"date": day, "name": what.strip() or "调整"} for day, _, what in pairs]
    return given


async def _context(services: Services) -> dict[str, object]:
    calendar = await services.calendar()
    year = local_day(now()).year
    empty: Values = {}
    alarms = await current_alarms(services)
    return {
        "health": await _health(services, alarms),
        "alarms": alarms.words,
        "stalled": await stalled_workflows(services) or (),
        "ui_url": services.settings.workflows_page,
        "parameters": await _parameters(services),
        "outbox": (await services.records.run(outbox_state)).counts,
        "years": [calendar.year(one) for one in (year, year + 1)],
        "editions": await list_editions(services),
        "edition_fields": EDITION_FIELDS,
        "edition_form": EntryForm(empty, f"web-{uuid4().hex}"),
        "edition_refusal": None,
        "edition": None,
        "arrangement_fields": ARRANGEMENT_FIELDS,
        "arrangement_form": EntryForm(empty, f"web-{uuid4().hex}"),
        "arrangement_refusal": None,
        "arrangement": None,
    }


async def _parameters(services: Services) -> list[tuple[str, str, str]]:
    """Return the parameters that an edition can change, with Chinese names and present values."""
    policy = (await services.policy(Channel.HOTLINE, Category.HELP, now())).model_dump(mode="json")
    return [
        (name, PARAMETER_NAMES[name], _written(policy[name])) for name in PARAMETER_NAMES if name in policy
    ]


def _written(value: JsonValue) -> str:
    """Return a parameter's value as the form takes it."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


async def _health(services: Services, alarms: Alarms) -> Mapping[str, bool]:
    return {
        "流程引擎": await services.temporal.is_reachable(),
        "工作进程": alarms.has_worker,
        "台账数据库": await _has_records(services),
    }


async def _has_records(services: Services) -> bool:
    try:
        await services.records.run(ping)
    except RecordsUnavailable:
        return False
    return True


@router.get("/app/notices")
async def notices_page(request: Request, services: Used, actor: Caller, state: str = "") -> Response:
    """Return the ledger: what went out, what failed, and who has no channel."""
    require_role(actor, *NOTICE_READERS, what="查看通知台账")
    if state and state not in set(DeliveryState):
        raise ServiceError(ErrorKind.INVALID, "没有这种送达状态", instead="请从列表中选择")
    found = await services.records.run(deliveries, state=DeliveryState(state) if state else None, limit=200)
    names = {unit.id: unit.short for unit in services.organisation.units} | {"enterprise": "企业"}
    return render(request, "notices.html", {"notices": found, "names": names, "state": state})
