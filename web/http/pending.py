"""Waiting for the outcome of an act that was taken but not yet answered: one page, which asks again by itself."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, NamedTuple, Protocol
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from service_layer.clock import now
from web.http.page_route import see_other
from web.http.rendering import render

ActName = Annotated[str, Query(max_length=40)]
RequestId = Annotated[str, Query(alias="request", max_length=128)]

PATIENCE: Final = timedelta(minutes=10)
"""How long a page polls by itself; after that it says what to do."""
_LONGEST_PAUSE: Final = 15
_SECONDS: Final = re.compile(r"[0-9]{1,10}", re.ASCII)


class Waiting(NamedTuple):
    """A pending act: its name and its request's id, from the address."""

    request: Request
    act: str
    request_id: str


async def _waiting(request: Request, act: ActName = "", request_id: RequestId = "") -> Waiting:
    return Waiting(request, act, request_id)


Waits = Annotated[Waiting, Depends(_waiting)]


class Answered(Protocol):
    """The result of an act."""

    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def instead(self) -> str: ...


def pending_url(path: str, act: str, request_id: str, **more: str) -> str:
    """Return the address at which a browser waits for an act on the page at `path`."""
    return f"{path}/pending?{urlencode({'act': act, 'request': request_id, **more})}"


def after_act(path: str, act: str, request_id: str, *, is_known: bool) -> str:
    """Return the address after an act: `path`, or the page that waits for the outcome."""
    return f"{path}?done={quote(act)}" if is_known else pending_url(path, act, request_id)


def pending_page(
    waiting: Waiting,
    *,
    title: str,
    outcome: Answered | None,
    path: str,
    form_at: str = "",
    act_name: str = "",
    has_answered: bool = False,
) -> Response:
    """Redirect to `path` once the act is done, show why it was refused, or poll for ten minutes at most.
    `form_at`: the form's address, if not `path`. `has_answered`: the workflow was asked and answered; without
    an outcome the act never arrived.
    """
    request, act, request_id = waiting
    began = _began(request)
    is_unknown = has_answered and outcome is None
    waits = outcome is None and not is_unknown and now() < began + PATIENCE
    is_fragment = bool(request.headers.get("hx-request"))
    if outcome is not None and outcome.status == "accepted":
        return _go_on(f"{path}?done={quote(act)}", is_fragment=is_fragment)
    if is_fragment and not waits:
        return _go_on(_this_page(request, began), is_fragment=True)
    context = {
        "title": title,
        "act_name": act_name,
        "outcome": outcome,
        "waits": waits,
        "is_unknown": is_unknown,
        "ask": _this_page(request, began),
        "pause": _pause(began),
        "back": _back(form_at or path, act, request_id, is_refused=outcome is not None),
        "afresh": _this_page(request, now()),
        "shown_at": path,
    }
    return render(request, "pending_fragment.html" if is_fragment else "pending.html", context)


def _back(path: str, act: str, request_id: str, *, is_refused: bool) -> str:
    """Return the form again. What was refused is another act when it is sent again."""
    asked = {"act": act, "again": request_id} | ({"refused": "yes"} if is_refused else {})
    return f"{path}?{urlencode(asked)}#act"


def _go_on(url: str, *, is_fragment: bool) -> Response:
    return Response(headers={"HX-Redirect": url}) if is_fragment else see_other(url)


def _began(request: Request) -> datetime:
    """When the waiting began: now, where the address does not say it."""
    given = request.query_params.get("since", "")
    at = now()
    return datetime.fromtimestamp(min(int(given), at.timestamp()), UTC) if _SECONDS.fullmatch(given) else at


def _pause(began: datetime) -> int:
    """Return seconds until the page asks again: the longer it has waited, the more."""
    return min(_LONGEST_PAUSE, 2 + int((now() - began).total_seconds()) // 10)


def _this_page(request: Request, began: datetime) -> str:
    asked = dict(request.query_params) | {"since": str(int(began.timestamp()))}
    return f"{request.url.path}?{urlencode(asked)}"
