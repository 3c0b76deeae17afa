"""`/track/{number}/…`: an enterprise acts for its claim by a code that was sent to its phone (R39, R41, R46, R47)."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Number, Used
from api.http.problems import problem_of
from api.http.requests.client_address import client_address
from api.http.routing import count_request
from claims.lifecycle import allowed_actions
from claims.model.labels import label
from claims.model.terms import Action
from claims.model.values import Actor
from records.errors import RecordsUnavailable
from service_layer.claims.claim_access import ClaimSnapshot, find, outcome_of
from service_layer.claims.merged_claims import PASSED_ON
from service_layer.clock import now
from service_layer.enquiries.one_time_codes import enterprise_by_code, send_code, use_code
from service_layer.enquiries.tracking import track_of
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.services import Services
from web.claims.action_forms import GRAVE, fields_of
from web.claims.form_submission import FilledForm, Refusal, empty_form, keep_file, refused_form, submit
from web.http.forms import files, kept_fields, text
from web.http.page_route import PublicPageRoute, page_router, see_other
from web.http.pending import ActName, Waits, pending_page, pending_url
from web.http.rendering import render, session_of
from web.public import code_sessions
from web.public.code_sessions import CodeSession

router = page_router(PublicPageRoute)

OFFERED: Final = (*(Action.REMIND, Action.SUPPLEMENT, Action.CALL_BACK, Action.REOPEN, Action.WITHDRAW),)
"""The acts of an enterprise by a code, in the order of the buttons."""
NAMES: Final = {Action.CALL_BACK: "评价"}
_HIDDEN: Final = ("token", "request_id")


@router.post("/track/{number}/code")
async def ask_for_code(request: Request, number: Number, services: Used) -> Response:
    """Send a code to the claim's phone, whose last digits the caller must know."""
    digits = text(await request.form(), "digits")
    try:
        await send_code(services, number, digits, client=_client(request, services))
    except ServiceError as error:
        context = {"number": number, "track": None, "problem": error, "session": session_of(request)}
        return render(request, "track.html", context, status=problem_of(error).kind.status)
    return see_other(f"/track/{number}/code?sent=1")


@router.get("/track/{number}/code")
async def code_page(request: Request, number: Number, services: Used, sent: str = "") -> Response:
    """Show the form for the code. It is the same for every number, known or not."""
    return _code_form(request, services, number, sent=bool(sent))


def _code_form(
    request: Request, services: Services, number: str, *, sent: bool = False, refusal: Refusal | None = None
) -> Response:
    context = {
        "number": number,
        "sent": sent,
        "refusal": refusal,
        "is_embedded": services.settings.is_embedded,
    }
    status = refusal.problem.kind.status if refusal else HTTPStatus.OK
    return render(request, "track_code.html", context, status=status)


@router.post("/track/{number}/enter")
async def enter_code(request: Request, number: Number, services: Used) -> Response:
    """With the right code, on to what may be done."""
    code = text(await request.form(), "code")
    try:
        await use_code(services, number, code, client=_client(request, services))
    except ServiceError as error:
        refusal = Refusal(problem_of(error), {"code": error.detail})
        return _code_form(request, services, number, refusal=refusal)
    response = see_other(f"/track/{number}/acts")
    code_sessions.begin(request, response, number)
    return response


@router.get("/track/{number}/acts")
async def acts_page(
    *, request: Request, number: Number, services: Used, act: ActName = "", done: ActName = ""
) -> Response:
    """Return the claim, and what its enterprise may do now; `act` opens a form, `done` says what has just
    been done.
    """
    session = await code_sessions.read(request, number)
    if session is None:
        return _ended(request, number)
    actor = await _actor(request, services, number)
    found = await find(services, number, actor)
    action = Action(act) if act in set(Action) and Action(act) in _offered(found, actor) else None
    form = empty_form(action) if action else None
    return await _page(request, services, found, session, form=form, done=_name_of(done))


