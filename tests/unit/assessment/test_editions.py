"""Editions: the same bytes for the same facts, a hash, and what a correction changes."""

import hashlib
import json
from datetime import date
from decimal import Decimal

import pytest

from assessment.editions.differences import differences
from assessment.editions.model import Edition, canonical, read_edition, sha256
from assessment.editions.monthly import monthly_edition
from assessment.facts.exclusions import Exclusion
from assessment.facts.model import Fact
from assessment.periods import parse_period
from assessment.terms import ExclusionReason, Measure
from claims.model.refusals import Refused
from tests.support.assessment.sample_facts import MONTHLY, UNITS, fact, good, month

EXCLUDED = Exclusion(
    claim="QH0",
    unit="A",
    measure=Measure.CONTACT,
    reason=ExclusionReason.POLICY,
    decided_on=date(2026, 12, 8),
)


def some_facts() -> list[Fact]:
    """Return facts of six claims of A, the first contacted late; five of B; the platform once late."""
    facts = [each for n in range(6) for each in good(f"QH{n}")]
    facts[0] = fact("QH0", Measure.CONTACT, 0)
    facts += [each for n in range(10, 15) for each in good(f"QH{n}", unit="B")]
    late = {"unit": "PF", "about": "dispatch:0/0/dispatch", "district": ""}
    return [*facts, fact("QH0", Measure.PLATFORM_DELAY, 1).model_copy(update=late)]


def edition(*exclusions: Exclusion, facts: list[Fact] | None = None, number: int = 1) -> Edition:
    period = parse_period("2026-11")
    return monthly_edition(
        period, facts or some_facts(), UNITS, MONTHLY, exclusions=exclusions, edition=number
    )


@pytest.mark.rule("R62")
def test_an_edition_is_canonical_json_without_floats() -> None:
    text = canonical(edition()).decode()
    raw = json.loads(text, parse_float=lambda found: pytest.fail(f"a float: {found}"))
    assert text == json.dumps(raw, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    for one in (edition(), edition(EXCLUDED)):
        assert json.loads(canonical(one)) == one.model_dump(mode="json")
    assert "响应率5/6，权重15分" in text
    [b, a] = raw["units"]
    assert (a["unit"], a["score"], a["rank"]) == ("A", "97.50", 2)
    assert (b["unit"], b["score"], b["rank"]) == ("B", "100.00", 1)
    assert a["measures"]["contact"] == {
        "n": 5,
        "of": 6,
        "claims": ["QH0", "QH1", "QH2", "QH3", "QH4", "QH5"],
        "lost": ["QH0"],
    }
    assert a["measures"]["yellow"] == {"n": 0, "of": None, "claims": [], "lost": []}
    assert raw["platform"] == [{"kind": "dispatch", "n": 1, "of": 1, "claims": ["QH0"]}]


@pytest.mark.rule("R62")
def test_its_hash_is_that_of_its_bytes_and_never_changes_by_itself() -> None:
    assert sha256(edition()) == hashlib.sha256(canonical(edition())).hexdigest()
    assert sha256(edition(facts=some_facts()[::-1])) == sha256(edition())
    assert sha256(edition(EXCLUDED)) != sha256(edition())


@pytest.mark.rule("R62")
def test_an_edition_reads_back_as_it_was() -> None:
    assert read_edition(canonical(edition(EXCLUDED)), sha256(edition(EXCLUDED))) == edition(EXCLUDED)


@pytest.mark.rule("R62")
def test_changed_bytes_are_refused() -> None:
    changed = canonical(edition()).replace(b"97.50", b"99.50")
    with pytest.raises(Refused, match="哈希"):
        read_edition(changed, sha256(edition()))
    with pytest.raises(Refused, match="通报内容有误"):
        read_edition(b"{}")


@pytest.mark.rule("R62")
def test_a_float_never_gets_into_an_edition() -> None:
    wrong = edition().model_copy(update={"platform": ({"n": 0.5},)})
    with pytest.raises(TypeError, match="float"):
        canonical(wrong)


@pytest.mark.rule("R62")
def test_equal_editions_differ_in_nothing() -> None:
    assert differences(edition(), edition()) == ()


@pytest.mark.rule("R62", "R65")
def test_a_correction_says_figure_by_figure_what_it_changes() -> None:
    corrected = edition(EXCLUDED, number=2)
    assert corrected.differs_from == 1
    assert differences(edition(), corrected, {"QX-370481": "滕州市"}) == (
        "新增剔除：A局的QH0响应率（政策所限）",
        "A局：响应率 5/6 → 5/5（不再计入QH0）",
        "A局：得分 97.50 → 100.00",
        "A局：名次 2 → 1",
        "滕州市辖区：响应率 10/11 → 10/10（不再计入QH0）",
        "组别市直部门：响应率 10/11 → 10/10（不再计入QH0）",
    )


@pytest.mark.rule("R62")
def test_a_changed_fact_a_new_unit_and_another_platform_figure_are_named() -> None:
    facts = [each for each in some_facts() if each.measure is not Measure.PLATFORM_DELAY]
    facts += [*good("QH20", unit="C"), fact("QH1", Measure.YELLOW, 1)]
    found = differences(edition(), edition(facts=facts))
    assert "A局：黄灯 0 → 1（新计入QH1）" in found
    assert "A局：扣分 0.00 → 1.00" in found
    assert "C局：新列入" in found
    assert "平台延误（派单时限） 1/1 → 无" in found
    assert "C局：不再列入" in differences(edition(facts=facts), edition())


@pytest.mark.rule("R60", "R62")
def test_a_month_counts_only_what_falls_into_it() -> None:
    around = [*good("QH1", day="2026-10-31"), *good("QH2", day="2026-12-01"), *good("QH3", day="2026-11-30")]
    [result] = month("2026-11", around).units
    assert result.measures[Measure.CONTACT].claims == ("QH3",)


@pytest.mark.rule("R62")
def test_a_quarter_is_not_made_from_facts() -> None:
    with pytest.raises(Refused, match="2026-Q4不是月份"):
        month("2026-Q4", good("QH1"))


@pytest.mark.rule("R61")
def test_a_month_without_any_facts_has_no_units_and_says_nothing() -> None:
    empty = month("2026-11", [])
    assert (empty.units, empty.districts, empty.groups, empty.platform) == ((), (), (), ())
    assert Decimal(0) == sum((result.penalty for result in empty.units), Decimal(0))
