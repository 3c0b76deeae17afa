"""The API as a Postman collection (2.1), from its own OpenAPI document: `make postman` writes it to `build/`.

Set the collection's variables `base_url` and `token` (`zaoying token --role …`), and every request can be sent as it is; those
with parts of a path or optional parameters have them under Params.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from pydantic import JsonValue

from api.app import create_app
from runtime.settings import Settings

Tree = dict[str, JsonValue]

SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
METHODS: Final = ("get", "post", "put", "patch", "delete")


def collection_of(document: Tree) -> Tree:
    """Return the collection of an OpenAPI document: a folder for each tag, a request for each operation."""
    folders: dict[str, list[JsonValue]] = {}
    for path, method, operation in _operations(document):
        tags = operation.get("tags")
        tag = str(tags[0]) if isinstance(tags, list) and tags else "其他"
        folders.setdefault(tag, []).append(_request(document, path, method, operation))
    info = _tree(document["info"])
    return {
        "info": {
            "name": info["title"],
            "version": info["version"],
            "description": info.get("description", ""),
            "schema": SCHEMA,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
        "variable": [
            {"key": "base_url", "value": "http://127.0.0.1:8080"},
            {"key": "token", "value": ""},
        ],
        "item": [{"name": tag, "item": requests} for tag, requests in folders.items()],
    }


def _operations(document: Tree) -> Iterator[tuple[str, str, Tree]]:
    for path, methods in _tree(document["paths"]).items():
        for method in METHODS:
            if method in _tree(methods):
                yield path, method, _tree(_tree(methods)[method])


def _request(document: Tree, path: str, method: str, operation: Tree) -> Tree:
    given = operation.get("parameters")
    parameters = [_tree(one) for one in given] if isinstance(given, list) else []
    parts = [f":{part[1:-1]}" if part.startswith("{") else part for part in path.strip("/").split("/")]
    query: list[JsonValue] = [
        _parameter(one) | {"disabled": not one.get("required")} for one in parameters if one["in"] == "query"
    ]
    request: Tree = {
        "method": method.upper(),
        "description": operation.get("description", ""),
        "header": [],
        "url": {
            "raw": "{{base_url}}/" + "/".join(parts),
            "host": ["{{base_url}}"],
            "path": cast("JsonValue", parts),
            "query": query,
            "variable": [_parameter(one) for one in parameters if one["in"] == "path"],
        },
    }
    if body := _body(document, operation):
        request["body"] = body
    return {"name": operation.get("summary", path), "request": request}


def _parameter(parameter: Tree) -> Tree:
    example = parameter.get("example", _tree(parameter.get("schema", {})).get("default", ""))
    value = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
    return {"key": parameter["name"], "value": value, "description": parameter.get("description", "")}


def _body(document: Tree, operation: Tree) -> Tree:
    content = _tree(_tree(operation.get("requestBody", {})).get("content", {}))
    if "multipart/form-data" in content:
        schema = _tree(_tree(content["multipart/form-data"]).get("schema", {}))
        fields = _tree(_resolved(document, schema).get("properties", {}))
        form: list[JsonValue] = [
            {"key": name, "type": "file" if _is_file(_tree(field)) else "text", "value": ""}
            for name, field in fields.items()
        ]
        return {"mode": "formdata", "formdata": form}
    if "application/json" not in content:
        return {}
    media = _tree(content["application/json"])
    example = _example_of(document, media)
    if isinstance(example, dict) and "request_id" in example:
        example = example | {"request_id": "{{$guid}}"}
    raw = json.dumps(example, ensure_ascii=False, indent=2)
    return {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}


def _example_of(document: Tree, media: Tree) -> JsonValue:
    """Return the documented example of a body; without one, its required fields."""
    for example in _tree(media.get("examples", {})).values():
        return _tree(example).get("value")
    if "example" in media:
        return media["example"]
    return _sample(document, _tree(media.get("schema", {})))


def _sample(document: Tree, schema: Tree) -> JsonValue:
    schema = _resolved(document, schema)
    if known := [schema[key] for key in ("example", "default", "const") if key in schema]:
        return known[0]
    if isinstance(values := schema.get("enum") or schema.get("examples"), list) and values:
        return values[0]
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(choices := schema.get(key), list) and choices:
            return _sample(document, _tree(choices[0]))
    kind = str(schema.get("type", ""))
    return _sample_of_object(document, schema) if kind == "object" else _EMPTY.get(kind, "")


_EMPTY: Final[Mapping[str, JsonValue]] = {"array": [], "integer": 0, "number": 0, "boolean": False}


def _sample_of_object(document: Tree, schema: Tree) -> Tree:
    required = cast("Sequence[str]", schema.get("required", []))
    fields = _tree(schema.get("properties", {}))
    return {name: _sample(document, _tree(fields[name])) for name in required if name in fields}


def _is_file(schema: Tree) -> bool:
    return schema.get("format") == "binary" or "contentMediaType" in schema


def _resolved(document: Tree, schema: Tree) -> Tree:
    while isinstance(reference := schema.get("$ref"), str):
        found: JsonValue = document
        for part in reference.removeprefix("#/").split("/"):
            found = _tree(found)[part]
        schema = _tree(found)
    return schema


def _tree(value: JsonValue | Mapping[str, JsonValue]) -> Tree:
    return cast("Tree", value) if isinstance(value, dict) else {}


def document_of_the_api() -> Tree:
    """Return the OpenAPI document of this version."""
    with tempfile.TemporaryDirectory() as home:
        return cast("Tree", create_app(Settings(home=Path(home))).openapi())


def main() -> None:
    """Write the collection."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    file: Path = parser.parse_args().file
    file.parent.mkdir(parents=True, exist_ok=True)
    collection = collection_of(document_of_the_api())
    file.write_text(json.dumps(collection, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"{file}")


if __name__ == "__main__":
    main()
