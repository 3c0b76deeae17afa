"""Extreme dates in every input: 422, or an answer if the day itself is valid."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from claims.model.terms import Role
from tests.support.api.api_caller import Caller
from tests.support.claims.people import POWER

Json = dict[str, Any]

ENDS: Final = (
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
    "1899-12-31T00:00:00+08:00",
)
DAYS: Final = ("0001-01-01", "9999-12-31")
BY_HAND: Final = {"start", "since", "until", "at"}
"""Texts that routes parse themselves."""
FILLED: Final = {
    "number": "QH202611240001",
    "unit_id": POWER,
    "period": "2026-11",
    "id": "a",
    "request_id": "r-1",
    "revision": "1",
    "days": "5",
    "seq": "1",
    "channel": "app",
    "meeting": "m-1",
    "clue": "c-1",
}


def formats(schema: Mapping[str, object]) -> set[str]:
    options = [schema, *_maps(schema.get("anyOf")), *_maps(schema.get("oneOf"))]
    return {str(one["format"]) for one in options if "format" in one}


def _maps(found: object) -> list[Mapping[str, object]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def queries(document: Json) -> Iterator[tuple[str, str, str]]:
    """Yield each address with each parameter that is an instant or a day, and each extreme."""
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            found, name = formats(parameter["schema"]), parameter["name"]
            if parameter["in"] == "query" and (found & {"date", "date-time"} or name in BY_HAND):
                yield from ((path, name, end) for end in (*ENDS, *DAYS))


def places(schema: object, document: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of instants and days in a body; a number stands for the first item of a list."""
    if not isinstance(schema, dict) or len(path) > 8:
        return
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        yield from places(document["components"]["schemas"][name], document, path)
    if schema.get("format") in ("date", "date-time"):
        yield path
    for name, one in schema.get("properties", {}).items():
        yield from places(one, document, (*path, name))
    for one in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from places(one, document, path)
    yield from places(schema.get("items"), document, (*path, "0"))


async def test_no_query_with_a_date_at_the_end_of_time_is_an_error_of_ours(api: Caller) -> None:
    document = (await api.get("/openapi.json")).json()
    tried = 0
    for path, name, end in queries(document):
        address = path.format(**FILLED) if "{" in path else path
        params = {name: end, "days": "5"} if name == "start" else {name: end}
        for role in (Role.AUDITOR, Role.COORDINATOR, Role.ADMIN):
            answer = await api.get(address, role, **params)
            assert answer.status_code < 500, (path, name, end, answer.text)
            tried += 1
    assert tried > 100


@pytest.mark.parametrize("year", ["0", "1", "1900", "9999", "10000", "99999999999999999999", "-1"])
async def test_no_year_of_the_calendar_is_an_error_of_ours(api: Caller, year: str) -> None:
    assert (await api.get(f"/calendar/{year}", Role.AUDITOR)).status_code == 422


@pytest.mark.parametrize("days", ["0", "-1", "100000", "99999999999999999999"])
@pytest.mark.parametrize("start", ["2026-02-13T10:00:00+08:00", "2099-12-31T10:00:00+08:00"])
async def test_no_limit_is_too_long_to_be_refused(api: Caller, start: str, days: str) -> None:
    assert (await api.get("/deadlines/explain", Role.AUDITOR, start=start, days=days)).status_code == 422


async def test_no_body_with_a_date_at_the_end_of_time_is_an_error_of_ours(api: Caller) -> None:
    document = (await api.get("/openapi.json")).json()
    number = (await api.register()).json()["number"]
    tried = 0
    for path, operations in document["paths"].items():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {})
        media = content.get("application/json", {})
        for place in set(places(media.get("schema"), document)):
            for end in (*ENDS, *DAYS):
                body = _example(media, document)
                _put(body, place, end)
                address = path.format(**{**FILLED, "number": number})
                for role in (Role.CALLER, Role.HANDLER, Role.COORDINATOR, Role.SUPERVISOR, Role.OPERATOR):
                    answer = await api.post(address, body, role, at=POWER if role is Role.HANDLER else "")
                    assert answer.status_code in (401, 403, 404, 409, 422, 429, 503), (
                        path,
                        place,
                        end,
                        answer.text,
                    )
                    assert answer.status_code != 503 or "流程引擎" in answer.text, (path, place, end)
                    tried += 1
    assert tried > 100


def _example(media: Json, document: Json) -> Json:
    for example in media.get("examples", {}).values():
        return {**example["value"]}
    return {"request_id": "r-1"}


def _put(body: Json, place: tuple[str, ...], value: str) -> None:
    """Set the value at its path, creating missing parts."""
    here: object = body
    for step, following in zip(place, (*place[1:], ""), strict=True):
        made: object = value if not following else ([] if following == "0" else {})
        if isinstance(here, list):
            here[:] = [here[0] if here and following else made]
            here = here[0]
        elif isinstance(here, dict):
            if not following or not isinstance(here.get(step), list | dict):
                here[step] = made
            here = here[step]


@pytest.mark.parametrize("period", ["0001-01", "0000-13", "9999-12", "1899-12"])
async def test_no_period_of_the_assessment_is_an_error_of_ours(api: Caller, period: str) -> None:
    assert (await api.get(f"/assessments/{period}", Role.COORDINATOR)).status_code in (404, 409, 422)


@pytest.mark.parametrize("period", [*DAYS, "0001-W01", "9999-W52", "1999-12-31", "２０２６-11-24"])
async def test_a_brief_at_the_ends_of_time_is_422(api: Caller, period: str) -> None:
    assert (await api.get(f"/briefs/{period}", Role.COORDINATOR)).status_code == 422
