"""Quarter, half-year and year computed from published months."""

from decimal import Decimal

import pytest

from assessment.editions.composition import OrganisationPoints, basis, composed_edition, samples
from assessment.editions.model import Edition, sha256
from assessment.editions.sampling import Reinterview
from assessment.facts.model import Fact
from assessment.periods import parse_period
from assessment.scoring.figures import added, pooled
from assessment.terms import Measure
from claims.model.refusals import Refused
from tests.support.assessment.sample_facts import ANNUAL, MONTHLY, UNITS, fact, good, month

Q4, H2, YEAR = (parse_period(text) for text in ("2026-Q4", "2026-H2", "2026"))


def facts_of_month(n: int) -> list[Fact]:
    """A: four claims a month, the first contacted late and with a yellow light; B: three good ones."""
    day = f"2026-{n:02}-10"
    facts = [each for i in range(4) for each in good(f"QH{n:02}{i}", day=day)]
    facts[0] = fact(f"QH{n:02}0", Measure.CONTACT, 0, day=day)
    facts.append(fact(f"QH{n:02}0", Measure.YELLOW, 1, day=day))
    return facts + [each for i in range(5, 8) for each in good(f"QH{n:02}{i}", unit="B", day=day)]


def months(*numbers: int) -> list[Edition]:
    return [month(f"2026-{n:02}", facts_of_month(n)) for n in numbers]


def answers(editions: list[Edition], unsatisfied: str = "") -> list[Reinterview]:
    drawn = samples(basis(Q4, editions, UNITS), MONTHLY)
    return [
        Reinterview(claim=claim, unit=unit, satisfied=unit != unsatisfied or n > 0)
        for unit, claims in drawn.items()
        for n, claim in enumerate(claims)
    ]


@pytest.mark.rule("R62")
def test_a_quarter_is_nine_tenths_of_s_and_a_tenth_of_re_interviews() -> None:
    editions = months(10, 11, 12)
    quarter = composed_edition(Q4, editions, UNITS, MONTHLY, answers=answers(editions, unsatisfied="A"))
    a, b = quarter.unit("A"), quarter.unit("B")
    assert a is not None
    assert b is not None
    # contact 9/12: 11.25 + 10 + 25 + 20 + 30 = 96.25; one yellow light a month: 95.25; four of five asked again
    # were satisfied: 0.9 × 95.25 + 8 = 93.725
    assert (a.score, a.penalty, a.rank) == (Decimal("93.73"), Decimal("1.00"), 2)
    assert (b.score, b.rank) == (Decimal("100.00"), 1)
    assert [(str(line.points), line.text) for line in a.trace[-3:]] == [
        ("-1.00", "扣分按月平均：各月1.00、1.00、1.00，共3个月"),
        ("-9.52", "S为95.25分，按0.9计入"),
        ("8.00", "再回访满意4/5，权重10分"),
    ]
    assert sum(line.points for line in a.trace) == a.score


@pytest.mark.rule("R62", "R60")
def test_the_figures_of_a_quarter_are_those_of_all_its_facts() -> None:
    editions = months(10, 11, 12)
    quarter = composed_edition(Q4, editions, UNITS, MONTHLY, answers=answers(editions))
    everything = [each for n in (10, 11, 12) for each in facts_of_month(n)]
    counted = pooled(everything, lambda each: each.unit)
    for result in quarter.units:
        for measure, figure in result.measures.items():
            assert figure == counted[result.unit][measure]
    [group] = quarter.groups
    assert group.measures[Measure.CONTACT] == added(counted.values())[Measure.CONTACT]


@pytest.mark.rule("R61", "R62")
def test_few_claims_in_each_month_may_be_enough_in_a_quarter() -> None:
    editions = months(10, 11, 12)
    assert all(result.score is None for edition in editions for result in edition.units)
    quarter = composed_edition(Q4, editions, UNITS, MONTHLY, answers=answers(editions))
    assert [result.valid_claims for result in quarter.units] == [9, 12]


@pytest.mark.rule("R62")
def test_a_quarter_names_the_editions_that_it_is_built_on_and_draws_its_sample_from_them() -> None:
    editions = months(12, 10, 11)
    found = basis(Q4, editions, UNITS)
    assert dict(found.hashes) == {edition.period: sha256(edition) for edition in months(10, 11, 12)}
    assert list(found.hashes) == ["2026-10", "2026-11", "2026-12"]
    corrected = [*months(10, 11), month("2026-12", facts_of_month(12)[:-1])]
    assert basis(Q4, corrected, UNITS).seed != found.seed


