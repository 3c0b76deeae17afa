"""Units renamed or merged within a period or after it (R61, R62)."""

from datetime import date
from typing import Any

import pytest

from assessment.cases.model import CaseKind, CaseRecord
from assessment.meetings.model import Followed, MeetingState
from claims.model.terms import Role
from records.cases.writer import write_case
from records.database.engine import Records
from tests.api.assessment.conftest import set_clock
from tests.support.api.api_caller import Caller
from tests.support.claims.people import HOUSING, WATER
from tests.support.dates import beijing

pytestmark = pytest.mark.rule("R61", "R62")

NOVEMBER = "/assessments/2026-11"


async def changed(api: Caller, unit: str, **fields: object) -> None:
    """Change a unit from today on, by two people."""
    known = (await api.get("/city/units", Role.ADMIN)).json()["entries"]
    [before] = [one for one in known if one["id"] == unit]
    content = {**before, **fields}
    body = {"request_id": f"u-{unit}-{len(fields)}", "content": content, "reason": "机构改革"}
    proposed = await api.post("/city/units", body, Role.ADMIN)
    assert proposed.status_code == 201, proposed.text
    path = f"/city/changes/{proposed.json()['id']}/decide"
    decided = await api.post(path, {"approve": True}, Role.COORDINATOR)
    assert decided.status_code == 200, decided.text


async def merged_into_housing(api: Caller) -> None:
    """Transfer the water bureau's directory entries, then merge the bureau."""
    for entry in (await api.get("/city/directory", Role.ADMIN)).json()["entries"]:
        names = {entry["unit"], *entry["co_units"]}
        if not names & {"市城乡水务局", WATER}:
            continue
        co_units = [one for one in entry["co_units"] if one != "市城乡水务局"]
        unit = "市住建局" if entry["unit"] == "市城乡水务局" else entry["unit"]
        content = {**entry, "unit": unit, "co_units": [one for one in co_units if one != unit]}
        body = {"request_id": f"d-{entry['id']}", "content": content, "reason": "机构改革"}
        proposed = (await api.post("/city/directory", body, Role.ADMIN)).json()
        path = f"/city/changes/{proposed['id']}/decide"
        await api.post(path, {"approve": True}, Role.COORDINATOR)
    await changed(api, WATER, merged_into=HOUSING, roles=[])


async def test_a_later_name_changes_no_bulletin_of_before(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def bulletin() -> str:
        answer = await api.get(f"{NOVEMBER}/bulletin", Role.COORDINATOR, format="html")
        assert answer.status_code == 200, answer.text
        return answer.text

    before = await bulletin()
    assert "枣庄市城乡水务局" in before
    set_clock(monkeypatch, beijing("Wed 2026-12-09 09:00"))
    await changed(api, WATER, name="枣庄市水务局", short="市水务局")
    known: list[dict[str, Any]] = (await api.get("/city/units", Role.ADMIN)).json()["entries"]
    assert "市水务局" in {one["short"] for one in known}
    assert await bulletin() == before


async def test_a_name_of_within_the_month_stands_in_the_bulletin_beside_the_former_one(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, beijing("Mon 2026-11-30 09:00"))
    await changed(api, WATER, name="枣庄市水务局", short="市水务局")
    set_clock(monkeypatch, beijing("Mon 2026-12-07 09:00"))
    answer = await api.get(f"{NOVEMBER}/bulletin", Role.COORDINATOR, format="html")
    assert "枣庄市水务局的数据含派给市城乡水务局的诉求。" in answer.text
    assert "枣庄市城乡水务局" not in answer.text


async def test_a_unit_that_was_merged_is_told_who_answers_for_it(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, beijing("Mon 2026-11-30 09:00"))
    await merged_into_housing(api)
    set_clock(monkeypatch, beijing("Mon 2026-12-07 09:00"))
    body = {"request_id": "o-1", "unit": WATER, "claim": "QH18", "reason": "系统原因"}
    for answer in (
        await api.get(f"{NOVEMBER}/units/{WATER}", Role.HEAD, at=WATER),
        await api.post(f"{NOVEMBER}/object", body, Role.HEAD, at=WATER),
    ):
        told = answer.json()
        assert (answer.status_code, told["rule"]) == (409, "R61")
        assert told["detail"] == "市城乡水务局在2026-11-30前已并入市住建局，其工单计入市住建局的考核"
        assert told["instead"] == "请由市住建局查看和提出异议"
    line = (await api.get(f"{NOVEMBER}/units/{HOUSING}", Role.HEAD, at=HOUSING)).json()["unit"]
    assert line["former_names"] == ["市城乡水务局"]


@pytest.mark.rule("R63")
async def test_a_later_name_changes_no_minutes_of_before(
    api: Caller, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = Followed(id="m-1-1", text="逐件销号", unit=WATER, until=date(2026, 12, 20))
    held_at = beijing("Mon 2026-12-07 09:00")
    meeting = MeetingState(id="m-1", seq=2, period="2026-11", held_at=held_at, followed=(item,))
    state = meeting.model_dump(mode="json")
    write_case(records, CaseRecord(kind=CaseKind.MEETING, id="m-1", seq=2, at=held_at, state=state))

    async def minutes() -> bytes:
        answer = await api.get("/meetings/m-1/paper", Role.COORDINATOR, minutes=True)
        assert answer.status_code == 200, answer.text
        return answer.content

    before = await minutes()
    set_clock(monkeypatch, beijing("Wed 2026-12-09 09:00"))
    await changed(api, WATER, name="枣庄市水务局", short="市水务局")
    assert await minutes() == before
