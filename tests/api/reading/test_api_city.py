"""The city's data are changed by two people, with a date and a reason (R12, R14)."""

from typing import Any

import httpx
import pytest

from activities.organisation import organisation_on
from claims.model.terms import Role
from records.database.engine import Records
from tests.support.api.api_caller import Caller
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER, WATER
from tests.support.dates import beijing, day
from tests.support.records.recorded_claims import keep

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


async def test_a_field_that_an_entry_does_not_have_is_named_with_the_nearest(api: Caller) -> None:
    answer = await proposed(api, "standard-text", {**TEXT, "efective_to": "2026-12-31"})
    assert answer.status_code == 422
    assert "没有名为 efective_to 的字段，是否想填 effective_to？" in answer.text
    assert await entries(api, "standard-text") == []


@pytest.mark.rule("R60")
async def test_an_article_is_not_reviewed_in_the_future(api: Caller) -> None:
    article = next(one for one in await entries(api, "knowledge") if one["id"] == "KB-001")
    answer = await proposed(api, "knowledge", {**article, "reviewed_on": "2099-01-01"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "reviewed_on")


async def test_what_was_refused_or_begins_later_changes_nothing(api: Caller) -> None:
    article = next(one for one in await entries(api, "knowledge") if one["id"] == "KB-001")
    id = (await proposed(api, "knowledge", {**article, "title": "改了"})).json()["id"]
    await decided(api, id, approve=False)
    later = {**article, "title": "以后", "effective_from": "2099-01-01"}
    id = (await proposed(api, "knowledge", later, request_id="r-2")).json()["id"]
    await decided(api, id)
    assert article in await entries(api, "knowledge")


@pytest.mark.rule("R62")
async def test_a_change_that_is_approved_late_is_in_force_from_then_on(
    api: Caller, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No change takes effect in a past month, whose figures may be published."""
    [unit] = [one for one in await entries(api, "units") if one["id"] == WATER]
    renamed = {**unit, "name": "枣庄市水务局", "short": "市水务局"}
    monkeypatch.setattr("service_layer.city.changes.now", lambda: beijing("Fri 2026-11-27 09:00"))
    id = (await proposed(api, "units", renamed)).json()["id"]
    monkeypatch.setattr("service_layer.city.changes.now", lambda: beijing("Tue 2026-12-01 09:00"))
    assert (await decided(api, id)).json()["in_force_from"] == "2026-12-01"
    november, december = (organisation_on(records, day(on)) for on in ("Mon 2026-11-30", "Tue 2026-12-01"))
    assert (november.get(WATER).short, december.get(WATER).short) == ("市城乡水务局", "市水务局")


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


async def unit_of(api: Caller, id: str) -> dict[str, Any]:
    return next(one for one in await entries(api, "units") if one["id"] == id)


async def changed(api: Caller, kind: str, content: dict[str, Any], request_id: str) -> httpx.Response:
    """Propose and approve a change; return the refusal of the proposal, if any."""
    answer = await proposed(api, kind, content, request_id=request_id)
    return await decided(api, answer.json()["id"]) if answer.status_code == 201 else answer


async def test_a_renamed_unit_is_found_by_both_names_and_old_claims_keep_theirs(
    api: Caller, records: Records
) -> None:
    paper = Paper().dispatched(WATER)
    keep(records, paper)
    unit = await unit_of(api, WATER)
    answer = await changed(api, "units", {**unit, "name": "枣庄市水利局", "short": "市水利局"}, "r-1")
    assert answer.status_code == 200, answer.text
    assert (await unit_of(api, WATER))["short"] == "市水利局"
    claim = (await api.get(f"/claims/{paper.claim.number}", Role.SUPERVISOR)).json()
    assert claim["dispatches"][-1]["unit_name"] == unit["short"]
    matter = next(one for one in await entries(api, "directory") if one["unit"] == unit["short"])
    found = await api.get("/directory/suggest", Role.OPERATOR, text=matter["keywords"][0])
    assert "市水利局" in found.text
    assert (await api.get("/inbox", Role.HANDLER, at=WATER)).status_code == 200


@pytest.mark.rule("R54", "R61", "R65")
async def test_a_merged_unit_is_dispatched_to_no_more_and_ends_what_it_has(
    api: Caller, records: Records
) -> None:
    paper = Paper().dispatched(WATER)
    keep(records, paper)
    claim = f"/claims/{paper.claim.number}"
    assert (await api.get(claim, Role.HEAD, at=POWER)).status_code == 404
    unit = await unit_of(api, WATER)
    merged = {**unit, "merged_into": POWER, "roles": []}
    refused = await changed(api, "units", merged, "r-1")
    assert (refused.status_code, "派单目录还派给该单位" in refused.text) == (422, True)
    names = {unit["id"], unit["name"], unit["short"]}
    power = (await unit_of(api, POWER))["short"]
    for n, entry in enumerate(await entries(api, "directory")):
        if names & {entry["unit"], *entry["co_units"]}:
            others = [power if one in names else one for one in entry["co_units"]]
            moved = {**entry, "unit": power if entry["unit"] in names else entry["unit"], "co_units": others}
            assert (await changed(api, "directory", moved, f"d-{n}")).status_code == 200
    assert (await changed(api, "units", merged, "r-2")).status_code == 200
    assert (await api.get("/inbox", Role.HANDLER, at=WATER)).status_code == 200
    await sees_without_contacts(api, paper)  # it is accountable for the claim (R61)
    chained = {**await unit_of(api, "ZZ-SFJ"), "merged_into": WATER, "roles": []}
    assert (await changed(api, "units", chained, "r-3")).status_code == 422


async def sees_without_contacts(api: Caller, paper: Paper) -> None:
    """Check that a merged unit's successor sees the claim, but nowhere whose it is (R54)."""
    order, claim = paper.claim.order, f"/claims/{paper.claim.number}"
    view = (await api.get(claim, Role.HEAD, at=POWER)).json()
    assert (view["masked"], view["phone"] != order.phone, view["contact"] != order.contact) == (True,) * 3
    for path in (
        claim,
        f"{claim}/journal",
        f"{claim}/exclusion",
        "/claims",
        "/inbox",
        "/exports/claims?format=csv",
    ):
        answer = await api.get(path, Role.HEAD, at=POWER)
        assert answer.status_code == 200, (path, answer.text)
        assert [word for word in (order.phone, order.contact) if word in answer.text] == [], path
    body = {"request_id": "x", "unit": POWER, "reason": "policy", "text": "政策所限", "evidence": ["none"]}
    applied = await api.post(f"{claim}/exclusion", body, Role.HEAD, at=POWER)
    assert (applied.status_code, applied.json()["rule"]) == (
        422,
        "R65",
    )  # it may apply, with existing papers


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parent": "没有"}, "parent"),
        ({"parent": None}, "parent"),
        ({"short": "市司法局"}, "short"),
        ({"merged_into": "没有", "roles": []}, "merged_into"),
        ({"merged_into": "ZZ-GD"}, "roles"),
        ({"name": " "}, "name"),
        ({"effective_to": "2030-01-01"}, "effective_to"),
    ],
)
async def test_units_stay_one_tree(api: Caller, change: dict[str, Any], field: str) -> None:
    answer = await proposed(api, "units", {**await unit_of(api, WATER), **change})
    assert (answer.status_code, f'"{field}"' in answer.text) == (422, True), answer.text


async def test_two_changes_that_fit_alone_are_not_approved_together(api: Caller) -> None:
    same = {"name": "同名", "short": "同名局"}
    ids = [
        (await proposed(api, "units", {**await unit_of(api, id), **same}, request_id=id)).json()["id"]
        for id in (WATER, "ZZ-SFJ")
    ]
    assert [(await decided(api, id)).status_code for id in ids] == [200, 422]
