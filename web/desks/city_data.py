"""`/app/city`: units, directory, knowledge base, texts: what is in force, and changes that another person approves."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final
from uuid import uuid4

from fastapi import Path, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Used
from api.http.problems import problem_of
from claims.model.organisation import UnitKind, UnitLevel, UnitRole
from claims.model.terms import Action
from claims.model.values import Actor
from records.errors import RecordsUnavailable
from records.people.city_entries import KIND_NAMES, STATE_NAMES, CityKind, VersionState
from service_layer.city.changes import (
    changes_of,
    decide_change,
    entries_of,
    propose_change,
    require_editor,
)
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.services import Services
from web.claims.action_forms import FORMS
from web.claims.form_fields import FormField, Kind, body_of, options_of, typed
from web.claims.form_submission import Refusal
from web.desks.registration import EntryForm
from web.http.forms import Tree, lines, text
from web.http.page_route import page_router, see_other
from web.http.rendering import render

router = page_router()

_ID: Final = FormField("id", "编号", Kind.LINE, hint="已有编号为修改该条，新编号为新增")
_FROM: Final = FormField("effective_from", "生效日期", Kind.DAY, hint="核准后从该日起施行，最早为今天")
_TO: Final = FormField("effective_to", "失效日期", Kind.DAY, needed=False, hint="停用的填写最后一天")
_REASON: Final = FormField("reason", "修改理由")
WITH_STANDARD_TEXTS: Final = tuple(
    action for action, fields in FORMS.items() if any(one.standard for one in fields)
)


def _values_of(terms: type[StrEnum]) -> list[tuple[str, str]]:
    return [(term.value, term.value) for term in terms]


FIELDS: Final[Mapping[CityKind, tuple[FormField, ...]]] = MappingProxyType(
    {
        CityKind.UNITS: (
            _ID,
            FormField("name", "全称", Kind.LINE),
            FormField("short", "简称", Kind.LINE, hint="改名后，此前的工单仍用原名；原名仍可查到本单位"),
            FormField("level", "层级", Kind.SELECT, options=_values_of(UnitLevel)),
            FormField("kind", "类别", Kind.SELECT, options=_values_of(UnitKind)),
            FormField("parent", "上级单位编号", Kind.LINE, hint="如 ZZ、QX-370481"),
            FormField("roles", "职责", Kind.SEVERAL, needed=False, source="roles", hint="可按住 Ctrl 选几个"),
            FormField("duties", "职责说明", needed=False),
            FormField(
                "merged_into",
                "并入的单位编号",
                Kind.LINE,
                needed=False,
                hint="此后由该单位承担；本单位办完手上的工单，成绩计入该单位",
            ),
            *(_FROM, _REASON),
        ),
        CityKind.DIRECTORY: (
            _ID,
            FormField("matter", "事项", Kind.LINE),
            FormField("keywords", "关键词", hint="每行一个"),
            FormField(
                "unit", "首接单位", Kind.LINE, hint="单位简称，如 市供电公司；属地办理的按现有条目写法"
            ),
            FormField("co_units", "协办单位", needed=False, hint="每行一个"),
            FormField("level", "层级", Kind.LINE),
            FormField("legal_basis", "法律依据"),
            FormField("duty_basis", "职责依据"),
            FormField("statutory_limit", "法定时限", Kind.LINE, needed=False),
            FormField("note", "备注", needed=False),
            *(_FROM, _TO, _REASON),
        ),
        CityKind.KNOWLEDGE: (
            _ID,
            FormField("title", "标题", Kind.LINE),
            FormField("keywords", "关键词", hint="每行一个"),
            FormField("answer", "答复"),
            FormField("legal_basis", "依据"),
            FormField("topic", "主题", Kind.LINE),
            FormField("unit", "维护单位", Kind.LINE, hint="单位简称"),
            FormField("reviewed_on", "核对日期", Kind.DAY),
            *(_FROM, _TO, _REASON),
        ),
        CityKind.STANDARD_TEXT: (
            _ID,
            FormField(
                "action",
                "用于",
                Kind.SELECT,
                options=[one for one in options_of(Action) if one[0] in WITH_STANDARD_TEXTS],
            ),
            FormField("text", "内容"),
            *(_FROM, _TO, _REASON),
        ),
        CityKind.CHANNELS: (
            FormField(
                "id",
                "收件单位编号",
                Kind.LINE,
                hint="如 ZZ-GD；default 为未列出的单位，enterprise 为企业；保存后只影响此后的通知",
            ),
            FormField(
                "channels", "通道", needed=False, hint="contacts.toml 中的通道名称，每行一个；不填为不发"
            ),
            *(_FROM, _TO, _REASON),
        ),
    }
)
_LISTS: Final = ("keywords", "co_units", "channels")
ShownKind = Annotated[str, Path(max_length=20)]


@router.get("/app/city")
async def start(actor: Caller) -> Response:
    """Show the directory first."""
    require_editor(actor)
    return see_other(f"/app/city/{CityKind.DIRECTORY}")


@router.get("/app/city/{kind}")
async def city_page(
    *,
    request: Request,
    kind: ShownKind,
    services: Used,
    actor: Caller,
    edit: Annotated[str, Query(max_length=64)] = "",
    done: str = "",
) -> Response:
    """Show the entries in force, changes that wait for a second person, and the form of a change; `edit`
    fills it with an entry.
    """
    require_editor(actor)
    known = _kind(kind)
    values = _values(services, known, edit)
    told = {"proposed": "已提出，待另一人核准", "decided": "已核定"}.get(done, "")
    form = EntryForm(values, f"web-{uuid4().hex}")
    return render(request, "city_data.html", await _context(services, actor, known, form, told=told))


@router.post("/app/city/{kind}")
async def propose(request: Request, kind: ShownKind, services: Used, actor: Caller) -> Response:
    """Propose a change. A refused form is shown again with its input."""
    known = _kind(kind)
    form = await request.form()
    request_id = text(form, "request_id")[:100] or f"web-{uuid4().hex}"
    try:
        await propose_change(
            services,
            known,
            _content(known, form),
            reason=text(form, "reason"),
            request_id=request_id,
            actor=actor,
        )
    except ServiceError as error:
        refusal = Refusal(problem_of(error), {one.field: one.problem for one in error.fields})
    except RecordsUnavailable:
        refusal = Refusal(problem_of(unavailable("台账数据库暂时没有应答，没有提出；填写的内容仍在本页")))
    else:
        return see_other(f"/app/city/{known}?done=proposed")
    kept = EntryForm(typed(form), request_id)
    context = await _context(services, actor, known, kept, refusal=refusal)
    return render(request, "city_data.html", context, status=refusal.problem.kind.status)


@router.post("/app/city/{kind}/{change}")
async def decide(
    request: Request,
    kind: ShownKind,
    change: Annotated[str, Path(max_length=40)],
    services: Used,
    actor: Caller,
) -> Response:
    """Approve or refuse what another person proposed."""
    known = _kind(kind)
    form = await request.form()
    try:
        await decide_change(
            services, change, actor, approve=text(form, "approve") == "yes", text=text(form, "decision")
        )
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            raise
        empty = EntryForm({}, f"web-{uuid4().hex}")
        refusal = Refusal(problem_of(error))
        context = await _context(services, actor, known, empty, refusal=refusal)
        return render(request, "city_data.html", context, status=refusal.problem.kind.status)
    return see_other(f"/app/city/{known}?done=decided")


def _kind(kind: str) -> CityKind:
    if kind not in set(CityKind):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这类数据", instead="请从管理页选择")
    return CityKind(kind)


def _content(kind: CityKind, form: FormData) -> Tree:
    """Return an entry's fields: lists by lines, empty optional ones left out."""
    body = body_of(FIELDS[kind], form, {})
    body.pop("reason", None)
    for name in _LISTS:
        if name in body or any(field.name == name for field in FIELDS[kind]):
            body[name] = [*lines(text(form, name))]
    return body


