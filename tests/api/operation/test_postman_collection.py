"""The Postman collection: every operation once, and its requests are ones that the API knows."""

import json
from collections import Counter
from typing import Any

import pytest

from api.postman_collection import collection_of, document_of_the_api
from claims.model.terms import Role
from tests.support.api.api_caller import Caller

DOCUMENT = document_of_the_api()
REQUESTS: list[dict[str, Any]] = [
    request["request"]
    for folder in json.loads(json.dumps(collection_of(DOCUMENT)))["item"]
    for request in folder["item"]
]


def documented() -> Counter[str]:
    paths = json.loads(json.dumps(DOCUMENT["paths"]))
    return Counter(f"{method.upper()} {path}" for path, methods in paths.items() for method in methods)


def path_of(request: dict[str, Any]) -> str:
    parts = [f"{{{part[1:]}}}" if part.startswith(":") else part for part in request["url"]["path"]]
    return "/" + "/".join(parts)


def test_every_operation_is_in_it_once_with_its_parameters() -> None:
    assert Counter(f"{one['method']} {path_of(one)}" for one in REQUESTS) == documented()
    for request in REQUESTS:
        named = {one["key"] for one in request["url"]["variable"]}
        assert named == {part[1:] for part in request["url"]["path"] if part.startswith(":")}


@pytest.mark.parametrize("request_sent", REQUESTS, ids=lambda one: f"{one['method']} {path_of(one)}")
async def test_what_it_sends_as_it_is_finds_a_route_and_its_method(
    api: Caller, request_sent: dict[str, Any]
) -> None:
    path = path_of(request_sent).replace("{", "x").replace("}", "")
    body = request_sent.get("body", {}).get("raw")
    query = {one["key"]: one["value"] for one in request_sent["url"]["query"] if not one["disabled"]}
    headers = {**api.headers(Role.SUPERVISOR), "Content-Type": "application/json"}
    answer = await api.http.request(
        request_sent["method"], path, params=query, content=body, headers=headers if body else None
    )
    assert answer.status_code not in (405, 500)
    if answer.status_code == 404:
        assert answer.json()["title"], "a route of ours says what was not found"


async def test_its_registration_is_one_that_the_api_takes(api: Caller) -> None:
    (request,) = (one for one in REQUESTS if one["method"] == "POST" and path_of(one) == "/claims")
    answer = await api.http.post(
        "/claims",
        content=request["body"]["raw"],
        headers=api.headers(Role.OPERATOR) | {"Content-Type": "application/json"},
    )
    assert answer.status_code == 201, answer.text
