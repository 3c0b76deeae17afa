"""Files of a claim: uploading them, and looking at them."""

from typing import Annotated, Final

from fastapi import Path, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Number, Used
from api.http.downloads import attachment_response
from documents.uploads.media_types import MediaType
from service_layer.attachments.attachment_access import open_attachment
from service_layer.errors import ErrorKind, ServiceError
from web.claims.form_submission import keep_file
from web.http.forms import files
from web.http.page_route import page_router, see_other

router = page_router()

_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"
_SHOWN: Final[dict[str, str]] = {
    MediaType.PNG: f"{_NOTHING}; sandbox",
    MediaType.JPEG: f"{_NOTHING}; sandbox",
    MediaType.PDF: f"{_NOTHING}; object-src 'self'; style-src 'unsafe-inline'",
}
"""Types that a browser displays, and the resources allowed for that; all others are saved."""


@router.post("/app/claims/{number}/files")
async def upload_files(request: Request, number: Number) -> Response:
    """Files of a claim, chosen on its page."""
    chosen = files(await request.form())
    if not chosen:
        raise ServiceError(ErrorKind.INVALID, "没有选择文件", instead="请返回工单页选择文件")
    for one in chosen:
        await keep_file(request, number, one)
    return see_other(f"/app/claims/{number}#h-files")


@router.get("/app/attachments/{id}")
async def read_file(id: Annotated[str, Path(max_length=200)], services: Used, actor: Caller) -> Response:
    """Return the file itself: shown where that is harmless, else saved."""
    found, content = await open_attachment(services, id, actor)
    policy = _SHOWN.get(found.media_type, f"{_NOTHING}; sandbox")
    return attachment_response(found, content, policy=policy, inline=found.media_type in _SHOWN)
