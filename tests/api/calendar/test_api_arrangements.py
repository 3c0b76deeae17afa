"""Publishing a calendar over HTTP while Temporal is down: refusals, and the calendar in force."""

from datetime import timedelta

import pytest

from claims.model.terms import Role
from records.database.engine import Records
from runtime.settings import Settings
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.calendars import NEW_YEAR, calendar_with, correction
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER
from tests.support.dates import day, iso
from tests.support.records.recorded_claims import keep

PATH = "/calendar/arrangements"
SATURDAYS = [str(day("Sat 2027-01-09") + timedelta(weeks=n)) for n in range(21)]


def body(request_id: str = "a1", **changes: object) -> dict[str, object]:
    return {"request_id": request_id, **NEW_YEAR, **changes}


@pytest.mark.rule("R1")
async def test_a_published_arrangement_is_in_force_at_once_in_every_process(
    api: Caller, settings: Settings
) -> None:
    before = (await api.get("/calendar/2027", Role.OPERATOR)).json()
    async with calling(settings) as other:
        answer = await api.post(PATH, body(), Role.COORDINATOR)
        told = answer.json()
        assert (answer.status_code, told["version"]) == (201, calendar_with(NEW_YEAR).version)
        assert answer.headers["location"] == told["status_url"] == f"/calendar/updates/{told['version']}"
        assert (told["previous_version"], told["settled_years"]) == (before["version"], [2027])
        assert {"date": "2027-01-04", "was": "工作日（暂定）", "becomes": "节假日放假"} in told[
            "changed_days"
        ]
        for process in (api, other):
            year = (await process.get("/calendar/2027", Role.OPERATOR)).json()
            assert (year["provisional"], year["version"]) == (False, told["version"])
            found = await process.get(
                "/deadlines/explain", Role.HANDLER, at=POWER, start="2026-12-24T10:00:00+08:00", days=10
            )
            assert (found.json()["last_day"], found.json()["provisional"]) == ("2027-01-09", False)


@pytest.mark.rule("R1")
async def test_a_rehearsal_tells_what_would_change_and_changes_nothing(api: Caller, records: Records) -> None:
    keep(records, Paper("Thu 2026-12-24 09:00").dispatched())
    answer = await api.post(PATH, body(dry_run=True), Role.COORDINATOR)
    told = answer.json()
    assert (answer.status_code, told["dry_run"], told["touched"]) == (200, True, 1)
    assert (told["revision"], told["status_url"]) == (None, None)
    assert (await api.get("/calendar/2027", Role.OPERATOR)).json()["provisional"] is True


@pytest.mark.rule("R1", "R6")
async def test_the_claims_that_it_touches_are_counted(api: Caller, records: Records) -> None:
    keep(records, Paper("Thu 2026-12-24 09:00").dispatched())
    told = (await api.post(PATH, body(), Role.ADMIN)).json()
    assert told["touched"] == 1
    status = (await api.get(told["status_url"], Role.AUDITOR)).json()
    assert (status["remaining"], status["version"]) == (1, told["version"])
    assert status["state"] in ("waiting", "running")
    assert status["arrangements"][0]["source"] == NEW_YEAR["source"]


@pytest.mark.rule("R1")
async def test_the_same_arrangement_twice_is_answered_alike(api: Caller) -> None:
    first = await api.post(PATH, body("a1"), Role.COORDINATOR)
    for request_id in ("a1", "a2"):
        again = await api.post(PATH, body(request_id), Role.COORDINATOR)
        assert (again.status_code, again.json()) == (200, first.json())