def _values(services: Services, kind: CityKind, edit: str) -> dict[str, list[str]]:
    """Return the form's values for an entry in force."""
    entry = next((one for one in entries_of(services, kind) if one.id == edit), None)
    if entry is None:
        return {}
    given = entry.model_dump(mode="json")
    shown = {field.name: field.kind for field in FIELDS[kind]}
    return {
        name: (
            value
            if shown[name] is Kind.SEVERAL
            else ["\n".join(value) if isinstance(value, list) else str(value)]
        )
        for name, value in given.items()
        if name in shown and value is not None
    }


async def _context(
    services: Services,
    actor: Actor,
    kind: CityKind,
    form: EntryForm,
    *,
    refusal: Refusal | None = None,
    told: str = "",
) -> dict[str, object]:
    changes = await changes_of(services, kind, actor)
    return {
        "kind": kind,
        "kind_name": KIND_NAMES[kind],
        "kinds": KIND_NAMES,
        "entries": entries_of(services, kind),
        "waiting": [one for one in changes if one.state is VersionState.PROPOSED],
        "history": [one for one in changes if one.state is not VersionState.PROPOSED],
        "states": STATE_NAMES,
        "labels": {field.name: field.label for field in FIELDS[kind]},
        "fields": FIELDS[kind],
        "options": {"roles": _values_of(UnitRole)},
        "form": form,
        "refusal": refusal,
        "told": told,
    }
