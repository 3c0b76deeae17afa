"""`/assessments`: a period's draft from recorded claims. Sums and scores are calculated by hand in
`tests/unit/assessment/test_hand_calculated_month.py`; those without exclusions are calculated again below.
"""

import pytest

from claims.model.terms import Colour, LimitKind, Role
from claims.model.unit_account import AccountLight, UnitAccount
from records.accounts import write_account
from records.database.engine import Records
from tests.api.assessment.conftest import set_clock
from tests.support.api.api_caller import Caller
from tests.support.claims.people import POWER, TENGZHOU, TENGZHOU_HOUSING, WATER
from tests.support.dates import beijing, iso

Line = dict[str, object]
NOVEMBER = "/assessments/2026-11"
CITY = (Role.COORDINATOR, Role.INSPECTOR, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)


async def read(api: Caller, role: Role = Role.COORDINATOR, *, at: str = "") -> dict[str, object]:
    answer = await api.get(NOVEMBER, role, at=at)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def lines(api: Caller, role: Role = Role.COORDINATOR, *, at: str = "") -> dict[str, Line]:
    units = (await read(api, role, at=at))["units"]
    assert isinstance(units, list)
    return {line["unit"]: line for line in units}


def figure(line: Line, measure: str) -> tuple[object, object]:
    measures = line["measures"]
    assert isinstance(measures, dict)
    return measures[measure]["n"], measures[measure].get("of")


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("unit", "valid", "penalty", "bonus", "score", "band", "rank"),
    [
        # 15×9/13 + 10×11/12 + 25×12/13 + 20×9/12 + 30×9/10 = 84.6282; −24.50, +0.50: QH16 and QH17 count
        ("ZZ-GD", 14, "24.50", "0.50", "60.63", "合格", 1),
        ("ZZ-SWJ", 6, "0.00", "0.00", "91.00", "优秀", 2),
        ("ZZ-ZJJ", 5, "0.50", "0.00", "99.50", "优秀", 1),
        ("QX-370481", 5, "1.00", "0.00", "96.00", "优秀", 1),
        ("QX-370403", 5, "1.00", "0.00", "96.00", "优秀", 1),
        ("QX-370404", 1, "0.00", "0.00", None, None, None),
    ],
)
async def test_a_draft_has_the_scores_of_the_pocket_calculator(
    api: Caller, unit: str, valid: int, penalty: str, bonus: str, score: str | None, band: str, rank: int
) -> None:
    line = (await lines(api))[unit]
    found = [line[name] for name in ("valid_claims", "penalty", "bonus", "score", "band", "rank")]
    assert found == [valid, penalty, bonus, score, band, rank]


@pytest.mark.rule("R60")
async def test_a_figure_is_n_of_m_with_its_claims_and_a_count_has_no_m(api: Caller) -> None:
    line = (await lines(api))["ZZ-GD"]
    found = {name: figure(line, name) for name in ("contact", "completion", "resolved", "yellow", "red")}
    assert found == {
        "contact": (9, 13),
        "completion": (12, 13),
        "resolved": (9, 12),
        "yellow": (5, None),
        "red": (2, None),
    }
    measures = line["measures"]
    assert isinstance(measures, dict)
    assert measures["red"] == {"name": "红灯", "n": 2, "claims": ["QH04", "QH16"]}
    assert measures["completion"]["lost"] == ["QH16"]
    assert len(measures["completion"]["claims"]) == 13


@pytest.mark.rule("R61")
async def test_the_trace_adds_up_to_the_score_and_names_rule_and_claims(api: Caller) -> None:
    line = (await lines(api))["ZZ-GD"]
    trace = line["trace"]
    assert isinstance(trace, list)
    cents = [round(float(each["points"]) * 100) for each in trace]
    assert sum(cents) == 6063
    assert {
        "rule": "R32",
        "points": "-6.00",
        "text": "红灯2次，每次扣3分",
        "claims": ["QH04", "QH16"],
    } in trace


@pytest.mark.rule("R62")
async def test_a_draft_says_what_it_is_and_has_the_same_hash_twice(api: Caller) -> None:
    found, again = await read(api), await read(api)
    heading = {name: found[name] for name in ("period", "edition", "status", "scheme", "published_at")}
    assert heading == {
        "period": "2026-11",
        "edition": 1,
        "status": "draft",
        "scheme": "R61",
        "published_at": None,
    }
    assert found["hash"] == again["hash"]
    assert len(str(found["hash"])) == 64


