"""Files that a browser saves under their own names."""

from urllib.parse import quote

from fastapi.responses import Response

from documents.uploads.media_types import ENDINGS, MediaType
from records.attachments import Attachment


def content_disposition(name: str, *, plain: str = "", inline: bool = False) -> str:
    """RFC 6266: the name by RFC 5987, as it may be Chinese, after a plain one for old programs where there is one."""
    kind = "inline" if inline else "attachment"
    old = f'filename="{plain}"; ' if plain else ""
    return f"{kind}; {old}filename*=UTF-8''{quote(name, safe='')}"


def saved_as(name: str, content: bytes, media_type: str) -> Response:
    """Return a file to be saved."""
    headers = {"Content-Disposition": content_disposition(name), "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


def attachment_response(found: Attachment, content: bytes, *, policy: str, inline: bool = False) -> Response:
    """Return an uploaded file. `policy`: the Content-Security-Policy under which a browser may show it."""
    plain = f"{found.id}{ENDINGS[MediaType(found.media_type)][0]}"
    headers = {
        "Content-Disposition": content_disposition(found.file_name, plain=plain, inline=inline),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": policy,
    }
    return Response(content, media_type=found.media_type, headers=headers)
