"""`/app/reinterviews`: whom 12345 asks again for a quarter's evaluation (R62)."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Used
from assessment.cadence.actions import PERIOD_ACTION_NAMES, PERIOD_ROLES, PeriodAction, RecordReinterviews
from claims.model.values import Actor
from service_layer.assessment.period_actions import act_on_period
from service_layer.assessment.reinterviews import open_samples, require_sample_reader
from service_layer.services import Services
from service_layer.views.assessment import SampleView
from web.cases.case_forms import CaseForm, Sent, submit
from web.claims.form_fields import FormField, Kind, Options
from web.http.forms import Tree, kept_fields
from web.http.page_route import page_router, see_other
from web.http.rendering import render

router = page_router()

AT_ONCE: Final = 20
"""Claims of one form; the next ones come when these are recorded."""
ACTION: Final = PeriodAction.RECORD_REINTERVIEWS
PATH: Final = "/app/reinterviews"
SAID: Final[Options] = (("yes", "满意"), ("no", "不满意"), ("unreached", "无人接通"))
_MEANS: Final = {"yes": True, "no": False, "unreached": None}
_MARK: Final = ":"


@router.get(PATH)
async def reinterviews_page(request: Request, services: Used, actor: Caller, sent: str = "") -> Response:
    """Return every period that waits, with the next claims of its sample."""
    require_sample_reader(actor)
    return await _page(request, services, actor, told="已登记；最新结果稍后显示" if sent else "")


@router.post(PATH + "/{period}")
async def record_answers(
    request: Request, period: Annotated[str, Path(max_length=20)], services: Used, actor: Caller
) -> Response:
    """Record what the enterprises said; claims without an answer stay on the list."""
    require_sample_reader(actor)  # a refused form would show the page

    def adapt(given: FormData, body: Tree) -> None:
        said = dict(kept_fields(given))
        body["answers"] = [
            {"unit": unit, "claim": claim, "satisfied": _MEANS[value]}
            for name, value in said.items()
            for unit, mark, claim in [name.partition(_MARK)]
            if mark and value in _MEANS
        ]

    async def perform(body: RecordReinterviews) -> object:
        return await act_on_period(services, period, ACTION, body, actor)

    form = CaseForm(ACTION, PERIOD_ACTION_NAMES[ACTION], ())
    outcome = await submit(request, form, RecordReinterviews, perform, adapt)
    if isinstance(outcome, Sent):
        return see_other(f"{PATH}?sent=1")
    return await _page(request, services, actor, refused={period: outcome})


async def _page(
    request: Request,
    services: Services,
    actor: Actor,
    *,
    told: str = "",
    refused: dict[str, CaseForm] | None = None,
) -> Response:
    samples = await open_samples(services, AT_ONCE)
    known = refused or {}
    context = {
        "samples": [(sample, known.get(sample.period) or _form()) for sample in samples],
        "fields": {sample.period: _fields(sample) for sample in samples},
        "may_record": actor.has(*PERIOD_ROLES[ACTION]),
        "told": told,
        "refusals": [form.refusal for period, form in known.items() if form.refusal],
    }
    status = next((form.status for form in known.values()), 200)
    return render(request, "reinterviews.html", context, status=status)


def _form() -> CaseForm:
    return CaseForm(ACTION, PERIOD_ACTION_NAMES[ACTION], ())


def _fields(sample: SampleView) -> Sequence[FormField]:
    return [
        FormField(
            f"{one.unit}{_MARK}{one.claim}",
            f"{one.claim}　{one.unit_name}",
            Kind.CHOICE,
            needed=False,
            options=SAID,
        )
        for one in sample.missing
    ]