@router.post("/track/{number}/acts/{action}")
async def act_by_code(request: Request, number: Number, action: str, services: Used) -> Response:
    """Perform an act from its form. A refused form is shown again with its input and the reason."""
    session = await code_sessions.read(request, number)
    form = await request.form()
    if session is None:
        return _ended(request, number, form)
    code_sessions.check_token(session, text(form, "token"))
    if action not in set(OFFERED):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种操作", instead="请从进度查询页选择操作")
    actor = await _actor(request, services, number)
    result = await _keep_photos(request, number, Action(action), form) or await submit(
        request, number, Action(action)
    )
    if not isinstance(result, FilledForm):
        if result.snapshot is None:
            return see_other(pending_url(f"/track/{number}", action, result.request_id, at=result.number))
        return see_other(f"/track/{number}/acts?done={action}")
    status = result.refusal.problem.kind.status if result.refusal else HTTPStatus.OK
    found = await find(services, number, actor)
    return await _page(request, services, found, session, form=result, status=status)


@router.get("/track/{number}/pending")
async def code_pending_page(
    *,
    waiting: Waits,
    number: Number,
    services: Used,
    at: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show an act that was taken but not yet answered; the page polls for the answer."""
    if await code_sessions.read(waiting.request, number) is None:
        return _ended(waiting.request, number)
    bind_contextvars(request_id=waiting.request_id)
    actor = await _actor(waiting.request, services, number)
    claim = at if at in actor.claims else number
    outcome, has_answered = await outcome_of(services, claim, waiting.request_id)
    path = f"/track/{number}/acts"
    return pending_page(
        waiting,
        title=number,
        act_name=_name_of(waiting.act),
        outcome=outcome,
        path=path,
        has_answered=has_answered,
    )


@router.post("/track/{number}/leave")
async def leave(request: Request, number: Number) -> Response:
    """End the session, for people who use somebody else's phone."""
    if session := await code_sessions.read(request, number):
        code_sessions.check_token(session, text(await request.form(), "token"))
    response = see_other("/track")
    await code_sessions.end(request, response, session)
    return response


async def _actor(request: Request, services: Services, number: str) -> Actor:
    """Return the enterprise, and set it as the request's actor, regardless of other sessions in this browser."""
    actor = await enterprise_by_code(services, number)
    count_request(request, actor)
    request.state.actor = actor
    return actor


async def _keep_photos(request: Request, number: str, action: Action, form: FormData) -> FilledForm | None:
    """Keep what came with a supplement; the form again where a file was not taken."""
    try:
        for one in files(form) if action is Action.SUPPLEMENT else ():
            await keep_file(request, number, one)
    except ServiceError as error:
        return refused_form(action, form, Refusal(problem_of(error), {"file": error.detail}))
    except RecordsUnavailable:
        problem = unavailable("台账数据库暂时没有应答，文件没有收下；填写的内容仍在本页")
        return refused_form(action, form, Refusal(problem_of(problem)))
    return None


def _offered(found: ClaimSnapshot, actor: Actor) -> list[Action]:
    """Return the actions that are offered; for a merged claim, those that are passed on (R48)."""
    possible = PASSED_ON if found.claim.merged_into else allowed_actions(found.claim, actor)
    return [one for one in OFFERED if one in possible]


async def _page(
    request: Request,
    services: Services,
    found: ClaimSnapshot,
    session: CodeSession,
    *,
    form: FilledForm | None,
    done: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    actor: Actor = request.state.actor
    offered = _offered(found, actor)
    context = {
        "track": await track_of(services, found.claim, actor),
        "token": session.token,
        "ends_in": max(1, (session.ends - int(now().timestamp())) // 60),
        "actions": [(one, _name_of(one), one in GRAVE) for one in offered],
        "form": form,
        "form_name": _name_of(form.action) if form else "",
        "fields": fields_of(form.action, actor) if form else (),
        "refusal": form.refusal if form else None,
        "done": done,
    }
    return render(request, "track_acts.html", context, status=status)


def _ended(request: Request, number: str, form: FormData | None = None) -> Response:
    """Show the input again for copying, as nothing was sent."""
    typed = [value for name, value in kept_fields(form) if name not in _HIDDEN] if form else []
    problem = ServiceError(
        ErrorKind.NOT_SIGNED_IN,
        "验证码的有效时间已过，没有办理",
        rule="R39",
        instead="请重新查询并获取验证码",
    )
    context = {"number": number, "track": None, "problem": problem, "session": session_of(request)}
    return render(request, "track.html", {**context, "typed": typed}, status=HTTPStatus.UNAUTHORIZED)


def _client(request: Request, services: Services) -> str:
    return client_address(request, services.settings.trusted_proxies)


def _name_of(action: str) -> str:
    known = Action(action) if action in set(Action) else None
    return NAMES.get(known, label(known)) if known else ""
