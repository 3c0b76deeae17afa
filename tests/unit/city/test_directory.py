"""The dispatch directory ranks the right unit among the first, with reasons; and hints at what is not accepted."""

from collections.abc import Sequence
from datetime import date

import pytest

import data
from claims.lookup.directory import (
    Candidate,
    DirectoryEntry,
    NotAccepted,
    has_entry,
    not_accepted_hint,
    suggest,
)
from data import SampleClaim
from tests.support.dates import day

MONDAY = day("Mon 2026-11-23")
SAMPLES = data.load_sample_claims()
CITY = data.load_organisation()
ENTRIES = data.load_directory()
NOT_DISPATCHED = {
    13: "declined: before the court",
    23: "checked by the platform as false feedback (R52)",
}


def candidates(
    text: str,
    district: str | None = "",
    *,
    on: date = MONDAY,
    entries: Sequence[DirectoryEntry] = ENTRIES,
    limit: int = 5,
    complained_of: str | None = None,
) -> list[Candidate]:
    return suggest(
        text,
        district,
        on=on,
        entries=entries,
        organisation=CITY,
        limit=limit,
        complained_of=complained_of,
    )


def an_entry(entry_id: str, matter: str, keywords: tuple[str, ...], unit: str) -> DirectoryEntry:
    return DirectoryEntry(
        id=entry_id,
        matter=matter,
        keywords=keywords,
        unit=unit,
        level="市级",
        legal_basis="某法第1条",
        duty_basis="主管部门",
        effective_from=day("Tue 2021-04-06"),
    )


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    "sample",
    [sample for sample in SAMPLES if sample.no not in NOT_DISPATCHED],
    ids=lambda sample: f"{sample.no}-{sample.topic}",
)
def test_the_right_unit_of_every_sample_is_among_the_first_three(sample: SampleClaim) -> None:
    first_three = candidates(sample.text, sample.district)[:3]
    assert sample.unit in [candidate.unit_name for candidate in first_three]
    assert all(candidate.entry_id for candidate in first_three)


@pytest.mark.rule("R14")
def test_of_the_dispatched_samples_at_most_one_has_its_unit_in_second_place() -> None:
    first = [
        sample.no
        for sample in SAMPLES
        if sample.no not in NOT_DISPATCHED
        and candidates(sample.text, sample.district)[0].unit_name != sample.unit
    ]
    assert first == [1]


@pytest.mark.rule("R14")
def test_a_candidate_says_why_in_words_and_law() -> None:
    best = candidates("园区主管道本月已停水三次", "山亭区")[0]
    assert best.entry_id == "PD-024"
    assert (best.unit, best.unit_name) == ("ZZ-SWJ", "市城乡水务局")
    assert best.co_units == ("ZZ-ZLS", "QX-370406")
    assert best.reasons[0] == "诉求内容与事项名称“用水报装、停水、取水”相符：“停水”"
    assert "城市供水条例第22条" in best.reasons[-1]


@pytest.mark.rule("R14")
@pytest.mark.parametrize("district", ["薛城区", "QX-370403", "常庄街道", "ZJ-370403005"])
def test_the_claims_district_stands_for_the_territory_however_it_is_named(district: str) -> None:
    best = candidates("签约项目承诺三个月内通水通电，已逾期", district)[0]
    assert (best.entry_id, best.unit) == ("PD-012", "QX-370403")
    assert "属地管理：由企业所在的薛城区承办" in best.reasons


@pytest.mark.rule("R14")
def test_without_a_district_the_territorys_entries_and_parts_are_left_out() -> None:
    assert "PD-012" not in [candidate.entry_id for candidate in candidates("招商引资承诺没有兑现")]
    assert candidates("停水三天")[0].co_units == ("ZZ-ZLS",)


@pytest.mark.rule("R14")
def test_a_matter_that_no_entry_knows_goes_to_the_district() -> None:
    (only,) = candidates("办公楼顶有只鹳在筑巢", "榴园镇")
    assert (only.entry_id, only.unit_name, only.score) == (None, "峄城区", 0)
    assert "属地管理、谁主管谁负责" in only.reasons[0]