@pytest.mark.rule("R60")
async def test_the_platforms_own_delays_stand_beside_the_units(api: Caller) -> None:
    platform = (await read(api))["platform"]
    assert isinstance(platform, list)
    late = {each["kind"]: (each["n"], each["of"], each["claims"]) for each in platform if each["n"]}
    assert late == {"call-back": (1, 40, ["QH28"]), "dispatch": (1, 40, ["QH28"])}


@pytest.mark.rule("R37")
async def test_a_light_that_only_the_units_account_revoked_does_not_count(
    api: Caller, records: Records
) -> None:
    before = (await lines(api))["QX-370481"]
    measures = before["measures"]
    assert isinstance(measures, dict)
    [number] = measures["yellow"]["claims"]
    account = UnitAccount(unit="QX-370481")
    light = f"{number}/1/0/contact/yellow"
    account.lights[light] = AccountLight(
        id=light,
        number=number,
        unit="QX-370481",
        unit_name="滕州市",
        colour=Colour.YELLOW,
        limit=LimitKind.CONTACT,
        dispatch=1,
        round=0,
        at=beijing("Mon 2026-11-09 00:00"),
        revoked=True,
    )
    write_account(records, account, ())
    after = (await lines(api))["QX-370481"]
    assert (before["score"], after["score"]) == ("96.00", "97.00")


@pytest.mark.rule("§1", "R62")
@pytest.mark.parametrize("role", CITY)
async def test_the_citys_readers_see_every_unit(api: Caller, role: Role) -> None:
    assert {"ZZ-GD", "ZZ-SWJ", "ZZ-ZJJ", "QX-370481"} <= (await lines(api, role)).keys()


@pytest.mark.rule("§1", "R62")
@pytest.mark.parametrize("role", [Role.HANDLER, Role.HEAD])
@pytest.mark.parametrize(
    ("unit", "shown"),
    [(POWER, {POWER}), (WATER, {WATER}), (TENGZHOU, {TENGZHOU}), (TENGZHOU_HOUSING, set())],
)
async def test_a_unit_sees_its_own_line_alone(api: Caller, role: Role, unit: str, shown: set[str]) -> None:
    found = await read(api, role, at=unit)
    assert (await lines(api, role, at=unit)).keys() == shown
    assert [found[name] for name in ("districts", "groups", "platform")] == [[], [], []]


@pytest.mark.rule("R60", "R62")
async def test_a_unit_sees_every_claim_behind_every_figure(api: Caller) -> None:
    found = (await api.get(f"{NOVEMBER}/units/{POWER}", Role.HEAD, at=POWER)).json()
    for measure, figure in found["unit"]["measures"].items():
        rows = [row for row in found["facts"] if row["measure"] == measure and row["counted"]]
        assert figure["claims"] == sorted({row["claim"] for row in rows})
        assert figure["n"] == sum(row["n"] for row in rows)
        assert figure.get("of", 0) == sum(row["of"] for row in rows)
    [returned] = [row for row in found["facts"] if (row["claim"], row["measure"]) == ("QH07", "contact")]
    assert (returned["counted"], returned["rule"]) == (False, "R15")
    assert returned["why"].startswith("退单成立，改派")


@pytest.mark.rule("§1", "R62")
@pytest.mark.parametrize(
    ("unit", "at", "status"),
    [(POWER, POWER, 200), (POWER, WATER, 404), (TENGZHOU, TENGZHOU_HOUSING, 404), ("ZZ-XX", POWER, 404)],
)
async def test_another_units_rows_are_404(api: Caller, unit: str, at: str, status: int) -> None:
    assert (await api.get(f"{NOVEMBER}/units/{unit}", Role.HANDLER, at=at)).status_code == status


@pytest.mark.rule("§1")
@pytest.mark.parametrize("path", ["/assessments", NOVEMBER, f"{NOVEMBER}/units/{POWER}"])
@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.OPERATOR, Role.CALLER, Role.ARBITER])
async def test_whom_drafts_are_not_for_is_refused(api: Caller, path: str, role: Role) -> None:
    answer = await api.get(path, role, called="某企业")
    assert (answer.status_code, answer.json()["rule"]) == (403, "§1")


