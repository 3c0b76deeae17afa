"""Registration while Temporal is down: the number is durable, and nothing received is lost."""

import sqlite3
from datetime import timedelta

import pytest

from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Role
from records.claim_writer import write_step
from records.database.engine import Records
from records.intake import intake_of, unstarted
from service_layer.clock import now
from tests.support.api.api_caller import ORDER, Caller
from tests.support.claims.credit_codes import code_of
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import ENTERPRISE, OPERATOR, POWER, TENGZHOU
from workflows.messages import Opening


@pytest.mark.rule("R10")
async def test_a_claim_gets_its_number_and_waits_for_its_workflow(api: Caller, records: Records) -> None:
    answer = await api.register()
    assert answer.status_code == 201
    shown = answer.json()
    assert answer.headers["location"] == f"/claims/{shown['number']}"
    assert (shown["stage"], shown["stale"], shown["district"]) == ("registered", True, TENGZHOU)
    waiting = unstarted(records, now() + timedelta(seconds=1))
    assert [line.number for line in waiting] == [shown["number"]]


@pytest.mark.rule("R10")
async def test_what_the_workflow_will_start_with_is_what_was_sent(api: Caller, records: Records) -> None:
    number = (await api.register(district="", town="级索镇")).json()["number"]
    line = intake_of(records, number)
    assert line is not None
    opening = Opening.model_validate(line.payload)
    assert (opening.number, opening.order.district_name, opening.actor.roles) == (
        number,
        "滕州市",
        (Role.OPERATOR,),
    )
    assert opening.received_at == line.received_at


async def test_in_virtual_time_the_claims_own_clock_counts(api: Caller, records: Records) -> None:
    object.__setattr__(
        api.app.state.services, "settings", api.settings.model_copy(update={"virtual_time": True})
    )
    number = (await api.register()).json()["number"]
    line = intake_of(records, number)
    assert line is not None
    assert Opening.model_validate(line.payload).received_at is None


@pytest.mark.rule("R10")
async def test_the_same_channel_number_is_the_first_claim(api: Caller) -> None:
    first = await api.register()
    again = await api.register(matter="另一段文字")
    assert (again.status_code, again.json()["number"]) == (200, first.json()["number"])
    other_channel = await api.register(channel="app")
    assert other_channel.status_code == 201
    assert other_channel.json()["number"] != first.json()["number"]


@pytest.mark.rule("R10")
async def test_without_a_channel_number_every_claim_is_new(api: Caller) -> None:
    numbers = {(await api.register(external_id="")).json()["number"] for _ in range(3)}
    assert len(numbers) == 3


@pytest.mark.rule("R10")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CONSOLE])
async def test_only_the_desk_the_hotline_and_enterprises_register(api: Caller, role: Role) -> None:
    answer = await api.post(
        "/claims",
        {
            "channel": "app",
            "category": "help",
            "matter": "停电",
            "enterprise": ENTERPRISE.name,
            "contact": "王",
            "phone": "5550004",
        },
        role,
        at=POWER,
        called=ENTERPRISE.name,
    )
    expected = 201 if role in (Role.OPERATOR, Role.CALLER, Role.ENTERPRISE) else 403
    assert answer.status_code == expected


@pytest.mark.rule("R10")
async def test_an_enterprise_registers_in_its_own_name_only(api: Caller) -> None:
    answer = await api.register(Role.ENTERPRISE, called="另一家公司", external_id="")
    assert (answer.status_code, answer.json()["rule"]) == (403, "R10")


@pytest.mark.rule("R10")
async def test_an_enterprise_cannot_take_another_channels_number(api: Caller) -> None:
    answer = await api.register(Role.ENTERPRISE, called=ENTERPRISE.name)
    assert (answer.status_code, answer.json()["rule"]) == (403, "R10")


@pytest.mark.rule("R10")
async def test_a_repeat_does_not_show_another_enterprises_claim(api: Caller) -> None:
    await api.register(channel="app")
    other = {"enterprise": "另一家公司", "credit_code": code_of("另一家公司")}
    answer = await api.register(Role.ENTERPRISE, channel="app", called="另一家公司", **other)
    assert (answer.status_code, answer.json()["rule"]) == (403, "R10")
    assert "QH" not in answer.text


@pytest.mark.rule("R10")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"district": "济南市"}, "没有“济南市”这个区（市）"),
        ({"district": "市发改委", "town": ""}, "这个区（市）"),
        ({"district": "薛城区", "town": "级索镇"}, "不在薛城区"),
    ],
)
async def test_a_district_or_town_that_cannot_be_is_refused(
    api: Caller, fields: dict[str, object], says: str
) -> None:
    answer = await api.post("/claims", {**ORDER, **fields}, Role.OPERATOR)
    assert (answer.status_code, answer.json()["rule"]) == (422, "R10")
    assert says in answer.json()["detail"]


async def test_a_town_that_is_not_in_the_tree_is_kept_as_written(api: Caller) -> None:
    assert (await api.register(town="未列入的新镇")).json()["town"] == "未列入的新镇"


