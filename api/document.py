"""The API's document, `/openapi.json`. It takes seconds of processor time, so it is made once, in the background."""

import asyncio
import json
import warnings
from collections.abc import Callable, Mapping
from threading import Lock, Timer
from typing import Final

from fastapi import FastAPI
from fastapi.responses import Response
from pydantic.json_schema import models_json_schema
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.requests import Request

from api.http import problems
from api.schemas.openapi_document import complete

PATH: Final = "/openapi.json"
_START_SECONDS: Final = 20.0


class Document:
    """The document of an app. A request that arrives while it is being made waits for it."""

    def __init__(self, make: Callable[[], dict[str, object]]) -> None:
        self._make = make
        self._lock = Lock()
        self._made: dict[str, object] | None = None
        self._written = b""

    def __call__(self) -> dict[str, object]:
        """Return the document; FastAPI calls this."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
                self._written = json.dumps(self._made, ensure_ascii=False).encode()
            return self._made

    def written(self) -> bytes:
        """As it is sent."""
        self()
        return self._written


def install(app: FastAPI) -> None:
    """Complete the app's document, and serve it without keeping other requests waiting."""
    document = Document(_completed(app.openapi))
    # FastAPI's documented way to extend it.
    app.openapi = document  # type: ignore[method-assign]

    async def read_document(_: Request) -> Response:
        return Response(await asyncio.to_thread(document.written), media_type="application/json")

    app.router.routes[:] = [route for route in app.router.routes if getattr(route, "path", "") != PATH]
    app.add_route(PATH, read_document, include_in_schema=False)


def prepare_early(app: FastAPI, *, after: float = _START_SECONDS) -> None:
    """Make the document before most requests for it. `after`: seconds; a program that has just started has more urgent
    work, and a request that comes earlier has it made."""
    # FastAPI ignores this warning while it makes a field. If two threads do, one ends the other's filter, and the
    # log gets a line that is not JSON.
    warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
    timer = Timer(after, app.openapi)
    timer.name, timer.daemon = "api-document", True
    timer.start()


def _completed(plain: Callable[[], dict[str, object]]) -> Callable[[], dict[str, object]]:
    """Routes name the problem's schema; FastAPI only adds those of its own models, and describes nothing twice."""

    def make() -> dict[str, object]:
        document = plain()
        _, definitions = models_json_schema(
            [(problems.ProblemBody, "serialization")], ref_template="#/components/schemas/{model}"
        )
        schemas = _schemas(document)
        for name, schema in definitions["$defs"].items():
            schemas.setdefault(name, schema)
        return complete(document)

    return make


def _schemas(document: Mapping[str, object]) -> dict[str, object]:
    components = document["components"]
    assert isinstance(components, dict)
    schemas: dict[str, object] = components["schemas"]
    return schemas