@pytest.mark.rule("R62")
def test_only_claims_on_which_an_enterprise_has_said_its_word_are_asked_about_again() -> None:
    unheard = [fact("QH99", Measure.CONTACT, 1, unit="C", day="2026-12-10")]
    editions = [*months(10, 11), month("2026-12", [*facts_of_month(12), *unheard])]
    assert samples(basis(Q4, editions, UNITS), MONTHLY)["C"] == ()


@pytest.mark.rule("R62")
def test_where_nobody_is_reached_again_the_score_rests_on_s_alone() -> None:
    editions = months(10, 11, 12)
    unreached = [each.model_copy(update={"satisfied": None}) for each in answers(editions)]
    a = composed_edition(Q4, editions, UNITS, MONTHLY, answers=unreached).unit("A")
    assert a is not None
    assert a.score == Decimal("95.25")


@pytest.mark.rule("R62")
def test_a_half_year_is_ranked_by_s() -> None:
    half = composed_edition(H2, months(7, 8, 9, 10, 11, 12), UNITS, MONTHLY)
    assert [(result.unit, str(result.score), result.rank) for result in half.units] == [
        ("B", "100.00", 1),
        ("A", "95.25", 2),
    ]
    assert half.seed == ""


@pytest.mark.rule("R62")
def test_a_year_is_nine_tenths_of_s_and_ten_points_for_organisation() -> None:
    organisation = [
        OrganisationPoints(unit="A", points=Decimal("8.5"), reason="专班运行正常"),
        OrganisationPoints(unit="B", points=Decimal(10), reason="主要负责人月调度"),
    ]
    year = composed_edition(YEAR, months(*range(1, 13)), UNITS, MONTHLY, organisation=organisation)
    a = year.unit("A")
    assert a is not None
    assert a.score == Decimal("94.23")  # 0.9 × 95.25 + 8.5 = 94.225
    assert ("8.5", "组织领导8.5分：专班运行正常") in [(str(line.points), line.text) for line in a.trace]
    assert sum(line.points for line in a.trace) == a.score


@pytest.mark.rule("R61", "R62")
def test_the_second_annual_scheme_counts_knowledge_upkeep_too() -> None:
    editions = months(*range(1, 13))
    review = fact("", Measure.KNOWLEDGE, 0, day="2026-12-10").model_copy(update={"article": "KB-1"})
    reviewed = [review, review.model_copy(update={"article": "KB-2", "n": 1})]
    editions[-1] = month("2026-12", [*facts_of_month(12), *reviewed])
    organisation = [OrganisationPoints(unit=unit, points=Decimal(9), reason="正常") for unit in "AB"]
    year = composed_edition(YEAR, editions, UNITS, ANNUAL, organisation=organisation)
    scores = {result.unit: str(result.score) for result in year.units}
    # A: 40 + 40 + 10×1/2 − 1 + 9; B has no articles: 80 of 80 is 90 of 90, + 9
    assert scores == {"A": "93.00", "B": "99.00"}


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ((10, 12), "缺少2026-11的已公布通报"),
        ((10, 11, 12, 12), "只能由各月通报各一期形成"),
        ((9, 10, 11, 12), "只能由各月通报各一期形成"),
        ((), "缺少2026-10、2026-11、2026-12的已公布通报"),
    ],
)
def test_a_quarter_with_other_months_is_refused(numbers: tuple[int, ...], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        composed_edition(Q4, months(*numbers), UNITS, MONTHLY)


@pytest.mark.rule("R62")
def test_a_month_is_not_composed() -> None:
    with pytest.raises(Refused, match="由工单数据直接形成"):
        composed_edition(parse_period("2026-11"), months(11), UNITS, MONTHLY)


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (["10.5"], "A的组织领导得分10.5应在0至10之间"),
        (["-1"], "A的组织领导得分-1应在0至10之间"),
        (["9.001"], "最多两位小数"),
        (["9", "9"], "A的组织领导得分重复"),
        ([], "还缺少单位的组织领导得分"),
    ],
)
def test_points_for_organisation_are_complete_and_within_their_limit(points: list[str], reason: str) -> None:
    given = [OrganisationPoints(unit="A", points=Decimal(each), reason="正常") for each in points]
    with pytest.raises(Refused, match=reason):
        composed_edition(YEAR, months(*range(1, 13)), UNITS, MONTHLY, organisation=given)
