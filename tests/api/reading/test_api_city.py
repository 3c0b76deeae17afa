"""The city's data are changed by two people, with a date and a reason (R12, R14)."""

from typing import Any

import httpx
import pytest

from claims.model.terms import Role
from tests.support.api.api_caller import Caller

pytestmark = pytest.mark.rule("R12", "R14")

TEXT = {"id": "CY-001", "action": "reply", "text": "已约定上门。", "effective_from": "2026-11-24"}


async def post(api: Caller, path: str, body: dict[str, Any], role: Role, name: str) -> httpx.Response:
    return await api.http.post(path, json=body, headers=api.headers(role, "", name))


async def proposed(api: Caller, kind: str, content: dict[str, Any], **more: str) -> httpx.Response:
    body = {"request_id": "r-1", "reason": "常用", "content": content, **more}
    return await post(api, f"/city/{kind}", body, Role.ADMIN, "管宁")


async def decided(api: Caller, id: str, name: str = "何平", *, approve: bool = True) -> httpx.Response:
    return await post(api, f"/city/changes/{id}/decide", {"approve": approve}, Role.COORDINATOR, name)


async def entries(api: Caller, kind: str) -> list[dict[str, Any]]:
    answer = await api.get(f"/city/{kind}", Role.ADMIN)
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


async def test_a_text_is_in_force_when_a_second_person_has_approved_it(api: Caller) -> None:
    first = await proposed(api, "standard-text", TEXT)
    assert (first.status_code, first.json()["state_name"]) == (201, "待核准")
    assert (await proposed(api, "standard-text", TEXT)).json()["id"] == first.json()["id"]
    other = await proposed(api, "standard-text", {**TEXT, "text": "另一句"})
    assert other.status_code == 409
    assert await entries(api, "standard-text") == []
    assert (await decided(api, first.json()["id"])).json()["decider"] == "何平"
    assert [one["id"] for one in await entries(api, "standard-text")] == ["CY-001"]
    assert (await decided(api, first.json()["id"])).status_code == 409


async def test_nobody_approves_what_they_proposed(api: Caller) -> None:
    id = (await proposed(api, "standard-text", TEXT)).json()["id"]
    answer = await post(api, f"/city/changes/{id}/decide", {"approve": True}, Role.ADMIN, "管宁")
    assert (answer.status_code, "自己核准" in answer.text) == (403, True)


async def test_what_was_refused_or_begins_later_changes_nothing(api: Caller) -> None:
    article = next(one for one in await entries(api, "knowledge") if one["id"] == "KB-001")
    id = (await proposed(api, "knowledge", {**article, "title": "改了"})).json()["id"]
    await decided(api, id, approve=False)
    later = {**article, "title": "以后", "effective_from": "2099-01-01"}
    id = (await proposed(api, "knowledge", later, request_id="r-2")).json()["id"]
    await decided(api, id)
    assert article in await entries(api, "knowledge")


async def test_an_approved_entry_is_suggested(api: Caller) -> None:
    entry = {**(await entries(api, "directory"))[0], "id": "PD-900", "matter": "飞艇停泊"}
    id = (await proposed(api, "directory", {**entry, "keywords": ["飞艇停泊"]})).json()["id"]
    await decided(api, id)
    found = await api.get("/directory/suggest", Role.OPERATOR, text="飞艇停泊在哪里办理")
    assert "PD-900" in found.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"unit": "没有的单位"}, "unit"),
        ({"unit": "市司法局" * 9}, "unit"),
        ({"matter": " "}, "matter"),
        ({"effective_from": "不是日期"}, "effective_from"),
        ({"wings": 2}, "wings"),
    ],
)
async def test_what_is_wrong_is_named(api: Caller, change: dict[str, Any], field: str) -> None:
    entry = (await entries(api, "directory"))[0]
    answer = await proposed(api, "directory", {**entry, **change})
    assert (answer.status_code, field in answer.text) == (422, True)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.AUDITOR, Role.ENTERPRISE])
async def test_others_change_nothing(api: Caller, role: Role) -> None:
    body = {"request_id": "r-1", "reason": "常用", "content": TEXT}
    assert (await post(api, "/city/standard-text", body, role, "某人")).status_code == 403
    assert (await api.get("/city/standard-text", role)).status_code == 403
