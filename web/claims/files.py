"""Files of a claim: uploading them, and looking at them."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Number, Used
from documents.media_types import ENDINGS, MediaType
from records.attachments import Attachment
from service_layer.attachments.attachment_access import open_attachment
from service_layer.errors import ErrorKind, ServiceError
from web.claims.acting import keep_file
from web.http.forms import files
from web.http.page_route import page_router, see_other

router = page_router()

_SHOWN: dict[str, str] = {
    MediaType.PNG: "default-src 'none'; sandbox",
    MediaType.JPEG: "default-src 'none'; sandbox",
    MediaType.PDF: "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'",
}
"""What a browser shows itself, and what it may load for that; everything else is saved."""


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
    """The file itself: shown where that is harmless, else saved."""
    found, content = await open_attachment(services, id, actor)
    return Response(content, media_type=found.media_type, headers=_headers(found))


def _headers(found: Attachment) -> dict[str, str]:
    ending = ENDINGS[MediaType(found.media_type)][0]
    how = "inline" if found.media_type in _SHOWN else "attachment"
    name = f"filename=\"{found.id}{ending}\"; filename*=UTF-8''{quote(found.file_name, safe='')}"
    return {
        "Content-Disposition": f"{how}; {name}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": _SHOWN.get(found.media_type, "default-src 'none'; sandbox"),
    }
