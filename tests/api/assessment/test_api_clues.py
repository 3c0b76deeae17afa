"""Clues do not exist for anybody but inspectors, whatever they send (R64)."""

import pytest

from claims.model.terms import Role
from tests.support.api.api_caller import Caller
from tests.support.claims.people import POWER

REQUESTS: list[tuple[str, str, bytes, str]] = [
    ("GET", "", b"", "application/json"),
    ("GET", "/0123abcd", b"", "application/json"),
    ("GET", "/ZZ!", b"", "application/json"),
    ("POST", "", b"{", "application/json"),
    ("POST", "", b"[]", "application/json"),
    ("POST", "", b"a=1", "text/plain"),
    ("POST", "/0123abcd/close", b"{}", "application/json"),
    ("POST", "/0123abcd", b"{}", "application/json"),
    ("PUT", "", b"", "application/json"),
    ("DELETE", "/0123abcd", b"", "application/json"),
    ("OPTIONS", "", b"", "application/json"),
]
OTHERS = [role for role in Role if role not in (Role.INSPECTOR, Role.CONSOLE)]


@pytest.mark.rule("R64")
@pytest.mark.parametrize("role", OTHERS)
async def test_the_address_of_clues_answers_others_as_one_that_does_not_exist(
    api: Caller, role: Role
) -> None:
    at = POWER if role in (Role.HANDLER, Role.HEAD) else ""
    at = "BB" if role is Role.ARBITER else at
    name = "山东拓岳精密铸造有限公司" if role is Role.ENTERPRISE else ""
    for method, path, body, media_type in REQUESTS:
        headers = {**api.headers(role, at, name), "Content-Type": media_type}
        clues, nowhere = [
            await api.http.request(method, f"{start}{path}", content=body, headers=headers)
            for start in ("/clues", "/nowhere")
        ]
        assert clues.status_code == nowhere.status_code == 404, (method, path, body)
        said, known = ({**answer.json(), "request_id": ""} for answer in (clues, nowhere))
        assert said == known, (method, path, body)
        assert clues.headers.keys() == nowhere.headers.keys()


@pytest.mark.rule("R64")
async def test_an_inspector_hears_what_is_wrong(api: Caller) -> None:
    headers = {**api.headers(Role.INSPECTOR), "Content-Type": "application/json"}
    broken = await api.http.post("/clues", content=b"{", headers=headers)
    assert broken.status_code == 422
    assert (await api.http.put("/clues", headers=headers)).status_code == 404
    assert (await api.get("/clues", Role.INSPECTOR)).json() == {"clues": []}
