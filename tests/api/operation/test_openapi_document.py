"""The OpenAPI document is whole and in Chinese: what a reader who knows nothing of the system finds in it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from runtime.settings import Settings

Json = dict[str, Any]
_CHINESE = re.compile("[一-鿿]")
_NAMED = {
    "ClaimSummary": ("stage", "category", "channel", "light"),
    "ClaimView": ("stage", "category", "channel", "enterprise_status"),
    "LightView": ("colour", "limit"),
    "LetterView": ("limit",),
    "LimitView": ("kind", "status"),
    "UnitLight": ("colour", "limit"),
    "Duplicate": ("stage",),
    "WorkItem": ("stage", "category", "light"),
}
"""Codes that people read, with their names beside them."""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Json:
    return create_app(Settings(home=tmp_path_factory.mktemp("document"))).openapi()


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            yield f"{method} {path}", operation


def test_every_field_is_described(document: Json) -> None:
    schemas = document["components"]["schemas"].items()
    bare = [
        f"{name}.{field}"
        for name, schema in schemas
        for field, about in schema.get("properties", {}).items()
        if not _CHINESE.search(about.get("description", "") + about.get("title", ""))
    ]
    assert bare == []


def test_every_operation_parameter_answer_and_tag_is_described(document: Json) -> None:
    bare = []
    tags = {tag["name"] for tag in document["tags"] if _CHINESE.search(tag["description"])}
    for name, operation in operations(document):
        parts = [operation, *operation.get("parameters", ()), *operation["responses"].values()]
        bare += [name for part in parts if not _CHINESE.search(part.get("description", ""))]
        bare += [name for tag in operation["tags"] if tag not in tags]
    assert bare == []


def test_answers_have_examples(document: Json) -> None:
    examples = document["components"]["examples"]
    for name, operation in operations(document):
        if "application/json" not in (content := operation["responses"].get("200", {}).get("content", {})):
            continue
        for one in content["application/json"].get("examples", {}).values():
            assert examples[one["$ref"].rpartition("/")[2]]["value"], name
    claim = examples["ClaimView"]["value"]
    assert (claim["number"], claim["limits"][0]["unit_name"]) == ("QH202611240001", "枣庄供电公司")


@pytest.mark.parametrize("schema", _NAMED)
def test_codes_have_their_names_beside_them(document: Json, schema: str) -> None:
    fields = document["components"]["schemas"][schema]["properties"]
    assert [code for code in _NAMED[schema] if f"{code}_name" not in fields] == []
