"""The page for unknown addresses."""

from fastapi.responses import Response

from service_layer.errors import ErrorKind, ServiceError
from web.http.page_route import PublicPageRoute, page_router

router = page_router(PublicPageRoute)


@router.api_route("/app", methods=["GET", "POST"])
@router.api_route("/app/{rest:path}", methods=["GET", "POST"])
@router.api_route("/report/{rest:path}", methods=["GET", "POST"])
@router.api_route("/track/{_number}/{rest:path}", methods=["GET", "POST"])
async def no_such_page(rest: str = "", _number: str = "") -> Response:  # noqa: ARG001
    """Answer with a page that says so."""
    raise ServiceError(ErrorKind.NOT_FOUND, "没有这个页面", instead="请核对网址，或从首页进入")
