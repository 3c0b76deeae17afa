"""The Postman collection: every operation once, with valid requests."""

import json
from collections import Counter
from typing import Any

import httpx
import pytest

from api.postman_collection import collection_of, document_of_the_api
from claims.model.terms import Role
from tests.support.api.api_caller import Caller

Request = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Request:
    """The API's document."""
    return dict(document_of_the_api())


@pytest.fixture(scope="module")
def requests(document: Request) -> list[Request]:
    """Return the collection's requests."""
    folders = json.loads(json.dumps(collection_of(document)))["item"]
    return [request["request"] for folder in folders for request in folder["item"]]


def path_of(request: Request) -> str:
    parts = [f"{{{part[1:]}}}" if part.startswith(":") else part for part in request["url"]["path"]]
    return "/" + "/".join(parts)


def test_every_operation_is_in_it_once_with_its_parameters(
    document: Request, requests: list[Request]
) -> None:
    paths = json.loads(json.dumps(document["paths"]))
    documented = Counter(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)
    assert Counter(f"{one['method']} {path_of(one)}" for one in requests) == documented
    for request in requests:
        named = {one["key"] for one in request["url"]["variable"]}
        assert named == {part[1:] for part in request["url"]["path"] if part.startswith(":")}


async def test_what_it_sends_as_it_is_finds_a_route_and_its_method(
    api: Caller, requests: list[Request]
) -> None:
    for request in requests:
        answer = await sent(api, request)
        name = f"{request['method']} {path_of(request)}"
        assert answer.status_code not in (405, 500), name
        if answer.status_code == 404:
            assert answer.json()["title"], f"{name}: a route of ours says what was not found"


async def sent(api: Caller, request: Request) -> httpx.Response:
    """Send a request of the collection unchanged."""
    path = path_of(request).replace("{", "x").replace("}", "")
    body = request.get("body", {}).get("raw")
    query = {one["key"]: one["value"] for one in request["url"]["query"] if not one["disabled"]}
    headers = {**api.headers(Role.SUPERVISOR), "Content-Type": "application/json"}
    return await api.http.request(
        request["method"], path, params=query, content=body, headers=headers if body else None
    )


async def test_its_registration_is_one_that_the_api_takes(api: Caller, requests: list[Request]) -> None:
    (request,) = (one for one in requests if one["method"] == "POST" and path_of(one) == "/claims")
    answer = await api.http.post(
        "/claims",
        content=request["body"]["raw"],
        headers=api.headers(Role.OPERATOR) | {"Content-Type": "application/json"},
    )
    assert answer.status_code == 201, answer.text
