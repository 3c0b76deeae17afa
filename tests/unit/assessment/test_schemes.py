"""Schemes are data; contradictory ones are refused."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from assessment.periods import parse_period
from assessment.schemes import load_schemes, read_scheme, scheme_for
from assessment.schemes.loader import check_schemes
from claims.model.refusals import Refused
from tests.support.assessment.sample_facts import ANNUAL, MONTHLY

Change = Callable[[dict[str, Any]], object]


def written() -> dict[str, Any]:
    """Return a small valid scheme."""
    return {
        "id": "test",
        "title": "测试",
        "source": "测试",
        "in_force_from": "2026-01-01",
        "few_claims": 5,
        "weights": {"contact": "40", "satisfied": "60"},
        "penalties": {"yellow": "1", "red": "3"},
        "penalty_at_most": "30",
        "bonus": {"same-day": "0.1"},
        "bonus_at_most": "2",
        "bands": [{"name": "好", "at_least": "80"}, {"name": "差", "at_least": "0"}],
        "compositions": {"month": {}},
    }


def text(change: Change = lambda raw: None) -> str:
    raw = written()
    change(raw)
    return json.dumps(raw)


@pytest.mark.rule("R61")
def test_the_packaged_schemes_say_what_the_rulebook_says() -> None:
    assert {m.value: str(w) for m, w in MONTHLY.weights.items()} == {
        "contact": "15",
        "reply": "10",
        "completion": "25",
        "resolved": "20",
        "satisfied": "30",
    }
    assert {m.value: str(p) for m, p in MONTHLY.penalties.items()} == {
        "yellow": "1",
        "red": "3",
        "returns-refused": "0.5",
        "orders-missed": "3",
        "false-feedback": "10",
    }
    assert (MONTHLY.penalty_at_most, MONTHLY.bonus_at_most) == (Decimal(30), Decimal(2))
    assert MONTHLY.few_claims == 5
    assert [band.name for band in MONTHLY.bands] == ["优秀", "良好", "合格", "需改进"]
    assert ANNUAL.compositions.keys() == {"year"}
    assert ANNUAL.whole + ANNUAL.compositions[parse_period("2026").kind].organisation == 100
    assert all(scheme.source for scheme in load_schemes())


@pytest.mark.rule("R61")
def test_a_scheme_in_order_is_read_with_exact_numbers() -> None:
    scheme = read_scheme(text())
    assert scheme.bonus == {"same-day": Decimal("0.1")}


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda raw: raw["weights"].update(contact="35"), "月通报的权重合计为95，应为100"),
        (lambda raw: raw["weights"].update(contact="-1"), "响应率的权重-1应大于0"),
        (lambda raw: raw["weights"].update({"yellow": "1"}), "黄灯越少越好，不能作为得分项"),
        (lambda raw: raw["weights"].update({"returns": "1"}), "退单率越少越好"),
        (lambda raw: raw["weights"].update({"satisfied-with-verified": "1"}), "不能重复计分"),
        (lambda raw: raw["weights"].update({"happiness": "1"}), "weights · happiness：没有这个名称"),
        (lambda raw: raw["weights"].clear(), "没有任何权重"),
        (lambda raw: raw["bands"].reverse(), "等次的最后一档应从0分起"),
        (lambda raw: raw["bands"].insert(1, {"name": "中", "at_least": "85"}), "逐档递减"),
        (lambda raw: raw["bands"][0].update(name="差"), "等次名称重复"),
        (lambda raw: raw["bands"][0].update(at_least="101"), "等次“好”的分数线高于100"),
        (lambda raw: raw["penalties"].update(red="0.5"), "红灯扣0.5分，少于黄灯的1分"),
        (lambda raw: raw["penalties"].update(contact="1"), "响应率越多越好，不能扣分"),
        (lambda raw: raw["penalties"].update({"criticisms": "1", "false-feedback": "1"}), "不能重复扣分"),
        (lambda raw: raw["penalties"].update(yellow="0"), "每次扣分应大于0"),
        (lambda raw: raw.update(penalty_at_most="0"), "扣分的项目与上限0不一致"),
        (lambda raw: raw.update(penalty_at_most="101"), "扣分上限101应在0至100之间"),
        (lambda raw: raw["bonus"].update(redo="1"), "重办率越少越好，不能加分"),
        (lambda raw: raw.update(compositions={}), "没有写明适用于哪种周期"),
        (
            lambda raw: raw["compositions"].update(year={"organisation": "10"}),
            "年终总评的权重合计为110，应为100",
        ),
        (lambda raw: raw["compositions"]["month"].update(share="0"), "S的比例应大于0"),
        (lambda raw: raw["compositions"]["month"].update(sample_share="2"), "再回访抽样比例2"),
        (lambda raw: raw.update(few_claims=0), "few_claims"),
        (lambda raw: raw.update(weight={}), "weight：没有名为 weight 的字段，是否想填 weights？"),
        (lambda raw: raw["bands"][1].update(nmae="优"), "没有名为 nmae 的字段，是否想填 name？"),
        (lambda raw: raw["compositions"]["month"].update(shar="1"), "没有名为 shar 的字段（共1处）"),
        (lambda raw: raw.pop("source"), "source：缺少此项"),
        (lambda raw: raw["weights"].update(contact=40.0), "40.0须写成文本"),
        (lambda raw: raw["weights"].update(contact="40.001"), "分值最多两位小数"),
        (lambda raw: raw["weights"].update(contact="NaN"), "分值应为有限的数"),
        (lambda raw: raw["weights"].update(contact="1e308"), "contact：分值不得超过1000"),
        (lambda raw: raw["weights"].update(contact=10**30), "contact：分值不得超过1000"),
        (lambda raw: raw["weights"].update(contact="9" * 400), "contact：分值不得超过1000"),
        (lambda raw: raw["weights"].update(contact="十五"), "分值不是数字"),
        (lambda raw: raw["weights"].update(contact=""), "分值不是数字"),
        (lambda raw: raw.update(few_claims=10**12), "few_claims：不得大于1000"),
        (lambda raw: raw.update(in_force_from="2026-13-01"), "in_force_from：应为日期，例如 2027-01-01"),
        (lambda raw: raw.update(id="x" * 1000), "id：不得超过40个字"),
        (lambda raw: raw.update(id="测 试"), "id：只能由字母、数字"),
        (lambda raw: raw["bands"][1].update(name=" "), "name：不能为空"),
        (lambda raw: raw.update(weights=[]), "weights：应为 JSON 对象"),
    ],
)
def test_a_scheme_that_contradicts_itself_is_refused(change: Change, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        read_scheme(text(change))
    assert (refused.value.rule, refused.value.instead) == ("R61", "请改正方案文件后重新提交")


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("", "第1行第1列写法不对"),
        ("[]", "整个文件：应为 JSON 对象"),
        ("{", "第1行第2列写法不对"),
        ('{"id": "a", "id": "b"}', "重复写了id"),
        ("null", "整个文件：应为 JSON 对象"),
        ('{"id": NaN}', "NaN不是数字"),
        (b'{"id": "\xb7\xbd"}', "不是UTF-8文本"),
        ("[" * 100_000, "层次过深"),
        ('{"few_claims": ' + "9" * 5000 + "}", "数字过长"),
    ],
)
def test_what_is_no_scheme_at_all_is_refused(broken: str | bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_scheme(broken)


@pytest.mark.rule("R61")
def test_two_schemes_of_one_day_for_one_kind_of_period_are_refused() -> None:
    other = read_scheme(text(lambda raw: raw.update(id="other")))
    with pytest.raises(Refused, match="方案other与test同日"):
        check_schemes([read_scheme(text()), other])
    with pytest.raises(Refused, match="编号重复"):
        check_schemes([other, other])


@pytest.mark.rule("R61")
def test_the_scheme_of_a_period_is_the_one_in_force_on_its_first_day() -> None:
    old = read_scheme(text())
    new = read_scheme(text(lambda raw: raw.update(id="new", in_force_from="2026-11-02")))
    assert scheme_for(parse_period("2026-11"), [old, new]) is old
    assert scheme_for(parse_period("2026-12"), [old, new]) is new
    assert scheme_for(parse_period("2026-11"), [old, new], "new") is new


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("period", "id", "reason"),
    [
        ("2025-12", "", "2025-12开始时没有施行中的考核方案"),
        ("2026-Q4", "", "没有施行中的考核方案"),
        ("2026-11", "R99", "编号为R99的考核方案"),
    ],
)
def test_a_period_without_a_scheme_is_refused(period: str, id: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        scheme_for(parse_period(period), [read_scheme(text())], id)


@pytest.mark.rule("R61")
def test_the_second_annual_scheme_is_used_only_by_name() -> None:
    year = parse_period("2026")
    assert scheme_for(year, load_schemes()) is MONTHLY
    assert scheme_for(year, load_schemes(), "R61-annual") is ANNUAL
