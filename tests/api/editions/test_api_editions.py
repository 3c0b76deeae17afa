"""Publishing editions over HTTP while Temporal is down: refusals, effects, affected claims."""

from datetime import timedelta

import pytest

from calendar_rules import SHANGHAI
from claims.editions.parameter_names import PARAMETER_NAMES
from claims.editions.validation import PARAMETERS
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Role
from records.database.engine import Records
from records.intake import intake_of
from runtime.settings import Settings
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.editions import raw_edition
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER
from tests.support.records.recorded_claims import keep
from workflows.messages import Opening

PATH = "/editions"
LATER = f"{now().astimezone(SHANGHAI) + timedelta(days=2):%Y-%m-%d}"
"""Not yet in force, even if midnight passes before the test."""


def body(request_id: object = "e1", **changes: object) -> dict[str, object]:
    return {"request_id": request_id, **raw_edition(**{"in_force_from": LATER, **changes})}


def in_force_now(**changes: object) -> dict[str, object]:
    return {**body(in_force_from=now().isoformat()), **changes}


@pytest.mark.rule("R7")
async def test_the_plan_and_what_was_decided_later_are_the_built_in_editions(api: Caller) -> None:
    answer = await api.get(PATH, Role.AUDITOR)
    plan, later, latest = answer.json()
    assert (answer.status_code, plan["id"], plan["revision"], plan["in_force"]) == (200, "2021-4", 0, True)
    assert (later["id"], later["revision"], later["in_force"], later["reaches"]) == (
        "2021-4-1",
        0,
        True,
        "open",
    )
    assert "枣办发〔2021〕4号" in plan["source"]
    assert "解释口径" in later["source"]
    assert (latest["id"], latest["revision"], latest["reaches"]) == ("2021-4-2", 0, "open")
    shown = {change["parameter"] for view in (plan, later, latest) for change in view["changes"]}
    assert shown == set(PARAMETERS) == set(PARAMETER_NAMES)
    changes = (*later["changes"], *latest["changes"])
    assert all(change["was"] != change["becomes"] for change in changes)


@pytest.mark.rule("R7")
async def test_a_published_edition_says_what_it_changes_and_whom_it_reaches(
    api: Caller, records: Records
) -> None:
    keep(records, Paper("Tue 2026-11-24 09:00").dispatched())
    told = await api.post(PATH, body(reaches="open", channels={"app": {"resolve_days": 7}}), Role.COORDINATOR)
    view = told.json()
    assert (told.status_code, view["revision"], view["reaches"], view["open_claims"]) == (201, 1, "open", 1)
    assert "尚未办结" in view["reaches_name"]
    shown = [
        (change["parameter_name"], change["channel_name"], change["was"], change["becomes"])
        for change in view["changes"]
    ]
    assert shown == [
        ("解决时限", "", 10, 8),
        ("解决时限", "“爱山东·枣庄”APP企呼枣（早）应模块", 10, 7),
    ]
    assert (view["in_force"], view["dry_run"]) == (False, False)
    assert (await api.get(PATH, Role.HANDLER, at=POWER)).json()[3] == view


@pytest.mark.rule("R7")
async def test_a_dry_run_says_the_same_and_publishes_nothing(api: Caller, records: Records) -> None:
    keep(records, Paper("Tue 2026-11-24 09:00").dispatched())
    told = await api.post(f"{PATH}?dry_run=true", body(reaches="open"), Role.ADMIN)
    view = told.json()
    assert (told.status_code, view["dry_run"], view["revision"], view["open_claims"]) == (200, True, None, 1)
    assert len((await api.get(PATH, Role.ADMIN)).json()) == 3


@pytest.mark.rule("R7")
async def test_the_same_edition_twice_is_answered_alike(api: Caller) -> None:
    first = await api.post(PATH, body("e1"), Role.COORDINATOR)
    for request_id in ("e1", "e2"):
        again = await api.post(PATH, body(request_id), Role.COORDINATOR)
        assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    ("second", "says"),
    [
        (body("e1", changes={"resolve_days": 9}), "已用于另一份版本"),
        (body("e2", changes={"resolve_days": 9}), "已用于内容不同的版本"),
        (body("e2", id="b", in_force_from="2021-03-25"), "不溯及既往"),
        (body("e2", id="b", in_force_from=now().isoformat()), "早于已公布的 2027-1"),
    ],
)
async def test_what_contradicts_the_published_editions_is_409(
    api: Caller, second: dict[str, object], says: str
) -> None:
    await api.post(PATH, body("e1"), Role.COORDINATOR)
    answer = await api.post(PATH, second, Role.COORDINATOR)
    problem = answer.json()
    assert (answer.status_code, problem["rule"], says in problem["detail"]) == (409, "R7", True), problem


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"changes": {"resolve_day": 8}}, "是否想填 resolve_days？"),
        ({"changes": {"extended_resolve_days": 9}}, "自相矛盾"),
        ({"changes": {"warning_days": 10}}, "预警没有意义"),
        ({"changes": {"resolve_days": -1}}, "1 至 250 的整数"),
        ({"reach": "open"}, "是否想填 reaches？"),
        ({"source": ""}, "依据 source"),
        ({"request_id": ""}, "request_id"),
    ],
)
async def test_a_wrong_edition_is_422_with_rule_and_reason(
    api: Caller, changes: dict[str, object], says: str
) -> None:
    for dry_run in ("true", "false"):
        answer = await api.post(f"{PATH}?dry_run={dry_run}", {**body(), **changes}, Role.COORDINATOR)
        problem = answer.json()
        assert (answer.status_code, problem["rule"], says in problem["detail"]) == (422, "R7", True), problem
    assert len((await api.get(PATH, Role.ADMIN)).json()) == 3


@pytest.mark.rule("R7", "R8")
async def test_a_claim_takes_the_policy_of_its_registration_in_every_process(
    api: Caller, settings: Settings, records: Records
) -> None:
    before = (await api.register(external_id="A")).json()["number"]
    own = {"12345": {"reply_days": 1}}
    assert (await api.post(PATH, in_force_now(channels=own), Role.COORDINATOR)).status_code == 201
    async with calling(settings) as other:
        after = (await other.register(external_id="B")).json()["number"]
        desk = (await other.register(external_id="", channel="desk")).json()["number"]
    policies = [policy_in_opening(records, number) for number in (before, after, desk)]
    shown = [(policy.version, policy.resolve_days, policy.reply_days) for policy in policies]
    first = DEFAULT_POLICY.version
    assert shown == [(first, 10, 2), (f"{first}+2027-1", 8, 1), (f"{first}+2027-1", 8, 2)]


def policy_in_opening(records: Records, number: str) -> Policy:
    line = intake_of(records, number)
    assert line is not None
    return Opening.model_validate(line.payload).policy


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.COORDINATOR, Role.ADMIN, Role.CONSOLE)]
)
async def test_only_the_coordinators_and_admins_publish(api: Caller, role: Role) -> None:
    at = POWER if role in (Role.HANDLER, Role.HEAD) else ""
    answer = await api.post(PATH, body(), role, at=at, called="甲公司")
    assert (answer.status_code, answer.json()["rule"]) == (403, "§1")


async def test_enterprises_and_strangers_do_not_read_them(api: Caller) -> None:
    assert (await api.get(PATH, Role.ENTERPRISE, called="甲公司")).status_code == 403
    assert (await api.get(PATH)).status_code == 401
