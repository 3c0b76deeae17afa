"""The ledger of notices over HTTP and in the metrics."""

import pytest

from claims.model.terms import Role
from records import outbox
from records.database.engine import Records
from tests.support.api.api_caller import Caller
from tests.support.dates import beijing
from tests.support.notices.outbox_samples import NUMBER, enqueue_notices, notice, to_enterprise

NOON = beijing("Wed 2026-11-25 12:00")


@pytest.fixture
def ledger(records: Records) -> None:
    """One waiting delivery, one quiet, one for the enterprise not routed yet."""
    enqueue_notices(records, notice(1), notice(2, "ZZ-SWJ"), to_enterprise(3))
    outbox.route(records, {"ZZ-GD": ["邮箱"], "ZZ-SWJ": []}, NOON)


@pytest.mark.rule("R20")
@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.COORDINATOR, Role.INSPECTOR])
async def test_those_who_watch_over_the_whole_read_the_ledger(api: Caller, role: Role) -> None:
    answer = await api.get("/notices", role)
    assert answer.status_code == 200, answer.text
    shown = {
        line["unit"]: (line["unit_name"], line["state"], line["channel"]) for line in answer.json()["notices"]
    }
    assert shown == {
        "ZZ-GD": ("枣庄供电公司", "waiting", "邮箱"),
        "ZZ-SWJ": ("市城乡水务局", "quiet", ""),
        "enterprise": ("企业", "waiting", ""),
    }


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("role", [Role.OPERATOR, Role.HANDLER, Role.HEAD, Role.ENTERPRISE])
async def test_nobody_else_reads_it(api: Caller, role: Role) -> None:
    at = "ZZ-GD" if role in (Role.HANDLER, Role.HEAD) else ""
    answer = await api.get("/notices", role, at=at, called="甲公司")
    assert answer.status_code == 403


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"state": "quiet"}, 1),
        ({"state": "waiting"}, 2),
        ({"unit": "市城乡水务局"}, 1),
        ({"unit": "enterprise"}, 1),
        ({"claim": NUMBER}, 3),
        ({"claim": "QH1"}, 0),
        ({"limit": "2"}, 2),
    ],
)
async def test_the_ledger_is_searched(api: Caller, asked: dict[str, str], count: int) -> None:
    answer = await api.get("/notices", Role.ADMIN, **asked)
    assert len(answer.json()["notices"]) == count


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    "asked", [{"state": "lost"}, {"limit": "0"}, {"unit": "无此单位"}, {"claim": "甲"}, {"x": "1"}]
)
async def test_what_cannot_be_asked_is_refused(api: Caller, asked: dict[str, str]) -> None:
    assert (await api.get("/notices", Role.ADMIN, **asked)).status_code == 422


@pytest.mark.rule("R20")
@pytest.mark.usefixtures("ledger")
async def test_the_metrics_tell_of_waiting_failed_and_quiet_notices(api: Caller) -> None:
    text = (await api.get("/metrics", Role.ADMIN)).text
    assert 'zaoying_notices{state="waiting"} 2.0' in text
    assert 'zaoying_notices{state="quiet"} 1.0' in text
    assert 'zaoying_notices{state="failed"} 0.0' in text
    assert "zaoying_notices_oldest_waiting_seconds" in text
