"""The look-ups beside a registration form: the enterprise by its code, its earlier claims, candidates for the
dispatch with reasons, and articles of the knowledge base."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Used
from claims.lookup.directory import Candidate
from claims.lookup.duplicates import SIMILARITY_THRESHOLD, similarity
from claims.lookup.knowledge import Hit
from claims.model.claim_parts import WorkOrder
from claims.model.organisation import UnknownUnit
from claims.papers.redaction import redact_contact
from claims.text.credit_code import credit_code
from claims.text.normalisation import identifier
from records.queries import claims
from records.queries.claims import ClaimRow
from service_layer.claims.dispatch_candidates import dispatch_candidates
from service_layer.services import Services
from web.claims.form_fields import typed
from web.claims.options import articles_for
from web.desks.registration import Values, desk_context, order_of, require_desk
from web.http.forms import text
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()

_MOST: Final = 5
_LONGEST: Final = {"enterprise": 200, "credit_code": 60, "matter": 5000, "district": 64, "complained_of": 64}
_CODE_LENGTH: Final = 18


class Typed(NamedTuple):
    """The input so far."""

    enterprise: str
    credit_code: str
    matter: str
    district: str
    complained_of: str


class Alike(NamedTuple):
    """An earlier claim of the same enterprise, and how alike its matter is."""

    rate: float
    claim: ClaimRow
    matter: str
    is_alike: bool


class Beside(NamedTuple):
    """The panel beside the form. `code_problem` is the code's error."""

    code_problem: str
    known: WorkOrder | None
    alike: Sequence[Alike]
    candidates: Sequence[Candidate]
    articles: Sequence[Hit]


@router.post("/app/desk/alike")
async def form_lookups(request: Request, services: Used, actor: Caller) -> Response:
    """Requested while somebody types (R14, R48); the input is never part of an address."""
    require_desk(actor)
    given = _typed_so_far(await request.form())
    return render(request, "beside_fragment.html", {"beside": await _beside(services, given)})


@router.post("/app/desk/lookup")
async def look_up(request: Request, services: Used, actor: Caller) -> Response:
    """Return the form again, with what is known of the enterprise filled in where nothing was typed; nothing
    is registered.
    """
    require_desk(actor)
    form = await request.form()
    beside = await _beside(services, _typed_so_far(form))
    values: Values = typed(form)
    if beside.known is not None:
        values = _filled_in(values, beside.known)
    context = await desk_context(services, actor, values, None)
    return render(request, "desk.html", {**context, "beside": beside})


def _typed_so_far(form: FormData) -> Typed:
    return Typed(**{name: text(form, name)[:most] for name, most in _LONGEST.items()})


def _filled_in(values: Values, known: WorkOrder) -> Values:
    found = {
        "enterprise": known.enterprise,
        "enterprise_status": known.enterprise_status.value,
        "district": known.district,
        "town": known.town,
    }
    missing = {name: [value] for name, value in found.items() if not any(values.get(name, ()))}
    return {**values, **missing}


async def _beside(services: Services, given: Typed) -> Beside:
    code, problem = _checked(given.credit_code)
    written = order_of(enterprise=given.enterprise, credit_code=code, matter=given.matter)
    rows = await services.records.run(claims.claims_of, written) if given.enterprise or code else []
    return Beside(
        code_problem=problem,
        known=await _known(services, rows) if code else None,
        alike=_most_alike(given.matter, rows),
        candidates=_candidates(services, given),
        articles=articles_for(services, given.matter),
    )


def _checked(code: str) -> tuple[str, str]:
    """Return the code, and what is wrong with it; nothing while it is still being typed."""
    if len(identifier(code)) < _CODE_LENGTH:
        return "", ""
    try:
        return credit_code(code), ""
    except ValueError as error:
        return "", str(error)


async def _known(services: Services, rows: Sequence[ClaimRow]) -> WorkOrder | None:
    """Return the enterprise as its newest claim under this code has it."""
    newest = next((row.number for row in rows if row.credit_code), None)
    claim = await services.records.run(claims.snapshot, newest) if newest else None
    return claim.order if claim else None


def _most_alike(matter: str, rows: Sequence[ClaimRow]) -> list[Alike]:
    rated = sorted(((similarity(matter, row.matter), row) for row in rows), key=lambda pair: -pair[0])
    return [
        Alike(rate, row, str(redact_contact(row.matter, row.order)), rate >= SIMILARITY_THRESHOLD)
        for rate, row in rated[:_MOST]
    ]


def _candidates(services: Services, given: Typed) -> list[Candidate]:
    """R14; nothing while too little has been typed, or where a unit is none."""
    if not given.matter.strip():
        return []
    try:
        return dispatch_candidates(
            services, given.matter, given.district, most=3, complained_of=given.complained_of
        )
    except UnknownUnit:
        return []