async def test_a_request_id_is_not_used_for_another_arrangement(api: Caller) -> None:
    await api.post(PATH, body("a1"), Role.COORDINATOR)
    answer = await api.post(PATH, body("a1", make_up_days=["2027-01-10"]), Role.COORDINATOR)
    assert (answer.status_code, answer.json()["rule"]) == (409, "R1")


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"make_up_days": ["2027-01-11"]}, "2027-01-11 是周一，不是周末"),
        ({"make_up_days": ["2027-01-04"]}, "填了不止一次"),
        ({"days_off": ["2027-01-01", "2027-01-01"]}, "填了不止一次"),
        ({"days_off": [f"2027-0{m}-{d:02}" for m in (3, 4, 5) for d in range(1, 29)]}, "多于 60 天"),
        ({"make_up_days": SATURDAYS}, "多于 20 天"),
        ({"year": 2072, "days_off": ["2072-01-01"], "make_up_days": []}, "太远"),
        ({"year": 1999}, "年份 1999 不对"),
        ({"year": "2027"}, "年份 '2027' 不对"),
        ({"year": None, "days_off": ["2050-01-03"], "make_up_days": []}, "超出日历范围"),
        ({"days_off": ["2028-01-01"]}, "不在这份安排可填的日期"),
        ({"days_off": ["2027-02-29"]}, "2027-02-29 不存在"),
        ({"make_up_days": ["2027-04-31"]}, "2027-04-31 不存在"),
        ({"days_off": []}, "没有放假日期"),
        ({"days_off": "2027-01-01"}, "应是日期的列表"),
        ({"make_up_days": ["2027-10-02"]}, "法定节假日"),
        ({"published": "昨天"}, "公布日期 published"),
        ({"published": None}, "公布日期 published"),
        ({"published": "2062-11-25"}, "公布日期 2062-11-25 在两个月以后"),
        ({"published": "2062-11-25", "dry_run": True}, "公布日期 2062-11-25 在两个月以后"),
        ({"published": "2062-11-25", "id": "2027"}, "公布日期 2062-11-25 在两个月以后"),
        ({"source": ""}, "依据 source"),
        ({"source": None}, "依据 source"),
        ({"note": "长" * 501}, "不超过 500 字"),
        ({"days_of": []}, "没有名为 days_of 的字段，是否想填 days_off？"),
        ({"request_id": ""}, "request_id"),
        ({"dry_run": "maybe"}, "dry_run"),
    ],
)
async def test_a_wrong_arrangement_is_422_with_rule_and_reason(
    api: Caller, changes: dict[str, object], says: str
) -> None:
    for dry_run in (True, False):
        answer = await api.post(PATH, {**body(), "dry_run": dry_run, **changes}, Role.COORDINATOR)
        problem = answer.json()
        assert (answer.status_code, problem["rule"], says in problem["detail"]) == (422, "R1", True), problem
    assert (await api.get("/calendar/2027", Role.OPERATOR)).json()["provisional"] is True


@pytest.mark.rule("R1")
async def test_another_arrangement_of_a_known_id_is_refused(api: Caller) -> None:
    await api.post(PATH, body("a1", id="2027"), Role.COORDINATOR)
    answer = await api.post(PATH, body("a2", id="2027", make_up_days=["2027-01-10"]), Role.COORDINATOR)
    assert (answer.status_code, "同一编号" in answer.json()["detail"]) == (422, True)


@pytest.mark.rule("R1")
async def test_a_correction_names_its_days_alone(api: Caller) -> None:
    raw = {"request_id": "c1", **correction(off=iso("Thu 2026-12-31"))}
    told = (await api.post(PATH, raw, Role.COORDINATOR)).json()
    assert ([day["date"] for day in told["changed_days"]], told["settled_years"]) == (["2026-12-31"], [])


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.COORDINATOR, Role.ADMIN, Role.CONSOLE)]
)
async def test_only_the_coordinators_and_admins_publish(api: Caller, role: Role) -> None:
    at = POWER if role in (Role.HANDLER, Role.HEAD) else ""
    answer = await api.post(PATH, body(), role, at=at, called="甲公司")
    assert (answer.status_code, answer.json()["rule"]) == (403, "§1")


async def test_an_update_of_no_calendar_is_404(api: Caller) -> None:
    assert (await api.get("/calendar/updates/cn-000000000000", Role.ADMIN)).status_code == 404
    assert (await api.get("/calendar/updates/cn-0", Role.ENTERPRISE, called="甲公司")).status_code == 403
    assert (await api.get("/calendar/updates/cn-0")).status_code == 401
