"""Files that a browser saves under their own names."""

from urllib.parse import quote

from fastapi.responses import Response


def saved_as(name: str, content: bytes, media_type: str) -> Response:
    """A file to be saved; its name may be Chinese."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)
