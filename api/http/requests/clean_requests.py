"""Requests whose texts are normalised before anything reads them: bodies, parameters and paths."""

from collections.abc import Mapping
from typing import Self
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from pydantic import JsonValue

from api.http.problems import Kind, Problem
from claims.text.normalisation import UnreadableText, checked, clean, clean_json


class CleanRequest(Request):
    """A request without characters that cannot be seen (`claims.text.normalisation`)."""

    @classmethod
    def of(cls, request: Request) -> Self:
        """Return the same request, with its parameters clean; its body is when it is read."""
        scope = {**request.scope, "query_string": _clean_query(request.scope.get("query_string", b""))}
        if isinstance(parameters := scope.get("path_params"), Mapping):
            scope["path_params"] = {
                name: clean(value) if isinstance(value, str) else value for name, value in parameters.items()
            }
        found = cls(scope, request.receive)
        found.read_before = request
        return found

    read_before: Request
    """The request as it came, whose body may have been read already."""

    async def body(self) -> bytes:
        """As it came."""
        return await self.read_before.body()

    async def json(self) -> JsonValue:
        """Return the body, its texts clean. Its form was checked before (`api.http.requests.request_limits`)."""
        content: JsonValue = await self.read_before.json()
        return clean_json(content)


def _clean_query(query: bytes) -> bytes:
    """Return the same parameters with clean texts; the query as it is where all of it is plain. Raises a 422
    problem.
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    try:
        cleaned = [(checked(name), checked(value)) for name, value in pairs]
    except UnreadableText as error:
        raise Problem(Kind.INVALID, str(error)) from error
    return query if cleaned == pairs else urlencode(cleaned).encode()
