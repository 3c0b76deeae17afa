"""Style sheets and scripts: our own, and those of packages, served under one path from where they are installed."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from api.http.problems import Kind, Problem

router = APIRouter(include_in_schema=False)

_OWN: Final = Path(__file__).parent.parent / "static"
_KEPT: Final = "public, max-age=31536000, immutable"


def _of_package(package: str, path: str) -> Path:
    """Return a file in an installed package, found without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package {package} is not installed")
    return Path(spec.origin).parent / path


ASSETS: Final[Mapping[str, Path]] = MappingProxyType(
    {
        "bootstrap.css": _of_package("bootstrap_wrapper", "../bootstrap/css/bootstrap.min.css"),
        "htmx.js": _of_package("js_lib_htmx", "static/htmx/htmx.min.js"),
        "pages.css": _OWN / "pages.css",
        "pages.js": _OWN / "pages.js",
        "emblem.svg": _OWN / "emblem.svg",
    }
)
"""Every file that pages use, by its name."""


@cache
def asset_url(name: str) -> str:
    """Return an asset's address, which changes with its content."""
    digest = hashlib.sha256(ASSETS[name].read_bytes()).hexdigest()
    return f"/static/{name}?{digest[:12]}"


@router.get("/static/{name}")
async def read_asset(name: str) -> Response:
    """Return one of the assets; browsers keep it."""
    if name not in ASSETS:
        raise Problem(Kind.NOT_FOUND, "没有这个文件")
    return FileResponse(ASSETS[name], headers={"Cache-Control": _KEPT})
