"""The organisation tree: three levels, accountable units, and units that can receive a claim."""

import json
from pathlib import Path

import pytest

import data
from claims.lookup.unit_tree import BrokenOrganisation, Organisation
from claims.model.organisation import Unit, UnitKind, UnitLevel, UnitRef, UnknownUnit
from claims.model.refusals import Refused

CITY = "ZZ"
TENGZHOU = "QX-370481"


@pytest.fixture(scope="module")
def city() -> Organisation:
    return data.load_organisation()


def a_unit(unit_id: str, parent: str | None, short: str = "") -> Unit:
    return Unit(
        id=unit_id,
        name=f"{short or unit_id}全称",
        short=short or unit_id,
        level=UnitLevel.CITY,
        kind=UnitKind.DEPARTMENT,
        parent=parent,
    )


@pytest.mark.rule("R21")
def test_the_city_has_seven_districts_and_sixty_five_towns(city: Organisation) -> None:
    districts = city.districts()
    assert [unit.short for unit in districts] == [
        "市中区", "薛城区", "峄城区", "台儿庄区", "山亭区", "滕州市", "枣庄高新区",
    ]  # fmt: skip
    assert sum(len(city.towns_of(unit.id)) for unit in districts) == 65


@pytest.mark.rule("R33")
@pytest.mark.parametrize(
    ("unit", "answers"),
    [
        ("市税务局", "市税务局"),
        ("枣庄供电公司", "枣庄供电公司"),
        ("滕州市", "滕州市"),
        ("滕州市市场监督管理局", "滕州市"),
        ("级索镇", "滕州市"),
        ("张范街道", "枣庄高新区"),
        ("枣庄高新区承办机构", "枣庄高新区"),
        ("市综合协调组", "市领导小组"),
        ("枣庄市", "枣庄市"),
    ],
)
def test_the_unit_at_city_level_answers_for_those_below_it(
    city: Organisation, unit: str, answers: str
) -> None:
    assert city.accountable(city.find(unit).id).short == answers


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("unit", "can"),
    [
        ("市税务局", True),
        ("市司法局", True),
        ("枣庄海关", True),
        ("市燃气企业", True),
        ("薛城区", True),
        ("薛城区综合行政执法局", True),
        ("陶庄镇", True),
        ("市领导小组", False),
        ("市综合协调组", False),
        ("市督导问效组", False),
        ("市指挥平台", False),
        ("市委编办", False),
        ("市纪委监委", False),
        ("薛城区承办机构", False),
        ("枣庄市", False),
    ],
)
def test_only_handling_units_can_be_dispatched_to(city: Organisation, unit: str, can: bool) -> None:
    assert city.can_handle(city.find(unit).id) is can


@pytest.mark.rule("R14")
@pytest.mark.parametrize("text", ["ZZ-SWS", "市税务局", "国家税务总局枣庄市税务局", " 市税务局 "])
def test_a_unit_is_found_by_id_short_name_and_full_name(city: Organisation, text: str) -> None:
    assert city.find(text).id == "ZZ-SWS"


@pytest.mark.rule("R14")
def test_half_width_brackets_find_the_same_unit(city: Organisation) -> None:
    assert city.find("市中区“企呼枣(早)应”承办机构").id == "QX-370402-PT"


@pytest.mark.rule("R14")
@pytest.mark.parametrize("ask", ["get", "find", "path", "ref", "children", "accountable", "can_handle"])
def test_an_unknown_unit_is_refused_with_the_rule_and_what_to_do(city: Organisation, ask: str) -> None:
    with pytest.raises(UnknownUnit) as refused:
        getattr(city, ask)("市火星局")
    assert isinstance(refused.value, Refused)
    assert refused.value.rule == "R14"
    assert refused.value.reason == "“市火星局”不在组织目录中"
    assert refused.value.instead == "请从单位列表中选择"


@pytest.mark.rule("R21", "R33")
def test_a_reference_holds_everything_a_history_needs(city: Organisation) -> None:
    assert city.ref("ZJ-370481105") == UnitRef(
        id="ZJ-370481105",
        name="级索镇",
        path=("ZJ-370481105", TENGZHOU, CITY),
        accountable=TENGZHOU,
        accountable_name="滕州市",
    )


@pytest.mark.rule("R33")
def test_a_reference_survives_json(city: Organisation) -> None:
    ref = city.ref("ZZ-GD")
    assert UnitRef.model_validate_json(ref.model_dump_json()) == ref


@pytest.mark.rule("R21")
@pytest.mark.parametrize(
    ("unit", "ancestor", "below"),
    [
        ("级索镇", "级索镇", True),
        ("级索镇", "滕州市", True),
        ("级索镇", "枣庄市", True),
        ("滕州市", "级索镇", False),
        ("级索镇", "薛城区", False),
        ("市税务局", "滕州市", False),
    ],
)
def test_at_or_below_follows_the_tree(city: Organisation, unit: str, ancestor: str, below: bool) -> None:
    assert city.is_at_or_below(city.find(unit).id, city.find(ancestor).id) is below


