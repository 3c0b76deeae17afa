"""`/track`: a claim's state, for anybody who knows its number and the last digits of its phone (R39)."""

from fastapi import Request
from fastapi.responses import Response

from api.http.dependencies import claim_number, services_of
from api.http.requests.client_address import client_address
from service_layer.enquiries.tracking import track_claim
from service_layer.errors import ErrorKind, ServiceError
from web.http.forms import text
from web.http.page_route import PublicPageRoute, page_router
from web.http.rendering import render, session_of

router = page_router(PublicPageRoute)


@router.get("/track")
async def track_page(request: Request, number: str = "") -> Response:
    """Return the form. The address may hold the number, never the digits."""
    context = {"number": number[:40], "track": None, "problem": None, "session": session_of(request)}
    return render(request, "track.html", context)


@router.post("/track")
async def track(request: Request) -> Response:
    """Return the answer, on the page itself."""
    form = await request.form()
    number, digits = text(form, "number"), text(form, "digits")
    services = services_of(request)
    client = client_address(request, services.settings.trusted_proxies)
    known = {"number": number[:40], "session": session_of(request)}
    try:
        found = await track_claim(services, await claim_number(number), digits, client=client)
    except ServiceError as error:
        if error.kind not in (ErrorKind.NOT_FOUND, ErrorKind.TOO_MANY):
            raise
        status = 404 if error.kind is ErrorKind.NOT_FOUND else 429
        return render(request, "track.html", {**known, "track": None, "problem": error}, status=status)
    return render(request, "track.html", {**known, "track": found, "problem": None, "digits": digits})
