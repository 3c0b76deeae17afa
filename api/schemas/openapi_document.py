"""The OpenAPI document as readers get it: all described in Chinese, with an example of each answer."""

from collections.abc import Iterator
from typing import Final, TypeGuard

from api.schemas.enum_descriptions import ENUM_DESCRIPTIONS
from api.schemas.field_descriptions import FIELD_DESCRIPTIONS
from api.schemas.schema_descriptions import SCHEMA_DESCRIPTIONS

Tree = dict[str, object]
DONE: Final = {"200": "已办理", "201": "已建立", "202": "已收下，尚未办完", "204": "已办理，没有内容"}
_UNDESCRIBED: Final = "Successful Response"
_BY_NAME: Final[Tree] = {
    "number": "QH202611240001",
    "claim": "QH202611240001",
    "unit": "ZZ-GD",
    "unit_name": "枣庄供电公司",
    "district": "QX-370481",
    "district_name": "滕州市",
    "enterprise": "枣庄样例机械有限公司",
    "contact": "王经理",
    "phone": "0632-5550001",
    "matter": "二期变压器已装好一个多月，供电验收排不上。",
    "due_text": "2026-11-30 24:00",
    "period": "2026-11",
    "rule": "R14",
    "request_id": "a-1",
    "calendar_version": "cn-5292fad78d40",
}
_BY_FORMAT: Final[Tree] = {"date-time": "2026-11-24T09:00:00+08:00", "date": "2026-11-24"}
_BY_TYPE: Final[Tree] = {"string": "", "integer": 1, "number": 1.0, "boolean": True, "null": None}
_DEEPEST: Final = 4


def complete(document: Tree) -> Tree:
    """Add to a document what its models and routes do not say themselves."""
    components = _tree(document.get("components"))
    schemas = _tree(components.get("schemas"))
    for name, schema in schemas.items():
        _describe_schema(_tree(schema), name)
        _describe_fields(_tree(schema))
    examples: Tree = {}
    for operation in _operations(document):
        _describe_parameters(operation)
        _describe_answers(operation, schemas, examples)
    components["examples"] = examples
    return document


def _is_tree(value: object) -> TypeGuard[Tree]:
    return isinstance(value, dict)


def _tree(value: object) -> Tree:
    return value if _is_tree(value) else {}


def _operations(document: Tree) -> Iterator[Tree]:
    for path in _tree(document.get("paths")).values():
        yield from filter(_is_tree, _tree(path).values())


def _describe_schema(schema: Tree, name: str) -> None:
    """Replace the docstring, which is for programmers."""
    if text := SCHEMA_DESCRIPTIONS.get(name) or ENUM_DESCRIPTIONS.get(name):
        schema["description"] = text


def _describe_fields(schema: Tree) -> None:
    for name, field in _tree(schema.get("properties")).items():
        _describe(_tree(field), name)


def _describe(place: Tree, name: str) -> None:
    if not place.get("description") and name in FIELD_DESCRIPTIONS:
        place["description"] = FIELD_DESCRIPTIONS[name]


def _describe_parameters(operation: Tree) -> None:
    found = operation.get("parameters")
    for parameter in found if isinstance(found, list) else []:
        _describe(_tree(parameter), str(_tree(parameter).get("name")))


def _describe_answers(operation: Tree, schemas: Tree, examples: Tree) -> None:
    for status, answer in _tree(operation.get("responses")).items():
        place = _tree(answer)
        if place.get("description") == _UNDESCRIBED:
            place["description"] = DONE[status]
        body = _tree(_tree(place.get("content")).get("application/json"))
        if not (schema := _tree(body.get("schema"))) or body.keys() & {"example", "examples"}:
            continue
        if name := str(schema.get("$ref", "")).rpartition("/")[2]:
            examples.setdefault(name, {"summary": name, "value": _example(schemas[name], schemas, name)})
            body["examples"] = {name: {"$ref": f"#/components/examples/{name}"}}
        else:
            body["example"] = _example(schema, schemas, "")


def _example(schema: object, schemas: Tree, name: str, depth: int = 0) -> object:
    """Return a value that the schema allows; nothing of lists and choices that lie too deep."""
    given = _tree(schema)
    if ref := str(given.get("$ref", "")):
        return _example(schemas[ref.rpartition("/")[2]], schemas, name, depth)
    for key in ("example", "default", "const"):
        if key in given:
            return given[key]
    for key in ("examples", "enum"):
        if isinstance(options := given.get(key), list) and options:
            return options[0]
    if isinstance(choices := given.get("anyOf", given.get("allOf")), list):
        return _example(choices[-1] if depth >= _DEEPEST else choices[0], schemas, name, depth)
    return _value(given, schemas, name, depth)


def _value(given: Tree, schemas: Tree, name: str, depth: int) -> object:
    match given.get("type"):
        case "object":
            fields = _tree(given.get("properties")) if depth < _DEEPEST else {}
            return {one: _example(field, schemas, one, depth + 1) for one, field in fields.items()}
        case "array":
            return [_example(given.get("items"), schemas, name, depth + 1)] if depth < _DEEPEST else []
        case "string" if str(given.get("format")) in _BY_FORMAT:
            return _BY_FORMAT[str(given["format"])]
        case "string" if name in _BY_NAME:
            return _BY_NAME[name]
        case kind:
            return _BY_TYPE.get(str(kind))