@pytest.mark.parametrize("path", ["/assessments", NOVEMBER, f"{NOVEMBER}/units/{POWER}"])
async def test_the_public_is_401(api: Caller, path: str) -> None:
    assert (await api.get(path)).status_code == 401


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    "period", ["2026-13", "2026-00", "2026-Q5", "2026-h1", "26-11", "十一月", "2026-11-01"]
)
async def test_a_malformed_period_is_422(api: Caller, period: str) -> None:
    answer = await api.get(f"/assessments/{period}", Role.COORDINATOR)
    assert (answer.status_code, answer.json()["rule"]) == (422, "R62")


@pytest.mark.rule("R62")
@pytest.mark.parametrize("period", ["2026-12", "2027-Q1", "2027-H1", "2027"])
async def test_a_period_that_has_not_begun_is_409(
    api: Caller, monkeypatch: pytest.MonkeyPatch, period: str
) -> None:
    set_clock(monkeypatch, beijing("Mon 2026-11-30 23:59"))
    answer = await api.get(f"/assessments/{period}", Role.COORDINATOR)
    assert (answer.status_code, answer.json()["rule"]) == (409, "R62")
    assert "尚无考核数据" in answer.json()["detail"]


@pytest.mark.rule("R62")
async def test_a_longer_period_waits_for_its_published_months(api: Caller) -> None:
    answer = await api.get("/assessments/2026-Q4", Role.COORDINATOR)
    assert (answer.status_code, answer.json()["rule"]) == (409, "R62")
    assert answer.json()["detail"] == "2026-Q4由各月通报汇总，2026-10、2026-11、2026-12的通报尚未公布"


@pytest.mark.rule("R62")
async def test_an_edition_that_does_not_exist_is_404(api: Caller) -> None:
    assert (await api.get(NOVEMBER, Role.COORDINATOR, edition=1)).status_code == 200
    answer = await api.get(NOVEMBER, Role.COORDINATOR, edition=2)
    assert (answer.status_code, answer.json()["rule"]) == (404, "R62")
    assert (await api.get(NOVEMBER, Role.COORDINATOR, editon=1)).status_code == 422


@pytest.mark.rule("R62")
async def test_the_list_names_the_months_since_the_first_claim_newest_first(api: Caller) -> None:
    found = (await api.get("/assessments", Role.HEAD, at=POWER)).json()["assessments"]
    shown = [(each["period"], each["status"], each["publication_day"]) for each in found]
    assert shown == [
        ("2026-12", "draft", iso("Fri 2027-01-08")),  # 1 January is off
        ("2026-11", "draft", iso("Mon 2026-12-07")),
        ("2026-10", "draft", iso("Fri 2026-11-06")),
    ]


@pytest.mark.rule("R62")
async def test_a_month_without_claims_is_an_empty_draft(api: Caller) -> None:
    found = (await api.get("/assessments/2026-05", Role.COORDINATOR)).json()
    assert [found[name] for name in ("status", "units", "districts", "platform")] == ["draft", [], [], []]


@pytest.mark.rule("R62", "§1")
@pytest.mark.parametrize("claim", ["QH04", "QH99"])
async def test_an_objection_for_another_unit_does_not_tell_whether_it_has_the_claim(
    api: Caller, claim: str
) -> None:
    body = {"request_id": "o", "unit": POWER, "claim": claim, "reason": "另有情况"}
    answer = await api.post(f"{NOVEMBER}/object", body, Role.HEAD, at=WATER)
    assert (answer.status_code, answer.json()["rule"]) == (403, "R62")


@pytest.mark.parametrize(
    ("path", "role", "rule"),
    [("/claims/QH04/exclusion", Role.HEAD, "R65"), ("/meetings", Role.COORDINATOR, "R63")],
)
async def test_an_incomplete_body_cites_the_rule_of_its_address(
    api: Caller, path: str, role: Role, rule: str
) -> None:
    answer = await api.post(path, {"request_id": "x"}, role, at=POWER if role is Role.HEAD else "")
    assert (answer.status_code, answer.json()["rule"]) == (422, rule)


@pytest.mark.rule("R62")
@pytest.mark.parametrize("period", ["2099-01", "2099-Q1", "2099"])
async def test_a_period_that_has_not_ended_is_not_started(api: Caller, period: str) -> None:
    answer = await api.post(f"/assessments/{period}/start", {"request_id": "s-1"}, Role.COORDINATOR)
    assert (answer.status_code, answer.json()["rule"]) == (409, "R62")
    assert "尚不能考核" in answer.json()["detail"]
