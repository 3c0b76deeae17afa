"""`/report/phone`: an enterprise without an account signs in by a code to its phone, for its own claims (§1, R10)."""

import hashlib
import hmac
from http import HTTPStatus
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from api.http.dependencies import Used
from api.http.problems import problem_of
from api.http.requests.client_address import client_address
from claims.text.normalisation import half_width, one_line
from claims.text.phones import digits_of
from service_layer.enquiries.one_time_codes import send_code_to_phone, use_code_of_phone
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from web.claims.form_submission import Refusal
from web.http.cookies import phone_account_key
from web.http.forms import text
from web.http.page_route import PageRoute, PublicPageRoute, page_router, see_other, sessions_of
from web.http.rendering import render
from web.sign_in.pages import Next, local_path

router = page_router(PublicPageRoute)

PATH: Final = "/report/phone"
LONGEST_NAME: Final = 200


class ReportRoute(PageRoute):
    """A page of 我要反映: a visitor may sign in by phone."""

    sign_in_at = PATH


@router.get(PATH)
async def phone_page(request: Request, services: Used, to: Next) -> Response:
    """Name and phone."""
    return _page(request, services, {"next": to})


@router.post(f"{PATH}/code")
async def ask_for_code(request: Request, services: Used) -> Response:
    """Send the code. The number is in the form, never in an address."""
    given = await _form_fields(request)
    try:
        if not given["enterprise"]:
            raise ServiceError(
                ErrorKind.INVALID, "请填写企业名称", rule="R10", instead="请填写后重新获取验证码"
            )
        account = _account(services, given["phone"])
        await send_code_to_phone(services, account, given["phone"], client=_client(request, services))
    except ServiceError as error:
        field = "phone" if given["enterprise"] else "enterprise"
        return _page(request, services, given, refusal=Refusal(problem_of(error), {field: error.detail}))
    return _page(request, services, given, sent=True)


@router.post(f"{PATH}/enter")
async def enter_code(request: Request, services: Used) -> Response:
    """With the right code, on to the form: signed in as the account of this phone."""
    given = await _form_fields(request)
    try:
        actor = await use_code_of_phone(
            services,
            _account(services, given["phone"]),
            text(await request.form(), "code"),
            enterprise=given["enterprise"],
            client=_client(request, services),
        )
    except ServiceError as error:
        refusal = Refusal(problem_of(error), {"code": error.detail})
        return _page(request, services, given, sent=True, refusal=refusal)
    response = see_other(local_path(given["next"]) or "/report")
    sessions_of(request).begin(response, actor)
    return response


async def _form_fields(request: Request) -> dict[str, str]:
    form = await request.form()
    given = {name: text(form, name) for name in ("enterprise", "phone", "next")}
    return given | {"enterprise": one_line(given["enterprise"]).strip()[:LONGEST_NAME]}


def _account(services: Services, phone: str) -> str:
    """Return a phone's account id: always the same, and one-way."""
    digits = digits_of(half_width(phone)).encode()
    return f"phone:{hmac.new(phone_account_key(services.settings), digits, hashlib.sha256).hexdigest()[:32]}"


def _client(request: Request, services: Services) -> str:
    return client_address(request, services.settings.trusted_proxies)


def _page(
    request: Request,
    services: Services,
    given: dict[str, str],
    *,
    sent: bool = False,
    refusal: Refusal | None = None,
) -> Response:
    context = {
        "given": {"enterprise": "", "phone": "", "next": ""} | given,
        "sent": sent,
        "refusal": refusal,
        "wrong": refusal.by_field if refusal else {},
        "is_embedded": services.settings.is_embedded,
    }
    status = refusal.problem.kind.status if refusal else HTTPStatus.OK
    return render(request, "report_phone.html", context, status=status)