@pytest.mark.rule("R21")
def test_a_districts_platform_acts_for_its_district_and_others_for_themselves(city: Organisation) -> None:
    assert city.acts_for("QX-370481-PT") == TENGZHOU
    assert city.acts_for("QX-370481-SCJ") == "QX-370481-SCJ"
    assert city.acts_for("PF") == "PF"


@pytest.mark.rule("R14", "R21")
@pytest.mark.parametrize("text", ["滕州市", TENGZHOU, "级索镇", "滕州市行政审批服务局", "ZJ-370481105"])
def test_district_towns_and_bureaus_lead_to_the_district(city: Organisation, text: str) -> None:
    assert city.district_of(text).id == TENGZHOU


@pytest.mark.rule("R14")
@pytest.mark.parametrize("text", ["市税务局", "枣庄市"])
def test_a_unit_of_the_whole_city_lies_in_no_district(city: Organisation, text: str) -> None:
    with pytest.raises(UnknownUnit, match="不在任何区（市）之内"):
        city.district_of(text)


@pytest.mark.rule("R21")
def test_the_towns_entrusted_to_the_high_tech_zone_are_its_own(city: Organisation) -> None:
    assert [town.short for town in city.towns_of("枣庄高新区")] == ["兴仁街道", "兴城街道", "张范街道"]
    assert "张范街道" not in [town.short for town in city.towns_of("薛城区")]


@pytest.mark.rule("R20")
def test_every_handling_unit_names_who_receives_its_work_orders(city: Organisation) -> None:
    assert [unit.short for unit in city.units if unit.handles and not unit.recipients] == []


@pytest.mark.rule("R20", "R21", "R38")
@pytest.mark.parametrize("unit", ["PF", "BB", "JW", "LG-ZH", "LG-DD", "QX-370402-PT"])
def test_those_who_get_referrals_copies_and_clues_name_a_recipient_too(city: Organisation, unit: str) -> None:
    assert city.get(unit).recipients


@pytest.mark.rule("R20", "R70")
def test_recipients_are_posts_without_phone_numbers(city: Organisation) -> None:
    text = json.dumps(
        [r.model_dump(mode="json") for u in city.units for r in u.recipients], ensure_ascii=False
    )
    assert not any(char.isdigit() for char in text)


@pytest.mark.parametrize(
    ("units", "problem"),
    [
        ([a_unit("A", None), a_unit("A", None)], "编号重复"),
        ([a_unit("A", None), a_unit("B", None)], "只有一个顶层单位"),
        ([], "只有一个顶层单位"),
        ([a_unit("A", None), a_unit("B", "C")], "上级 C 不在组织目录中"),
        ([a_unit("A", None), a_unit("B", "C"), a_unit("C", "B")], "成环"),
        ([a_unit("A", None), a_unit("B", "A", "局"), a_unit("C", "A", "局")], "名称重复"),
    ],
)
def test_units_that_are_not_one_tree_are_refused(units: list[Unit], problem: str) -> None:
    with pytest.raises(BrokenOrganisation, match=problem):
        Organisation(units)


def test_a_row_that_does_not_fit_is_named_by_file_place_and_field(tmp_path: Path) -> None:
    file = tmp_path / "units.json"
    file.write_text('[{"id": "A", "name": "甲"}]', encoding="utf-8")
    with pytest.raises(data.DataError, match=r"units\.json：第1条 · short"):
        data.read_rows(file, Unit)


def test_a_field_that_no_row_has_is_named_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "units.json"
    units = [unit.model_dump(mode="json") for unit in data.load_units()]
    file.write_text(json.dumps([units[0], {**units[1], "recipents": []}]), encoding="utf-8")
    with pytest.raises(data.DataError, match=r"第2条.*没有名为 recipents 的字段，是否想填 recipients？"):
        data.read_rows(file, Unit)


def test_a_file_that_is_not_json_is_named(tmp_path: Path) -> None:
    file = tmp_path / "units.json"
    file.write_text("[", encoding="utf-8")
    with pytest.raises(data.DataError, match=r"units\.json：整个文件"):
        data.read_rows(file, Unit)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(data.DataError, match=r"units\.json：读不到文件"):
        data.read_rows(tmp_path / "units.json", Unit)


@pytest.mark.rule("R20")
def test_a_handling_unit_without_recipient_is_refused_by_the_loader(city: Organisation) -> None:
    nobody = city.get("ZZ-SWS").model_copy(update={"recipients": ()})
    with pytest.raises(data.DataError, match="ZZ-SWS 市税务局 没有写明工单接收人（R20）"):
        data.check_recipients([nobody])


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("name", "problem"), [("市火星局", "不在组织目录中"), ("市委编办", "不是承办单位，不能派单")]
)
def test_a_directory_row_must_name_a_handling_unit(name: str, problem: str) -> None:
    with pytest.raises(data.DataError, match=problem):
        data.check_names("directory.json", "PD-001", [name], handling=True)


def test_an_id_that_stands_twice_is_refused() -> None:
    with pytest.raises(data.DataError, match="编号 PD-001 重复"):
        data.check_once("directory.json", ["PD-001", "PD-002", "PD-001"])
