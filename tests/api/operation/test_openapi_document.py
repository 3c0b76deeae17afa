"""The OpenAPI document is complete and in Chinese, readable without knowledge of the system."""

import asyncio
import re
import warnings
from collections.abc import Iterator
from threading import Event
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic.warnings import UnsupportedFieldAttributeWarning

from api.app import create_app
from api.document import install, prepare_early
from runtime.settings import Settings
from tests.support.polling import PATIENCE, until

Json = dict[str, Any]
_CHINESE = re.compile("[一-鿿]")
_BEGINS_CHINESE = re.compile("[一-鿿《]")
_FOR_PROGRAMS = {
    "ArchiveEntry.status",
    "AuditView.origin",
    "Finding.kind",
    "LimitExplained.kind",
    "Line.kind",
    "MeetingState.stage",
    "AgendaItem.kind",
    "OutcomeView.status",
    "RequestOutcome.status",
    "Ready.status",
    "Recipient.channels",
}
"""Codes for programs, next to a Chinese text with the same meaning."""
_OF_TEMPORAL = "get /audit/claims/{number}/history"
"""Its response is written by Temporal."""
_PLURALS = {"allowed_actions": "allowed_action_names", "roles": "role_names", "reasons": "reason_names"}


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


def test_every_schema_is_described_in_chinese_and_every_code_has_its_name(document: Json) -> None:
    schemas = document["components"]["schemas"]
    english = [
        name for name, about in schemas.items() if not _BEGINS_CHINESE.match(about.get("description", ""))
    ]
    assert english == []
    nameless = [
        f"{name}.{code}"
        for name, about in schemas.items()
        for code in about.get("enum", ())
        if str(code).isascii()
        and name not in {"ClaimSort", "Format"}
        and not re.search(rf"(：| · ){re.escape(str(code))} [^ ]*[一-鿿WE]", about["description"])
    ]
    assert nameless == []


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
        body = content["application/json"]
        assert body.keys() & {"example", "examples"} or name == _OF_TEMPORAL, name
        for one in body.get("examples", {}).values():
            assert examples[one["$ref"].rpartition("/")[2]]["value"], name
    claim = examples["ClaimView"]["value"]
    assert (claim["number"], claim["limits"][0]["unit_name"]) == ("QH202611240001", "枣庄供电公司")


def test_codes_have_their_names_beside_them(document: Json) -> None:
    schemas = document["components"]["schemas"]
    bare = {
        f"{schema}.{field}"
        for schema in answered(document)
        for field, about in schemas[schema].get("properties", {}).items()
        if any(code.isascii() for code in codes(about, schemas))
        and _PLURALS.get(field, f"{field}_name") not in schemas[schema]["properties"]
    }
    assert bare == _FOR_PROGRAMS


def answered(document: Json) -> set[str]:
    """Return the schemas used in responses."""
    found: set[str] = set()
    waiting = [op.get("responses", {}) for _, op in operations(document)]
    while waiting:
        for name in set(references(waiting.pop())) - found:
            found.add(name)
            waiting.append(document["components"]["schemas"][name])
    return found


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        reference = str(part.get("$ref", ""))
        if reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from references(inner)


def codes(about: Json, schemas: Json) -> list[str]:
    """Return the values of an enumeration, or of a list of them."""
    own = [str(value) for value in about.get("enum", ())]
    parts = [part for key in ("anyOf", "allOf", "oneOf") for part in about.get(key, ())]
    parts += [schemas[name] for name in [str(about.get("$ref", "")).rpartition("/")[2]] if name in schemas]
    parts += [about["items"]] if isinstance(about.get("items"), dict) else []
    return own + [code for part in parts for code in codes(part, schemas)]


async def test_nobody_waits_while_the_document_is_made_and_it_is_made_once() -> None:
    app, made = FastAPI(), 0
    plain, is_made, may_go_on = app.openapi, Event(), Event()

    @app.get("/quick")
    async def quick() -> str:
        return "here"

    def slow() -> Json:
        nonlocal made
        made += 1
        is_made.set()
        assert may_go_on.wait(PATIENCE)
        return {"components": {"schemas": {}}, **plain()}

    app.openapi = slow  # type: ignore[method-assign]
    install(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as http:
        asked = [asyncio.create_task(http.get("/openapi.json")) for _ in range(2)]
        await until(is_made.is_set)
        assert (await http.get("/quick")).json() == "here"
        assert not any(task.done() for task in asked)
        may_go_on.set()
        first, second = await asyncio.gather(*asked)
    assert first.content == second.content
    assert "/quick" in first.json()["paths"]
    assert made == 1


async def test_the_document_is_made_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    app, is_made = FastAPI(), Event()
    monkeypatch.setattr(app, "openapi", is_made.set)
    prepare_early(app, after=0)
    await until(is_made.is_set)


def test_what_two_threads_do_at_once_writes_no_warning_into_the_log() -> None:
    prepare_early(FastAPI(), after=0)
    warnings.warn(
        "which is an error here unless it is ignored", UnsupportedFieldAttributeWarning, stacklevel=1
    )
