"""Scores and ranks, with their traces."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.facts.model import Fact
from assessment.scoring.figures import pooled
from assessment.scoring.ranking import band, in_order, ranks
from assessment.scoring.score import Score, bonus, penalties, score, two_decimals
from assessment.terms import Measure
from tests.support.assessment.sample_facts import MONTHLY, fact, good, month
from tests.support.hypothesis_profile import effort
from tests.unit.assessment.test_figures import many_facts


def scored(facts: list[Fact]) -> Score:
    figures = pooled(facts, lambda each: each.unit)["A"]
    return score(figures, MONTHLY, taken=penalties(figures, MONTHLY), given=bonus(figures, MONTHLY))


def perfect(claims: int) -> list[Fact]:
    return [each for n in range(claims) for each in good(f"QH{n}")]


@pytest.mark.rule("R61")
def test_five_perfect_claims_are_a_hundred_points() -> None:
    assert scored(perfect(5)).points == Decimal("100.00")


@pytest.mark.rule("R61")
def test_four_claims_are_too_few_and_the_trace_says_so() -> None:
    found = scored(perfect(4))
    assert (found.points, found.valid_claims) == (None, 4)
    assert [line.text for line in found.trace] == ["有效诉求4件，少于5件，不计分、不排名"]


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (Fraction(1, 200), "0.01"),  # half up
        (Fraction(-1, 200), "0.00"),
        (Fraction(2, 3), "0.67"),
        (Fraction(125, 1000), "0.13"),  # banker's rounding would say 0.12
        (Fraction(87), "87.00"),
    ],
)
def test_points_are_rounded_half_up_to_two_decimals(exact: Fraction, rounded: str) -> None:
    assert str(two_decimals(exact)) == rounded


@pytest.mark.rule("R61")
def test_penalties_stop_at_thirty_points() -> None:
    lights = [fact("QH0", Measure.RED, 1, about=str(n)) for n in range(11)]
    found = scored([*perfect(5), *lights])
    assert (found.penalty, found.points) == (Decimal("30.00"), Decimal("70.00"))
    assert [(str(line.points), line.text) for line in found.trace[-2:]] == [
        ("-33.00", "红灯11次，每次扣3分"),
        ("3.00", "扣分以30分为限"),
    ]


@pytest.mark.rule("R61", "R19")
def test_the_bonus_stops_at_two_points_and_the_score_at_a_hundred() -> None:
    claims = [f"QH{n}" for n in range(21)]
    facts = [each for claim in claims for each in (*good(claim), fact(claim, Measure.SAME_DAY, 1))]
    found = scored(facts)
    assert (found.bonus, found.points) == (Decimal("2.00"), Decimal("100.00"))
    assert [(str(line.points), line.text) for line in found.trace[-3:]] == [
        ("2.10", "当天解决率21次，每次加0.1分"),
        ("-0.10", "加分以2分为限"),
        ("-2.00", "得分不高于100分"),
    ]


@pytest.mark.rule("R61")
def test_a_score_is_never_below_nothing() -> None:
    bad = [fact(f"QH{n}", Measure.CONTACT, 0) for n in range(5)]
    found = scored([*bad, fact("QH0", Measure.YELLOW, 1)])
    assert found.points == Decimal("0.00")
    assert found.trace[-1].text == "得分不低于0分"


@pytest.mark.rule("R61")
def test_a_measure_without_data_is_not_guessed_the_others_stand_for_it() -> None:
    contact = [fact(f"QH{n}", Measure.CONTACT, int(n > 0)) for n in range(5)]
    reply = [fact(f"QH{n}", Measure.REPLY, 1) for n in range(5)]
    found = scored([*contact, *reply])
    assert found.points == Decimal("88.00")  # 12 + 10 of 25, of 100
    assert ("66.00", "没有数据的指标不猜测，已有指标的得分按100/25折算") in [
        (str(line.points), line.text) for line in found.trace
    ]


@pytest.mark.rule("R61")
@given(many_facts())
@effort(40)
def test_the_lines_of_a_trace_add_up_to_the_score(facts: list[Fact]) -> None:
    facts += [fact(f"QH8{n}", Measure.REPLY, n % 2) for n in range(5)]  # enough for a score
    for result in month("2026-11", facts).units:
        total = sum((line.points for line in result.trace), Decimal(0))
        assert total == (result.score or 0)
        assert all(line.rule and line.text for line in result.trace)


@pytest.mark.rule("R61")
def test_equal_scores_share_a_rank_and_the_next_rank_is_left_out() -> None:
    scores = {"A": "91.00", "B": "96.00", "C": "96.00", "D": None, "E": "80.00"}
    given_ranks = ranks({unit: Decimal(points) if points else None for unit, points in scores.items()})
    assert given_ranks == {"A": 3, "B": 1, "C": 1, "D": None, "E": 4}
    assert in_order(given_ranks.items()) == ["B", "C", "A", "E", "D"]


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("points", "name"),
    [
        ("100.00", "优秀"),
        ("90.00", "优秀"),
        ("89.99", "良好"),
        ("80.00", "良好"),
        ("60.00", "合格"),
        ("59.99", "需改进"),
        ("0.00", "需改进"),
    ],
)
def test_bands_begin_at_their_floors(points: str, name: str) -> None:
    assert band(Decimal(points), MONTHLY.bands) == name


@pytest.mark.rule("R61")
def test_without_a_score_there_is_no_band() -> None:
    assert band(None, MONTHLY.bands) == ""


@pytest.mark.rule("R61")
@given(st.dictionaries(st.text("ABCDE", max_size=3), st.none() | st.integers(0, 20).map(Decimal), max_size=9))
@effort(30)
def test_a_rank_is_one_more_than_the_number_of_better_units(scores: dict[str, Decimal | None]) -> None:
    for unit, rank in ranks(scores).items():
        own = scores[unit]
        better = [each for each in scores.values() if each is not None and own is not None and each > own]
        assert rank == (None if own is None else len(better) + 1)
