"""Periods, their days and deadlines; the sample, which anybody can reproduce."""

import hashlib
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.editions.sampling import Reinterview, answers_of, sample, seed
from assessment.periods import (
    Period,
    PeriodKind,
    check_begun,
    check_over,
    last_day_to_exclude,
    last_day_to_object,
    months_between,
    parse_period,
    publication_day,
)
from calendar_rules import WorkingCalendar
from calendar_rules.loader import load_calendar
from claims.model.refusals import Refused
from tests.support.assessment.claim_stories import instant
from tests.support.dates import iso
from tests.support.hypothesis_profile import effort


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return load_calendar()


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("text", "first", "last", "months"),
    [
        ("2026-11", "2026-11-01", "2026-11-30", 1),
        ("2026-02", "2026-02-01", "2026-02-28", 1),
        ("2028-02", "2028-02-01", "2028-02-29", 1),
        ("2026-Q1", "2026-01-01", "2026-03-31", 3),
        ("2026-Q4", "2026-10-01", "2026-12-31", 3),
        ("2026-H1", "2026-01-01", "2026-06-30", 6),
        ("2026-H2", "2026-07-01", "2026-12-31", 6),
        ("2026", "2026-01-01", "2026-12-31", 12),
    ],
)
def test_a_period_has_its_days_and_its_months(text: str, first: str, last: str, months: int) -> None:
    period = parse_period(text)
    assert (str(period), len(period.months)) == (text, months)
    assert (period.first_day.isoformat(), period.last_day.isoformat()) == (first, last)
    assert period.months[0].first_day == period.first_day
    assert period.months[-1].last_day == period.last_day


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-13", "2026-00", "2026-1", "2026-Q5", "2026-Q0", "2026-H3", "26-11", "1926-11"),
        *("2026-11-01", "2026Q4", "2026-q4", " 2026-11", "2026-11\n", "２０２６-11", "2026-", "十一月"),
    ],
)
def test_a_malformed_period_is_refused_with_the_right_forms(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_period(text)
    assert refused.value.rule == "R62"
    assert refused.value.instead == "请写成 2026-11、2026-Q4、2026-H2 或 2026"


@pytest.mark.rule("R62")
@given(st.sampled_from(PeriodKind), st.integers(2000, 2099), st.integers(1, 12))
@effort(40)
def test_every_period_reads_as_it_is_written(kind: PeriodKind, year: int, n: int) -> None:
    most = {"month": 12, "quarter": 4, "half": 2, "year": 1}[kind]
    period = Period(kind=kind, year=year, n=min(n, most))
    assert parse_period(str(period)) == period


@pytest.mark.rule("R62", "R1")
@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2026-10", iso("Fri 2026-11-06")),
        ("2026-11", iso("Mon 2026-12-07")),  # a weekend lies between
        ("2026-01", iso("Fri 2026-02-06")),
        ("2026-09", iso("Tue 2026-10-13")),  # the National Day holiday, and the Saturday worked for it
        ("2026-Q3", iso("Tue 2026-10-13")),
        ("2026-H1", iso("Tue 2026-07-07")),
        ("2025", iso("Thu 2026-01-08")),  # New Year's Day to the 3rd, and Sunday the 4th worked for it
    ],
)
def test_an_edition_is_due_on_the_fifth_working_day(calendar: WorkingCalendar, period: str, day: str) -> None:
    assert publication_day(parse_period(period), calendar).isoformat() == day


@pytest.mark.rule("R62", "R65")
def test_units_have_three_working_days_to_object_and_five_to_apply_for_an_exclusion(
    calendar: WorkingCalendar,
) -> None:
    drafted = instant("Thu 12-03 16:00")
    assert last_day_to_object(drafted, calendar) == date(2026, 12, 8)  # Tuesday
    assert last_day_to_exclude(drafted, calendar) == date(2026, 12, 10)  # Thursday


@pytest.mark.rule("R62", "R2")
def test_a_period_is_over_when_its_last_day_is_over_in_beijing() -> None:
    november = parse_period("2026-11")
    with pytest.raises(Refused, match="2026-11于2026-11-30 24:00结束，尚不能考核"):
        check_over(november, instant("Mon 11-30 23:59"))
    check_over(november, instant("Tue 12-01 00:00"))


@pytest.mark.rule("R62", "R2")
def test_a_period_has_begun_when_its_first_day_has_in_beijing() -> None:
    december = parse_period("2026-12")
    with pytest.raises(Refused, match="2026-12于2026-12-01 00:00开始，尚无考核数据"):
        check_begun(december, instant("Mon 11-30 23:59"))
    check_begun(december, instant("Tue 12-01 00:00"))
    assert december.starts_at == parse_period("2026-11").ends_at == instant("Tue 12-01 00:00")
    assert parse_period("2026-Q4").ends_at == instant("Thu 12-31 24:00")


def test_months_are_listed_across_the_years() -> None:
    months = months_between(date(2025, 11, 30), date(2026, 2, 1))
    assert [str(month) for month in months] == ["2025-11", "2025-12", "2026-01", "2026-02"]


@pytest.mark.rule("R62")
def test_the_sample_is_what_the_documented_hashes_say() -> None:
    drawn_with = hashlib.sha256(b"2026-Q4\naa\nbb\ncc").hexdigest()
    assert seed(parse_period("2026-Q4"), ["aa", "bb", "cc"]) == drawn_with
    claims = [f"QH{n:02}" for n in range(30)]
    by_hand = sorted(claims, key=lambda claim: hashlib.sha256(f"{drawn_with}/A/{claim}".encode()).hexdigest())
    assert sample(drawn_with, "A", claims, share=Decimal("0.1"), at_least=5) == tuple(by_hand[:5])
    assert sample(drawn_with, "A", claims, share=Decimal("0.35"), at_least=5) == tuple(by_hand[:11])


@pytest.mark.rule("R62")
@given(st.sets(st.text("0123456789", min_size=1), max_size=40), st.randoms(use_true_random=False))
@effort(40)
def test_the_sample_depends_on_seed_unit_and_claims_and_nothing_else(
    claims: set[str], random: Random
) -> None:
    shuffled = sorted(claims, key=lambda _: random.random())
    drawn = sample("s", "A", shuffled, share=Decimal("0.1"), at_least=5)
    assert drawn == sample("s", "A", claims, share=Decimal("0.1"), at_least=5)
    assert len(drawn) == min(len(claims), 5)
    assert set(drawn) <= claims


@pytest.mark.rule("R62")
def test_who_was_not_reached_again_is_in_no_denominator() -> None:
    said = [("QH1", True), ("QH2", False), ("QH3", None)]
    answers = [Reinterview(claim=claim, unit="A", satisfied=satisfied) for claim, satisfied in said]
    figure = answers_of("A", ("QH1", "QH2", "QH3"), answers)
    assert (figure.n, figure.of, figure.lost) == (1, 2, ("QH2",))


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (["QH1"], "A还缺少1件再回访结果：QH2"),
        (["QH1", "QH1", "QH2"], "QH1的再回访结果重复"),
        (["QH1", "QH2", "QH9"], "QH9不在A的再回访样本之内"),
    ],
)
def test_answers_that_are_not_those_of_the_sample_are_refused(answered: list[str], reason: str) -> None:
    answers = [Reinterview(claim=claim, unit="A", satisfied=True) for claim in answered]
    with pytest.raises(Refused, match=reason):
        answers_of("A", ("QH1", "QH2"), answers)