@pytest.mark.rule("R10")
async def test_nothing_is_acknowledged_while_the_database_is_away(api: Caller, records: Records) -> None:
    held = sqlite3.connect(api.settings.home / "records.db", isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    answer = await api.register()
    held.execute("ROLLBACK")
    held.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["title"] == "服务暂时不可用"
    assert unstarted(records, now() + timedelta(seconds=1)) == []
    assert (await api.register()).status_code == 201


@pytest.mark.rule("R11")
@pytest.mark.parametrize(
    ("category", "sent", "kept"),
    [
        ("help", "企业全生命周期运行中的困难和问题", "企业全生命周期运行中的困难和问题"),
        ("help", "help-factors", "技术、人才、融资、要素保障协调服务"),
        ("consultation", "职责咨询", "政府部门工作职责咨询"),
        ("suggestion", "营商环境", "营商环境建设意见建议"),
        ("complaint", "对单位或工作人员的投诉", "对单位或工作人员的投诉"),
        ("help", "", ""),
    ],
)
async def test_a_subcategory_is_a_kind_of_its_category(
    api: Caller, category: str, sent: str, kept: str
) -> None:
    answer = await api.register(category=category, subcategory=sent)
    assert (answer.status_code, answer.json()["subcategory"]) == (201, kept)


@pytest.mark.rule("R11")
@pytest.mark.parametrize(("category", "sent"), [("help", "其他"), ("help", "政府部门工作职责咨询")])
async def test_any_other_subcategory_is_refused_with_the_kinds_there_are(
    api: Caller, category: str, sent: str
) -> None:
    answer = await api.register(category=category, subcategory=sent)
    assert (answer.status_code, answer.json()["rule"]) == (422, "R11")
    assert "企业全生命周期运行中的困难和问题" in answer.json()["instead"]


@pytest.mark.rule("R11")
async def test_the_plans_kinds_are_listed_with_the_directorys_matters_beneath(api: Caller) -> None:
    kinds = (await api.get("/directory/subcategories", Role.ENTERPRISE, called=ENTERPRISE.name)).json()[
        "subcategories"
    ]
    of_category = [kind["category"] for kind in kinds]
    counts = {name: of_category.count(name) for name in ("consultation", "help", "suggestion")}
    assert counts == {"consultation": 2, "help": 2, "suggestion": 4}
    power = next(kind for kind in kinds if {"entry": "PD-023", "matter": "用电报装与停电"} in kind["matters"])
    assert power["id"] == "help-factors"


@pytest.mark.rule("R48")
async def test_a_claim_with_new_facts_is_linked_to_one_that_has_ended_of_the_same_enterprise_alone(
    api: Caller, records: Records
) -> None:
    def kept(n: int, enterprise: str, credit_code: str, *, ended: bool) -> str:
        paper = Paper()
        shown = {"enterprise": enterprise, "credit_code": credit_code}
        number = f"QH20261124000{n}"
        order = paper.claim.order.model_copy(update=shown)
        paper.claim = paper.claim.model_copy(update={"order": order, "number": number})
        if ended:
            paper.must(Action.WITHDRAW, OPERATOR)
        write_step(records, TransitionRecord(claim=paper.claim.model_copy(update={"over": ended})))
        return number

    own = (str(ORDER["enterprise"]), str(ORDER["credit_code"]))
    old = kept(1, *own, ended=True)
    wrong = {
        "没有编号为QH202611249999的工单": "QH202611249999",
        "尚未办结": kept(2, *own, ended=False),
        "不是同一企业的工单": kept(3, "另一有限公司", code_of("另一有限公司"), ended=True),
    }
    for why, number in wrong.items():
        answer = await api.register(external_id="", linked_to=number)
        assert (answer.status_code, answer.json()["rule"]) == (422, "R48")
        assert why in answer.json()["detail"]
    asked = {"channel": "app", "external_id": "", "linked_to": wrong["不是同一企业的工单"]}
    answer = await api.register(Role.ENTERPRISE, called=ENTERPRISE.name, **asked)
    assert "没有编号为" in answer.json()["detail"]
    linked = await api.register(external_id="", linked_to=old)
    assert (linked.status_code, linked.json()["linked_to"]) == (201, old)


@pytest.mark.rule("R21", "R53")
async def test_a_complaint_about_a_districts_platform_is_about_the_district_that_its_staff_work_for(
    api: Caller,
) -> None:
    answer = await api.register(external_id="", category="complaint", complained_of=f"{TENGZHOU}-PT")
    assert answer.json()["complained_of"] == TENGZHOU
    words = {"text": "变压器验收后一直不送电", "district": "滕州市", "complained_of": f"{TENGZHOU}-PT"}
    suggested = (await api.get("/directory/suggest", Role.OPERATOR, **words)).json()
    assert suggested["candidates"]
    assert not [one for one in suggested["candidates"] if one["unit"].startswith(TENGZHOU)]