@pytest.mark.rule("R14")
@pytest.mark.parametrize("district", [None, ""])
def test_a_matter_that_no_entry_knows_without_a_district_has_no_candidate(district: str | None) -> None:
    assert candidates("办公楼顶有只鹳在筑巢", district) == []


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("on", "entry"),
    [
        (day("Tue 2025-10-14"), "PD-015"),  # last day of the old law
        (day("Wed 2025-10-15"), "PD-037"),  # first day of the new one
    ],
)
def test_only_entries_in_force_on_the_day_are_suggested(on: date, entry: str) -> None:
    assert [c.entry_id for c in candidates("竞争对手商业诋毁", on=on)] == [entry]


@pytest.mark.rule("R14")
def test_before_the_directory_existed_it_suggests_nothing() -> None:
    assert candidates("停水三天", on=day("Mon 2021-04-05")) == []


@pytest.mark.rule("R14")
def test_longer_words_more_words_and_the_matters_own_name_weigh_more() -> None:
    entries = [
        an_entry("X-1", "甲类事项", ("停水",), "市税务局"),
        an_entry("X-2", "乙类事项", ("停水三天",), "市财政局"),
        an_entry("X-3", "停水三天", (), "市审计局"),
        an_entry("X-4", "丙类事项", ("停水", "没有通知"), "市统计局"),
    ]
    ranked = candidates("停水三天没有通知", entries=entries)
    assert [(c.entry_id, c.score) for c in ranked] == [("X-3", 12), ("X-4", 12), ("X-2", 8), ("X-1", 4)]


@pytest.mark.rule("R14")
def test_ties_go_by_entry_id_whatever_the_files_order() -> None:
    entries = [an_entry(f"X-{n}", "事项", ("停水",), unit) for n, unit in ((2, "市税务局"), (1, "市财政局"))]
    assert [c.entry_id for c in candidates("停水", entries=entries)] == ["X-1", "X-2"]


@pytest.mark.rule("R14")
def test_a_unit_is_suggested_once_and_its_other_matters_are_named() -> None:
    best = candidates("摘牌工业用地，不动产权证未办下来")[0]
    assert best.unit_name == "市自然资源和规划局"
    assert best.reasons[-1].startswith("该单位另有相符事项：PD-0")


@pytest.mark.rule("R14")
def test_the_limit_cuts_the_list() -> None:
    text = "拖欠工程款，停水，燃气，用电，贷款，发票"
    assert len(candidates(text)) == 5
    assert len(candidates(text, limit=2)) == 2


@pytest.mark.rule("R53")
def test_a_complaint_is_suggested_to_the_units_beside_the_one_complained_of() -> None:
    text, water = "园区主管道本月已停水三次", "ZZ-SWJ"
    (best, *others) = candidates(text, "山亭区", complained_of=water)
    assert (best.entry_id, best.unit, best.co_units) == ("PD-024", "ZZ-ZLS", ("QX-370406",))
    assert any("R53" in reason and "市城乡水务局" in reason for reason in best.reasons)
    assert water not in [one.unit for one in others]


@pytest.mark.rule("R53")
def test_a_unit_complained_of_is_no_co_unit_either() -> None:
    best = candidates("园区主管道本月已停水三次", "山亭区", complained_of="QX-370406")[0]
    assert (best.unit, best.co_units) == ("ZZ-SWJ", ("ZZ-ZLS",))


@pytest.mark.rule("R53")
def test_a_complaint_about_a_town_is_suggested_to_its_district() -> None:
    (only,) = candidates("办公楼顶有只鹳在筑巢", complained_of=CITY.find("榴园镇").id)
    assert only.unit_name == "峄城区"
    assert only.reasons == ("诉求投诉榴园镇，可由其上级峄城区承办（R53）",)


