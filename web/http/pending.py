"""Waiting for the outcome of an act that was taken but not yet answered: one page, which asks again by itself."""

from typing import Annotated, Protocol
from urllib.parse import quote, urlencode

from fastapi import Query, Request
from fastapi.responses import Response

from web.http.page_route import see_other
from web.http.rendering import render

ActName = Annotated[str, Query(max_length=40)]
RequestId = Annotated[str, Query(alias="request", max_length=128)]


class Answered(Protocol):
    """What became of an act."""

    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def instead(self) -> str: ...


def pending_url(path: str, act: str, request_id: str, **more: str) -> str:
    """Where a browser waits for an act on what is shown at `path`."""
    return f"{path}/pending?{urlencode({'act': act, 'request': request_id, **more})}"


def after_act(path: str, act: str, request_id: str, *, is_known: bool) -> str:
    """Where it goes after an act: to `path`, or to wait for the outcome."""
    return f"{path}?done={quote(act)}" if is_known else pending_url(path, act, request_id)


def pending_page(
    request: Request, *, title: str, act: str, outcome: Answered | None, path: str, act_name: str = ""
) -> Response:
    """On to `path` once the act is done; why it was refused; else the page that asks again."""
    is_fragment = bool(request.headers.get("hx-request"))
    if outcome is not None and (is_fragment or outcome.status == "accepted"):
        is_done = outcome.status == "accepted"
        url = f"{path}?done={quote(act)}" if is_done else f"{request.url.path}?{request.url.query}"
        return Response(headers={"HX-Redirect": url}) if is_fragment else see_other(url)
    context = {"title": title, "act_name": act_name, "outcome": outcome, "back": f"{path}?act={quote(act)}"}
    return render(request, "pending_fragment.html" if is_fragment else "pending.html", context)
