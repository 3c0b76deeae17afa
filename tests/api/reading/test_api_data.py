"""The city's data over HTTP: calendar, deadlines, directory, knowledge and units."""

import pytest

from claims.model.terms import Role
from records.database.engine import Records
from tests.support.api.api_caller import Caller
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER, TENGZHOU, TENGZHOU_HOUSING, WATER
from tests.support.dates import iso
from tests.support.records.recorded_claims import keep


@pytest.mark.rule("R1", "R2", "R3")
async def test_a_deadline_is_explained_day_by_day(api: Caller) -> None:
    answer = await api.get(
        "/deadlines/explain", Role.HANDLER, at=POWER, start="2026-02-13T10:00:00+08:00", days=10
    )
    found = answer.json()
    assert {"last_day", "due_at", "provisional", "calendar_version", "days"} <= found.keys()
    assert (found["last_day"], found["due_at"]) == (iso("Thu 2026-03-05"), "2026-03-05T16:00:00Z")
    assert found["days"][0] == {
        "date": "2026-02-13",
        "counted": False,
        "n": None,
        "why": "工作日；起算当日不计",
    }
    assert [day["n"] for day in found["days"] if day["counted"]] == list(range(1, 11))


@pytest.mark.parametrize(
    ("start", "days", "rule"),
    [
        ("2026-02-13T10:00:00", 10, "R2"),
        ("2026-02-13", 10, "R2"),
        ("昨天", 10, "R2"),
        ("2026-02-13T10:00:00+08:00", 0, "R2"),
        ("2026-02-13T10:00:00+08:00", -1, "R2"),
        ("2026-02-13T10:00:00+08:00", 100_000, "R2"),
        ("1900-02-13T10:00:00+08:00", 1, "R1"),
        ("9999-12-31T23:59:59-12:00", 1, "R2"),
        ("2026-02-13T10:00:00+08:00", "9" * 5000, "R2"),
        ("2026-02-13T10:00:00+08:00", "ten", "R2"),
    ],
)
async def test_a_deadline_that_cannot_be_counted_is_422(
    api: Caller, start: str, days: object, rule: str
) -> None:
    answer = await api.get("/deadlines/explain", Role.OPERATOR, start=start, days=days)
    assert (answer.status_code, answer.json()["rule"]) == (422, rule)


async def test_a_plus_that_was_not_encoded_is_explained(api: Caller) -> None:
    path = "/deadlines/explain?start=2026-02-13T10:00:00+08:00&days=10"
    answer = await api.http.get(path, headers=api.headers(Role.OPERATOR))
    assert (answer.status_code, "网址中的加号须写成 %2B" in answer.json()["instead"]) == (422, True)


@pytest.mark.rule("R1")
async def test_a_year_lists_days_off_and_make_up_days_with_names(api: Caller) -> None:
    year = (await api.get("/calendar/2026", Role.OPERATOR)).json()
    assert year.keys() == {"year", "provisional", "version", "days_off", "make_up_days"}
    assert (year["year"], year["provisional"]) == (2026, False)
    assert "2026-02-14" in [day["date"] for day in year["make_up_days"]]
    assert {day["name"] for day in year["days_off"]} >= {"元旦", "春节"}
    assert (await api.get("/calendar/2030", Role.OPERATOR)).json()["provisional"] is True


@pytest.mark.parametrize("year", ["1999", "9999", "-1", "0", "99999999999999999999"])
async def test_a_year_outside_the_calendar_is_422(api: Caller, year: str) -> None:
    answer = await api.get(f"/calendar/{year}", Role.OPERATOR)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/calendar/2026", "/deadlines/explain", "/units", "/knowledge", "/metrics"])
async def test_the_citys_data_needs_a_token(api: Caller, path: str) -> None:
    assert (await api.get(path)).status_code == 401


@pytest.mark.rule("R14")
async def test_the_directory_suggests_units_with_reasons(api: Caller) -> None:
    found = (
        await api.get("/directory/suggest", Role.OPERATOR, text="变压器验收后一直不送电", district="滕州市")
    ).json()
    assert found["candidates"][0]["unit"] == POWER
    assert all(candidate["reasons"] for candidate in found["candidates"])
    assert found["hints"] == []


@pytest.mark.rule("R53")
async def test_the_directory_suggests_no_unit_that_is_complained_of(api: Caller) -> None:
    asked = {"text": "变压器验收后一直不送电", "district": "滕州市", "complained_of": POWER}
    found = (await api.get("/directory/suggest", Role.OPERATOR, **asked)).json()["candidates"]
    assert POWER not in {unit for one in found for unit in (one["unit"], *one["co_units"])}
    answer = await api.get("/directory/suggest", Role.OPERATOR, text="停电", complained_of="无此单位")
    assert (answer.status_code, answer.json()["rule"]) == (422, "R14")


@pytest.mark.rule("R13")
async def test_matters_for_another_door_are_hinted_at(api: Caller) -> None:
    found = (await api.get("/directory/suggest", Role.HANDLER, at=POWER, text="合同纠纷已向法院起诉")).json()
    assert [hint["kind"] for hint in found["hints"]] == ["诉讼"]


async def test_an_unknown_district_is_422(api: Caller) -> None:
    answer = await api.get("/directory/suggest", Role.OPERATOR, text="停电", district="济南市")
    assert (answer.status_code, answer.json()["rule"]) == (422, "R14")


@pytest.mark.rule("R12")
async def test_the_knowledge_base_is_searched(api: Caller) -> None:
    found = (await api.get("/knowledge", Role.OPERATOR, q="研发费用加计扣除预缴能享受吗")).json()
    assert found["articles"][0]["article"] == "KB-001"


@pytest.mark.parametrize("path", ["/directory/suggest?text=停电", "/knowledge?q=停电", "/metrics"])
async def test_enterprises_do_not_read_the_platforms_own_pages(api: Caller, path: str) -> None:
    answer = await api.http.get(path, headers=api.headers(Role.ENTERPRISE, name="甲公司"))
    assert answer.status_code == 403


async def test_all_units_are_listed(api: Caller) -> None:
    units = (await api.get("/units", Role.COORDINATOR)).json()["units"]
    assert len(units) == 173
    power = next(unit for unit in units if unit["id"] == POWER)
    assert (power["short"], power["handles"], power["counts"]["open"]) == ("枣庄供电公司", True, 0)


@pytest.mark.rule("R31", "R33")
async def test_a_unit_shows_its_lights_to_those_entitled(api: Caller, records: Records) -> None:
    paper = Paper().dispatched(POWER)
    paper.until("Sat 2026-11-28 09:00")
    keep(records, paper)
    unit = (await api.get(f"/units/{POWER}", Role.HANDLER, at=POWER)).json()
    assert {"number", "colour", "limit", "at"} <= unit["lights"][0].keys()
    assert unit["counts"]["yellow"] == sum(light["colour"] == "yellow" for light in unit["lights"])
    hidden = (await api.get(f"/units/{POWER}", Role.HANDLER, at=WATER)).json()
    assert (hidden["lights"], hidden["counts"]) == (None, None)


@pytest.mark.rule("R21")
async def test_a_district_reads_the_units_below_it(api: Caller) -> None:
    unit = (await api.get(f"/units/{TENGZHOU_HOUSING}", Role.HANDLER, at=TENGZHOU)).json()
    assert (unit["lights"], unit["accountable"], unit["path"][1]) == ([], TENGZHOU, TENGZHOU)


async def test_an_unknown_unit_is_404(api: Caller) -> None:
    assert (await api.get("/units/ZZ-NONE", Role.OPERATOR)).status_code == 404