@pytest.mark.rule("R53")
@pytest.mark.parametrize("district", ["峄城区", "榴园镇"])
def test_a_complaint_about_a_district_goes_to_nobody_of_it(district: str) -> None:
    about = CITY.find("峄城区").id
    assert candidates("办公楼顶有只鹳在筑巢", district, complained_of=about) == []
    found = candidates("签约项目承诺三个月内通水通电，已逾期", district, complained_of=about)
    assert about not in {unit for one in found for unit in (one.unit, *one.co_units)}


@pytest.mark.rule("R53")
def test_the_unit_above_has_its_place_however_few_are_asked_for() -> None:
    text = "拖欠工程款，停水，燃气，用电，贷款，发票"
    assert [one.unit_name for one in candidates(text, complained_of=CITY.find("榴园镇").id, limit=1)] == [
        "峄城区"
    ]


@pytest.mark.rule("R14")
def test_quotes_width_and_spaces_do_not_hide_a_keyword() -> None:
    assert candidates("“专精特新” 奖 补没到账")[0].entry_id == "PD-011"
    assert candidates("５Ｇ 专线中断")[0].entry_id == "PD-058"


@pytest.mark.rule("R14")
def test_every_handling_unit_of_the_city_is_known_to_the_directory() -> None:
    units = [unit for unit in CITY.children(CITY.root) if unit.handles]
    assert [
        unit.short for unit in units if not has_entry(unit.id, on=MONDAY, entries=ENTRIES, organisation=CITY)
    ] == []


@pytest.mark.rule("R14", "R21")
def test_a_town_and_the_platform_have_no_entry_of_their_own() -> None:
    for unit in ("级索镇", "市指挥平台", "市委编办"):
        unit_id = CITY.find(unit).id
        assert not has_entry(unit_id, on=MONDAY, entries=ENTRIES, organisation=CITY)


@pytest.mark.rule("R14")
def test_every_entry_has_its_grounds() -> None:
    assert [e.id for e in ENTRIES if not (e.keywords and e.legal_basis and e.duty_basis)] == []
    assert [e.id for e in ENTRIES if e.effective_to and e.effective_to < e.effective_from] == []


@pytest.mark.rule("R13")
@pytest.mark.parametrize(
    ("text", "kind", "door"),
    [
        ("我公司已向法院起诉并开庭，要求尽快判决", NotAccepted.LITIGATION, "12348"),
        ("已经申请仲裁，等仲裁裁决", NotAccepted.ARBITRATION, "仲裁机构"),
        ("对处罚不服，正在行政复议", NotAccepted.RECONSIDERATION, "行政复议机构"),
        ("此事已经信访三年", NotAccepted.PETITION, "信访部门"),
        ("工作人员索贿，要求查处", NotAccepted.DISCIPLINE, "12388"),
        ("合同属于国家秘密", NotAccepted.STATE_SECRET, "保密"),
        ("车间燃气泄漏", NotAccepted.EMERGENCY, "119"),
        ("有人持刀闯进厂区", NotAccepted.EMERGENCY, "110"),
        ("三名工人一氧化碳中毒", NotAccepted.EMERGENCY, "120"),
        ("门口刚发生交通事故", NotAccepted.EMERGENCY, "122"),
    ],
)
def test_what_is_not_accepted_is_hinted_at_with_the_right_door(
    text: str, kind: NotAccepted, door: str
) -> None:
    (hint,) = not_accepted_hint(text)
    assert hint.kind is kind
    assert door in hint.door
    assert hint.words[0] in hint.reason


@pytest.mark.rule("R13")
def test_of_the_samples_only_the_one_before_the_court_is_hinted_at() -> None:
    assert [sample.no for sample in SAMPLES if not_accepted_hint(sample.text)] == [13]


@pytest.mark.rule("R13")
@pytest.mark.parametrize("text", ["", "希望统一审批标准", "材料再审核一次", "建议增设法律咨询窗口"])
def test_ordinary_words_raise_no_hint(text: str) -> None:
    assert not_accepted_hint(text) == []


@pytest.mark.rule("R13")
def test_emergencies_come_first() -> None:
    kinds = [hint.kind for hint in not_accepted_hint("已起诉邻厂，今天又着火")]
    assert kinds == [NotAccepted.EMERGENCY, NotAccepted.LITIGATION]
