"""Periods that wait for re-interviews: who sees what (R62)."""

import pytest

from claims.model.terms import Role
from records.database.engine import Records
from tests.support.api.api_caller import Caller
from tests.support.assessment.pending_periods import keep_quarter, keep_year
from tests.support.claims.people import POWER, WATER

pytestmark = pytest.mark.rule("R62")

QUARTER = "/assessments/2026-Q4"


@pytest.mark.parametrize("role", [Role.CALLER, Role.COORDINATOR, Role.AUDITOR])
async def test_the_hotline_reads_whom_to_ask_again(api: Caller, records: Records, role: Role) -> None:
    assert (await api.get("/reinterviews", role)).json() == {"samples": []}
    keep_quarter(records)
    keep_year(records)
    [sample] = (await api.get("/reinterviews", role)).json()["samples"]
    waiting = [(one["unit"], one["unit_name"], one["claim"]) for one in sample.pop("missing")]
    assert waiting == [(POWER, "枣庄供电公司", "QH02"), (WATER, "市城乡水务局", "QH03")]
    assert sample == {"period": "2026-Q4", "seed": "5eed", "drawn": 3, "answered": 1}


async def test_a_long_sample_is_read_from_its_beginning(api: Caller, records: Records) -> None:
    keep_quarter(records)
    [sample] = (await api.get("/reinterviews", Role.CALLER, limit=1)).json()["samples"]
    assert ([one["claim"] for one in sample["missing"]], sample["answered"]) == (["QH02"], 1)
    for wrong in (0, 201):
        assert (await api.get("/reinterviews", Role.CALLER, limit=wrong)).status_code == 422


@pytest.mark.rule("§1")
@pytest.mark.parametrize("role", [Role.HANDLER, Role.HEAD, Role.ENTERPRISE, Role.OPERATOR, Role.ARBITER])
async def test_units_and_enterprises_do_not_know_whom_the_hotline_asks(
    api: Caller, records: Records, role: Role
) -> None:
    keep_quarter(records)
    unit = POWER if role in (Role.HANDLER, Role.HEAD) else ""
    answer = await api.get("/reinterviews", role, at=unit, called="某企业")
    assert (answer.status_code, "QH02" in answer.text) == (403, False)
    assert "QH02" not in (await api.get(QUARTER, role, at=unit, called="某企业")).text


async def test_a_quarter_that_asks_shows_its_sample_and_no_figure(api: Caller, records: Records) -> None:
    keep_quarter(records)
    found = (await api.get(QUARTER, Role.COORDINATOR)).json()
    assert (found["stage"], found["status"], found["hash"], found["units"]) == ("asking", "draft", "", [])
    assert found["sample"] == {POWER: ["QH01", "QH02"], WATER: ["QH03"]}
    assert found["missing"] == {POWER: ["QH02"], WATER: ["QH03"]}
    assert found["unpointed"] == []
    for path in (f"{QUARTER}/units/{POWER}", f"{QUARTER}/bulletin"):
        assert (await api.get(path, Role.COORDINATOR)).status_code == 409, path
    assert (await api.get(QUARTER, Role.COORDINATOR, edition=2)).status_code == 409


async def test_a_year_that_asks_names_the_units_without_points(api: Caller, records: Records) -> None:
    keep_year(records)
    found = (await api.get("/assessments/2026", Role.COORDINATOR)).json()
    assert found["unpointed"] == [
        {"unit": POWER, "unit_name": "枣庄供电公司"},
        {"unit": WATER, "unit_name": "市城乡水务局"},
    ]
