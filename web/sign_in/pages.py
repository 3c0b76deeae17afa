"""`/`, `/app/login`: who is calling, and where they are led."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from api.http.dependencies import services_of
from service_layer.errors import ErrorKind, ServiceError
from service_layer.identity.authenticator import UNIT_ROLES, SignedIn
from web.http.forms import kept_fields, text
from web.http.navigation import home
from web.http.page_route import (
    LOGIN,
    RESUME,
    PublicPageRoute,
    end_session,
    page_router,
    see_other,
    sessions_of,
)
from web.http.rendering import render, session_of
from web.http.session import ends_at
from web.sign_in import provider
from web.sign_in.demo_people import DEMO_PEOPLE, actor_for, demo_person

router = page_router(PublicPageRoute)

SIGNED_IN: Final = f"{LOGIN}/done"
LONGEST_ADDRESS: Final = 2000
"""Characters: a cookie keeps it while somebody is at the identity provider."""


def _local_path(given: Annotated[str, Query(alias="next")] = "") -> str:
    return local_path(given)


Next = Annotated[str, Depends(_local_path)]
"""The address that somebody wanted before having to sign in."""


@router.get("/")
async def start(request: Request) -> Response:
    """Redirect to the person's own desk, or to the sign-in page."""
    session = session_of(request)
    return see_other(home(session.actor) if session else LOGIN)


@router.get(LOGIN)
async def login_page(request: Request, next: Next) -> Response:
    """Sign-in at the identity provider, or as one of the people of the embedded default."""
    settings = services_of(request).settings
    organisation = services_of(request).organisation
    context = {
        "to": next,
        "provider": provider.is_offered(settings),
        "people": () if settings.jwks_url else DEMO_PEOPLE,
        "units": {unit.id: unit.short for unit in organisation.units},
    }
    return render(request, "login.html", context)


@router.post(LOGIN)
async def log_in_as(request: Request) -> Response:
    """Sign in as one of the demo people of the embedded default."""
    services = services_of(request)
    form = await request.form()
    person = demo_person(text(form, "person"))
    if services.settings.jwks_url or person is None:
        raise ServiceError(ErrorKind.FORBIDDEN, "请经统一身份认证登录", instead="请返回登录页")
    signed_in = SignedIn(actor_for(person, services.organisation), "")
    return _begun(request, signed_in, text(form, "next"))


@router.get(f"{LOGIN}/start")
async def log_in_at_provider(request: Request, next: Next) -> Response:
    """To the identity provider."""
    if not provider.is_offered(services_of(request).settings):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有设置统一身份认证", instead="请返回登录页")
    return await provider.go_to_provider(request, next)


@router.get(provider.CALLBACK)
async def back_from_provider(request: Request) -> Response:
    """From the identity provider, with its code."""
    signed_in, to = await provider.come_back(request)
    return _begun(request, signed_in, to)


@router.get(SIGNED_IN)
async def signed_in(request: Request) -> Response:
    """Shown in the window that was opened for signing in again."""
    return render(request, "signed_in.html")


@router.post(RESUME)
async def resume(request: Request) -> Response:
    """After a session that ended in the middle of a form: the way back to it, with what was typed. Nothing is done."""
    form = await request.form()
    kept = [(name, value) for name, value in kept_fields(form) if name != "to"]
    context = {"kept": kept, "to": local_path(text(form, "to")) or "/"}
    template = "resume.html" if session_of(request) else "session_ended.html"
    return render(request, template, context)


@router.post(f"{LOGIN}/out")
async def log_out(request: Request) -> Response:
    """Sign out, including copies of the cookie."""
    if session := session_of(request):
        await end_session(request, session.csrf, ends_at(session, services_of(request).settings))
    response = see_other(LOGIN)
    sessions_of(request).end(response)
    return response


def _begun(request: Request, signed_in: SignedIn, to: str) -> Response:
    """Never to another site, and never without the unit that a role needs."""
    actor = signed_in.actor
    if actor.unit is None and any(role in UNIT_ROLES for role in actor.roles):
        raise ServiceError(ErrorKind.FORBIDDEN, "账号没有写明单位", instead="请联系系统管理员核对账号")
    response = see_other(local_path(to) or home(actor))
    sessions_of(request).begin(response, actor, signed_in.token_id)
    return response


def local_path(given: str) -> str:
    """Return the path if it leads to this site, else nothing. Of a long one, such as a search, what was asked
    is left out.
    """
    parts = urlsplit(given.replace("\\", "/"))
    is_local = given.startswith("/") and not given.startswith("//") and not (parts.scheme or parts.netloc)
    if not is_local:
        return ""
    return given if len(given) <= LONGEST_ADDRESS else parts.path[:LONGEST_ADDRESS]
