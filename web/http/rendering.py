"""Rendering templates: what each of them knows, how times are written, the headers of every page."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.http.dependencies import services_of
from claims.model.labels import instant_end, label, minute, second
from claims.model.values import Actor
from service_layer.clock import now
from web.http.assets import asset_url
from web.http.durations import day_of, since, time_left
from web.http.navigation import navigation
from web.http.session import Session

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""Nothing from another host, nothing inline."""


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "minute": minute,
        "end": instant_end,
        "label": label,
        "day": day_of,
        "left": time_left,
        "since": since,
    }
    made.globals |= {"asset": asset_url}
    return made


_ENVIRONMENT: Final = _environment()


def render(
    request: Request, template: str, context: Mapping[str, object] | None = None, *, status: int = 200
) -> HTMLResponse:
    """Return a page. Templates know who is signed in, where they are and what time it is."""
    session = session_of(request)
    actor = session.actor if session else None
    settings = services_of(request).settings
    known: dict[str, object] = {
        "actor": actor,
        "csrf": session.csrf if session else "",
        "navigation": navigation(actor),
        "path": request.url.path,
        "query": str(request.url.query),
        "now": now(),
        "who": described(actor),
        "is_rehearsal": settings.virtual_time,
        "most_bytes": settings.attachment_limit,
    }
    text = _ENVIRONMENT.get_template(template).render({**known, **(context or {})})
    return HTMLResponse(text, status, headers=HEADERS)


def session_of(request: Request) -> Session | None:
    """Return the session that the route has read; None for a visitor."""
    found = getattr(request.state, "session", None)
    return found if isinstance(found, Session) else None


def described(actor: Actor | None) -> str:
    """Return a person as the head of a page names them."""
    if actor is None:
        return ""
    roles = "、".join(label(role) for role in actor.roles)
    unit = f"{actor.unit.name} " if actor.unit else ""
    return f"{unit}{actor.name or actor.sub}（{roles}）"


def beijing_input(at: datetime) -> str:
    """Return an instant as a `datetime-local` field holds it, to the second: a contact follows its dispatch
    within the minute.
    """
    return second(at).replace(" ", "T")
