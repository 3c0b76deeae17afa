"""Figures: pooled, excluded, corrected; and errors of pooling."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.editions.monthly import monthly_edition
from assessment.facts.exclusions import Exclusion, check_exclusions, with_exclusions
from assessment.facts.model import Fact, check_unique
from assessment.periods import parse_period
from assessment.scoring.figures import Figure, Figures, added, corrections, pooled, valid_claims
from assessment.terms import COUNTS, PUBLISHED, ExclusionReason, Group, Measure
from assessment.units import AssessedUnit, AssessedUnits, assessed_units
from claims.lookup.unit_tree import Organisation
from claims.model.refusals import Refused
from data import load_organisation
from tests.support.assessment.sample_facts import MONTHLY, SCORED, UNITS, fact, good, month
from tests.support.dates import iso
from tests.support.hypothesis_profile import effort

NOVEMBER = parse_period("2026-11")


@st.composite
def many_facts(draw: st.DrawFn) -> list[Fact]:
    """Return facts of four units and thirty claims, without repetitions."""
    keys = st.tuples(st.integers(0, 29), st.sampled_from("ABCD"), st.sampled_from(PUBLISHED))
    found = draw(st.dictionaries(keys, st.integers(0, 1), max_size=60))
    return [
        fact(f"QH{claim}", measure, 1 if measure in COUNTS else n, unit=unit)
        for (claim, unit, measure), n in found.items()
    ]


def by_unit(facts: list[Fact] | tuple[Fact, ...]) -> dict[str, Figures]:
    return pooled(facts, lambda each: each.unit)


@pytest.mark.rule("R60")
@given(many_facts(), st.integers(0, 99))
@effort(30)
def test_pooling_parts_is_the_same_as_counting_all(facts: list[Fact], seed: int) -> None:
    parts: list[list[Fact]] = [[], [], []]
    for each in facts:
        parts[Random(f"{seed}{each.id}").randrange(3)].append(each)
    whole = pooled(facts, lambda _: "all").get("all")
    assert whole in (None, added(figures for part in parts for figures in by_unit(part).values()))


@pytest.mark.rule("R60", "R62")
@given(many_facts(), st.randoms(use_true_random=False))
@effort(25)
def test_the_order_of_the_facts_does_not_matter(facts: list[Fact], random: Random) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert month("2026-11", shuffled) == month("2026-11", facts)


@pytest.mark.rule("R61")
@given(many_facts(), st.integers(1, 3))
@effort(50)
def test_another_claim_in_time_never_lowers_a_score(facts: list[Fact], more: int) -> None:
    facts += [fact(f"QH8{n}", Measure.CONTACT, n % 2) for n in range(5)]  # enough for a score
    extra = [each for n in range(more) for each in good(f"QH9{n}")]
    before, after = month("2026-11", facts).unit("A"), month("2026-11", facts + extra).unit("A")
    assert before is not None
    assert after is not None
    assert before.score is not None
    assert after.score is not None
    assert after.score >= before.score


@pytest.mark.rule("R65")
@given(many_facts(), st.integers(0, 29), st.sampled_from("ABCD"), st.sampled_from((None, *SCORED)))
@effort(30)
def test_an_excluded_claim_changes_its_own_unit_only(
    facts: list[Fact], claim: int, unit: str, measure: Measure | None
) -> None:
    exclusion = Exclusion(
        claim=f"QH{claim}",
        unit=unit,
        measure=measure,
        reason=ExclusionReason.POLICY,
        decided_on=date(2026, 12, 4),
    )
    before, after = by_unit(facts), by_unit(with_exclusions(facts, [exclusion]))
    for other in before.keys() - {unit}:
        assert after[other] == before[other]
    for each in corrections(before.get(unit, {}), after.get(unit, {})):
        assert (each.gone, each.new) == ((exclusion.claim,), ())
        assert measure in (None, each.measure)
        assert each.measure not in (Measure.YELLOW, Measure.RED)


@pytest.mark.rule("R60")
def test_a_fact_that_stands_twice_is_refused_and_named() -> None:
    with pytest.raises(Refused, match="考核数据重复：QH1/1/contact//A") as refused:
        month("2026-11", [*good("QH1"), fact("QH1", Measure.CONTACT, 0)])
    assert refused.value.rule == "R60"


@pytest.mark.rule("R60")
def test_two_lights_of_one_claim_are_two_facts() -> None:
    lights = [fact("QH1", Measure.YELLOW, 1, about=limit) for limit in ("contact", "reply")]
    assert pooled(check_unique(lights), lambda each: each.unit)["A"][Measure.YELLOW] == Figure(
        n=2, claims=("QH1",), lost=("QH1",)
    )


@pytest.mark.rule("R65", "R37")
def test_a_light_cannot_be_excluded() -> None:
    exclusion = Exclusion(
        claim="QH1",
        unit="A",
        measure=Measure.YELLOW,
        reason=ExclusionReason.POLICY,
        decided_on=date(2026, 12, 4),
    )
    with pytest.raises(Refused, match="亮牌保留"):
        check_exclusions([exclusion])


@pytest.mark.rule("R65")
def test_an_exclusion_concerns_its_own_unit_and_claim() -> None:
    exclusion = Exclusion(claim="QH1", unit="A", reason=ExclusionReason.POLICY, decided_on=date(2026, 12, 4))
    facts = [fact("QH1", Measure.REPLY, 0), fact("QH1", Measure.REPLY, 0, unit="B"), *good("QH2")]
    assert [each.id for each in facts if exclusion.concerns(each)] == ["QH1/1/reply//A"]


@pytest.mark.rule("R65")
def test_an_excluded_fact_says_so_and_what_it_was() -> None:
    exclusion = Exclusion(
        claim="QH1", unit="A", reason=ExclusionReason.FORCE_MAJEURE, decided_on=date(2026, 12, 4)
    )
    [found] = with_exclusions([fact("QH1", Measure.CONTACT, 0)], [exclusion])
    assert (found.counted, found.rule, found.why) == (False, "R65", "2026-12-04剔除：不可抗力（测试）")


@pytest.mark.rule("R60")
def test_what_does_not_count_is_in_no_figure() -> None:
    left_out = fact("QH1", Measure.CONTACT, 0).model_copy(update={"counted": False})
    assert by_unit([left_out])["A"][Measure.CONTACT] == Figure(of=0)


@pytest.mark.rule("R61")
def test_valid_claims_are_counted_once_and_articles_not_at_all() -> None:
    article = fact("", Measure.KNOWLEDGE, 1).model_copy(update={"article": "KB-001"})
    figures = by_unit([*good("QH1"), *good("QH2"), article])["A"]
    assert valid_claims(figures, [*SCORED, Measure.KNOWLEDGE]) == ("QH1", "QH2")


@pytest.mark.rule("R61")
def test_a_unit_renamed_within_the_period_is_one_unit_under_its_newest_name() -> None:
    old = [
        each.model_copy(update={"unit_name": "旧名局"}) for each in good("QH1", day="2026-11-02")
    ]  # Monday
    result = month("2026-11", [*old, *good("QH2", day=iso("Tue 2026-11-24"))]).unit("A")
    assert result is not None
    assert (result.name, result.former_names) == ("A局", ("旧名局",))
    assert result.measures[Measure.CONTACT].of == 2


@pytest.mark.rule("R61")
def test_the_claims_of_a_merged_unit_are_its_successors() -> None:
    units = AssessedUnits(
        [
            AssessedUnit(id="A", name="A局", group=Group.DEPARTMENT),
            AssessedUnit(id="B", name="B局", group=Group.DEPARTMENT, merged_into="A"),
        ]
    )
    edition = monthly_edition(NOVEMBER, [*good("QH1"), *good("QH2", unit="B")], units, MONTHLY)
    [result] = edition.units
    assert (result.unit, result.former_names) == ("A", ("B局",))
    assert result.measures[Measure.CONTACT].claims == ("QH1", "QH2")


@pytest.mark.rule("R61", "R65")
def test_what_is_excluded_for_a_unit_leaves_the_claims_of_those_merged_into_it_too() -> None:
    units = AssessedUnits(
        [
            AssessedUnit(id="A", name="A局", group=Group.DEPARTMENT),
            AssessedUnit(id="B", name="B局", group=Group.DEPARTMENT, merged_into="A"),
        ]
    )
    excluded = Exclusion(claim="QH2", unit="A", reason=ExclusionReason.POLICY, decided_on=date(2026, 12, 2))
    facts = [*good("QH1"), *good("QH2", unit="B")]
    edition = monthly_edition(NOVEMBER, facts, units, MONTHLY, exclusions=[excluded])
    [result] = edition.units
    assert result.measures[Measure.CONTACT].claims == ("QH1",)
    assert edition.exclusions == (excluded,)


@pytest.mark.rule("R61")
def test_a_merged_unit_of_the_citys_list_is_assessed_with_its_successor() -> None:
    organisation = load_organisation()
    first, second = [unit.id for unit in assessed_units(organisation) if unit.group is Group.DEPARTMENT][:2]
    merged = Organisation(
        unit.model_copy(update={"merged_into": second, "roles": ()}) if unit.id == first else unit
        for unit in organisation.units
    )
    units = assessed_units(merged)
    assert units.answering_for(first).id == second
    assert set(units.behind(second)) == {first, second}


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("units", "reason"),
    [
        ([("A", ""), ("A", "")], "考核单位编号重复：A"),
        ([("A", "B"), ("B", "A")], "单位合并成环：A → B → A"),
        ([("A", "Z")], "A并入的单位Z不在本期考核单位之列"),
    ],
)
def test_units_that_contradict_each_other_are_refused(units: list[tuple[str, str]], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        AssessedUnits(
            AssessedUnit(id=id, name=id, group=Group.DISTRICT, merged_into=into) for id, into in units
        )


@pytest.mark.rule("R61")
def test_a_fact_of_a_unit_that_is_not_assessed_is_refused_not_dropped() -> None:
    with pytest.raises(Refused, match="单位Z不在本期考核单位之列"):
        monthly_edition(NOVEMBER, good("QH1", unit="Z"), UNITS, MONTHLY)
