"""Acts on a period on its page: objections, decisions, publication, corrections, points (R62)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final
from urllib.parse import quote
from uuid import uuid4

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import JsonValue
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Used
from api.http.downloads import saved_as
from assessment.cadence.actions import PERIOD_ACTION_NAMES, PERIOD_BODIES, PERIOD_ROLES, PeriodAction
from assessment.cases.model import CaseBody
from assessment.terms import ExclusionReason, Measure, name
from claims.model.values import Actor
from service_layer.assessment.assessment_reading import require_reader
from service_layer.assessment.bulletins import BulletinFormat, bulletin_file
from service_layer.assessment.period_actions import (
    StartAssessment,
    act_on_period,
    period_snapshot,
    require_starter,
    start_assessment,
)
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from service_layer.views.assessment import AssessmentView
from web.cases.case_forms import CaseForm, Sent, submit
from web.claims.form_fields import YES_NO, FormField, Kind, Options
from web.http.forms import Tree, lines, text
from web.http.page_route import page_router, see_other
from web.http.pending import Waits, pending_page

router = page_router()

Period = Annotated[str, Path(max_length=20)]
ANSWERS: Final = MappingProxyType({"满意": True, "不满意": False, "未接通": None})
_MEASURES: Final[Options] = [(one.value, name(one)) for one in Measure]

FORMS: Final[Mapping[PeriodAction, tuple[FormField, ...]]] = MappingProxyType(
    {
        PeriodAction.OBJECT: (
            FormField("claim", "有异议的工单", Kind.LINE),
            FormField("measure", "有异议的指标", Kind.SELECT, needed=False, options=_MEASURES),
            FormField("reason", "异议理由"),
            FormField("evidence", "证明材料的附件编号", needed=False, hint="每行一个"),
        ),
        PeriodAction.DECIDE_OBJECTION: (
            FormField("objection", "异议", Kind.SELECT, source="objections"),
            FormField("upheld", "异议是否成立", Kind.CHOICE, options=YES_NO),
            FormField("text", "核定意见"),
            FormField(
                "effect",
                "成立的",
                Kind.SELECT,
                needed=False,
                options=(("exclude", "剔除"), ("recount", "重新归集")),
            ),
            FormField(
                "reason",
                "剔除的理由",
                Kind.SELECT,
                needed=False,
                options=[(one.value, name(one)) for one in ExclusionReason],
            ),
        ),
        PeriodAction.PUBLISH: (),
        PeriodAction.CORRECT: (FormField("reason", "更正的理由"),),
        PeriodAction.RECORD_REINTERVIEWS: (
            FormField("answers", "再回访结果", hint="每行一件：工单 单位编号 满意（或不满意、未接通）"),
        ),
        PeriodAction.GIVE_ORGANISATION_POINTS: (
            FormField("unit", "单位", Kind.SELECT, source="units"),
            FormField("points", "得分", Kind.LINE, hint="最多两位小数"),
            FormField("reason", "评分理由"),
        ),
    }
)


def form_of(action: str) -> CaseForm | None:
    """Return the form of an action, or None."""
    if action not in set(PeriodAction):
        return None
    known = PeriodAction(action)
    note = "公布后本期定稿，只能以更正另出一期。" if known is PeriodAction.PUBLISH else ""
    return CaseForm(known, PERIOD_ACTION_NAMES[known], FORMS[known], note)


def actions_of(actor: Actor) -> list[tuple[PeriodAction, str]]:
    """Return the actor's possible acts on a period."""
    return [(one, PERIOD_ACTION_NAMES[one]) for one in PeriodAction if actor.has(*PERIOD_ROLES[one])]


def options_of(view: AssessmentView) -> dict[str, Options]:
    """Return the options that depend on the period."""
    waiting = [one for one in view.objections if one.upheld is None]
    return {
        "objections": [(one.objection, f"{one.claim}：{one.text[:40]}") for one in waiting],
        "units": [(one.unit, one.unit_name) for one in view.unpointed],
    }


async def act_by_form(
    request: Request, services: Services, actor: Actor, period: str, form: CaseForm
) -> CaseForm | Sent:
    """Perform a form's act; the form again with why it was refused."""
    action = PeriodAction(form.action)

    def adapt(given: FormData, body: Tree) -> None:
        if action is PeriodAction.OBJECT:
            body["unit"] = actor.unit.id if actor.unit else ""
            body["evidence"] = [*lines(text(given, "evidence"))]
        if action is PeriodAction.RECORD_REINTERVIEWS:
            body["answers"] = [_answer(line) for line in lines(text(given, "answers"))]

    async def perform(body: CaseBody) -> object:
        return await act_on_period(services, period, action, body, actor)

    return await submit(request, form, PERIOD_BODIES[action], perform, adapt)


def _answer(line: str) -> JsonValue:
    claim, unit, said, *_ = [*line.split(), "", "", ""]
    return {"claim": claim, "unit": unit, "satisfied": ANSWERS.get(said, said)}


@router.post("/app/assessments")
async def start_period(request: Request, services: Used, actor: Caller) -> Response:
    """Start a period by hand."""
    require_starter(actor)
    form = await request.form()
    period = text(form, "period")
    request_id = text(form, "request_id") or f"web-{uuid4().hex}"
    await start_assessment(services, period, StartAssessment(request_id=request_id))
    return see_other(f"/app/assessments/{quote(period, safe='')}?started=1")


@router.get("/app/assessments/{period}/pending")
async def pending(waiting: Waits, period: Period, services: Used, actor: Caller) -> Response:
    """Show an act whose outcome is not known yet."""
    require_reader(actor)
    snapshot = await period_snapshot(services, period, waiting.request_id)
    outcome = snapshot.outcome if snapshot else None
    path = f"/app/assessments/{quote(period, safe='')}"
    return pending_page(waiting, title=f"{period} 测评", outcome=outcome, path=path)


@router.get("/app/assessments/{period}/bulletin.{form}")
async def read_bulletin(period: Period, form: str, services: Used, actor: Caller) -> Response:
    """Return the period's bulletin, to be saved."""
    if form not in set(BulletinFormat):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种格式的通报", instead="请选择 Word、Excel 或网页")
    file = await bulletin_file(services, actor, period, None, BulletinFormat(form))
    return saved_as(file.name, file.content, file.media_type)
