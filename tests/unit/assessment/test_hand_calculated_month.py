"""November 2026 in forty claims. `november.tsv` holds each claim's story and, beside it, its contributions to
units' figures, written by hand from the rulebook; the sums and scores below were calculated by hand.

In the table 1 is one of one, 0 is none of one, a dot adds nothing; counts are plain numbers.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Final

import pytest

from assessment.editions.model import Edition
from assessment.editions.monthly import monthly_edition
from assessment.facts.exclusions import Exclusion, with_exclusions
from assessment.facts.extraction import facts_of_all
from assessment.facts.model import Fact
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.terms import COUNTS, ExclusionReason, Measure
from assessment.units import assessed_units
from tests.support.assessment.claim_stories import UNITS, instant
from tests.support.assessment.november import TABLE, stories
from tests.support.claims.people import ORGANISATION

NOVEMBER = parse_period("2026-11")
COLUMNS = [Measure(name) for name in TABLE[0] if name not in ("no", "place", "unit", "story")]
EXCLUSIONS = (
    Exclusion(
        claim="QH16",
        unit="ZZ-GD",
        reason=ExclusionReason.FORCE_MAJEURE,
        decided_on=instant("Fri 12-04 09:00").date(),
    ),
    Exclusion(
        claim="QH17",
        unit="ZZ-GD",
        measure=Measure.RESOLVED,
        reason=ExclusionReason.POLICY,
        decided_on=instant("Fri 12-04 09:00").date(),
    ),
)


@pytest.fixture(scope="module")
def facts() -> tuple[Fact, ...]:
    """The facts as of the fifth working day of December."""
    return facts_of_all(play.run("Mon 12-07 09:00") for play in stories())


@pytest.fixture(scope="module")
def edition(facts: tuple[Fact, ...]) -> Edition:
    scheme = scheme_for(NOVEMBER, load_schemes())
    return monthly_edition(NOVEMBER, facts, assessed_units(ORGANISATION), scheme, exclusions=EXCLUSIONS)


def cell(facts: list[Fact], measure: Measure) -> str:
    """Return the table's notation for these facts."""
    n, of = sum(fact.n for fact in facts), sum(fact.of for fact in facts)
    if measure in COUNTS:
        return str(n) if facts else "."
    assert of <= 1, facts
    return str(n) if of else "."


@pytest.mark.rule("R19", "R60", "R65")
@pytest.mark.parametrize(
    "row", [row for row in TABLE if row["unit"]], ids=lambda row: f"{row['no']}-{row['unit']}"
)
def test_each_claim_adds_to_each_unit_what_the_table_says(
    facts: tuple[Fact, ...], row: dict[str, str]
) -> None:
    counted = [fact for fact in with_exclusions(NOVEMBER.facts(facts), EXCLUSIONS) if fact.counted]
    unit = UNITS[row["unit"]]
    found = {
        measure: cell(
            [f for f in counted if (f.claim, f.unit, f.measure) == (f"QH{row['no']}", unit, measure)], measure
        )
        for measure in COLUMNS
    }
    assert found == {measure: row[measure] for measure in COLUMNS}


@pytest.mark.rule("R60")
def test_no_unit_counts_a_claim_that_the_table_does_not_give_it(facts: tuple[Fact, ...]) -> None:
    given = {(f"QH{row['no']}", UNITS[row["unit"]]) for row in TABLE if row["unit"]}
    found = {(f.claim, f.unit) for f in NOVEMBER.facts(facts) if f.counted and f.unit != "PF"}
    assert found <= given


@pytest.mark.rule("R60")
def test_whatever_does_not_count_says_why(facts: tuple[Fact, ...]) -> None:
    reasons: defaultdict[str, set[str]] = defaultdict(set)
    for fact in with_exclusions(facts, EXCLUSIONS):
        assert fact.why, fact
        if not fact.counted:
            reasons[fact.rule].add(fact.claim)
    assert reasons == {
        "R12": {"QH25", "QH27"},
        "R13": {"QH26"},
        "R15": {"QH07", "QH23"},
        "R16": {"QH23"},
        "R22": {"QH31"},
        "R37": {"QH19"},
        "R41": {"QH15"},
        "R44": {"QH09", "QH10"},
        "R47": {"QH12", "QH13"},
        "R48": {"QH14"},
        "R5": {"QH22"},  # the hotline's limit fell away with the incomplete feedback
        "R65": {"QH16", "QH17"},
    }


#              GD      SWJ    ZJJ    TZ     XC     YC
SUMS: Final = """
contact        8/12    4/6    5/5    4/5    4/5    1/1
reply          10/11   5/5    5/5    5/5    5/5    1/1
completion     12/12   4/4    5/5    5/5    5/5    1/1
resolved       8/10    4/5    5/5    5/5    5/5    1/1
satisfied      8/9     5/5    5/5    5/5    5/5    1/1
satisfied-with-verified 8/11 5/5 5/5 5/5    5/5    1/1
same-day       5/12    0/4    0/5    0/5    0/5    0/1
signed-for     10/12   5/6    5/5    5/5    5/5    1/1
first-dispatch 12/13   5/5    4/5    5/5    5/5    1/1
returns        2/13    1/7    2/5    0/5    0/5    0/1
returns-refused 1/2    0/1    1/2    0/0    0/0    0/0
redo           4/11    0/5    0/5    0/5    0/5    0/1
extensions     1       0      0      0      0      0
yellow         5       0      0      1      1      0
red            2       0      0      0      0      0
criticisms     2       0      0      0      0      0
co-unit-late   0/0     1/1    0/0    0/0    0/0    0/0
knowledge      0/0     0/0    0/0    0/0    0/0    0/0
"""


@pytest.mark.rule("R60")
@pytest.mark.parametrize("line", SUMS.strip().splitlines(), ids=lambda line: line.split()[0])
def test_the_sums_of_the_units_are_those_of_the_pocket_calculator(edition: Edition, line: str) -> None:
    measure, *sums = line.split()
    for unit, wanted in zip(("GD", "SWJ", "ZJJ", "TZ", "XC", "YC"), sums, strict=True):
        result = edition.unit(UNITS[unit])
        assert result is not None
        figure = result.measures[Measure(measure)]
        shown = f"{figure.n}" if figure.of is None else f"{figure.n}/{figure.of}"
        assert (unit, shown) == (unit, wanted)


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("unit", "valid", "penalty", "bonus", "score", "band", "rank"),
    [
        # 10 + 9.0909 + 25 + 16 + 26.6667 = 86.7576; taken 5×1 + 2×3 + 0.5 + 3 + 10; given 5×0.1
        ("GD", 13, "24.50", "0.50", "62.76", "合格", 1),
        ("SWJ", 6, "0.00", "0.00", "91.00", "优秀", 2),  # 10 + 10 + 25 + 16 + 30
        ("ZJJ", 5, "0.50", "0.00", "99.50", "优秀", 1),  # all, less one refused return
        ("TZ", 5, "1.00", "0.00", "96.00", "优秀", 1),  # 12 + 10 + 25 + 20 + 30, less one yellow light
        ("XC", 5, "1.00", "0.00", "96.00", "优秀", 1),  # the same: they share the rank
        ("YC", 1, "0.00", "0.00", None, "", None),  # fewer than five
        ("SPJ", 0, "0.00", "0.00", None, "", None),  # a co-unit only
    ],
)
def test_scores_bands_and_ranks_are_those_of_the_pocket_calculator(
    edition: Edition,
    unit: str,
    valid: int,
    penalty: str,
    bonus: str,
    score: str | None,
    band: str,
    rank: int | None,
) -> None:
    result = edition.unit(UNITS[unit])
    assert result is not None
    assert (result.valid_claims, str(result.penalty), str(result.bonus)) == (valid, penalty, bonus)
    assert (result.score, result.band, result.rank) == (score and Decimal(score), band, rank)


@pytest.mark.rule("R61")
def test_the_trace_of_a_score_names_each_point_and_the_claims_behind_it(edition: Edition) -> None:
    result = edition.unit("ZZ-GD")
    assert result is not None
    assert [(str(line.points), line.text, line.claims) for line in result.trace] == [
        ("10.00", "响应率8/12，权重15分", ("QH03", "QH04", "QH11", "QH13")),
        ("9.09", "按时答复率10/11，权重10分", ("QH04",)),
        ("25.00", "按时办结率12/12，权重25分", ()),
        ("16.00", "解决率8/10，权重20分", ("QH09", "QH10")),
        ("26.67", "满意率8/9，权重30分", ("QH11",)),
        ("-0.50", "退单不成立率1次，每次扣0.5分", ("QH06",)),
        ("-5.00", "黄灯5次，每次扣1分", ("QH03", "QH04", "QH13", "QH16")),
        ("-6.00", "红灯2次，每次扣3分", ("QH04", "QH16")),
        ("-3.00", "责成办结逾期1次，每次扣3分", ("QH10",)),
        ("-10.00", "虚假反馈1次，每次扣10分", ("QH11",)),
        ("0.50", "当天解决率5次，每次加0.1分", ("QH02", "QH09", "QH10", "QH15", "QH17")),
    ]


@pytest.mark.rule("R60")
def test_the_platforms_own_delays_stand_in_the_same_bulletin(edition: Edition) -> None:
    assert [(each.kind, each.n, each.of, each.claims) for each in edition.platform] == [
        ("arbitrate", 0, 2, ()),
        ("call-back", 1, 40, ("QH28",)),
        ("dispatch", 1, 40, ("QH28",)),
        ("extension-decision", 0, 1, ()),
        ("redetermine", 0, 4, ()),
        ("verification", 0, 3, ()),
    ]


@pytest.mark.rule("R60")
def test_districts_count_the_claims_of_their_enterprises_whoever_handles_them(edition: Edition) -> None:
    contact = {area.id: area.measures[Measure.CONTACT] for area in edition.districts}
    assert {id: (figure.n, figure.of) for id, figure in contact.items()} == {
        "QX-370403": (16, 18),
        "QX-370481": (10, 16),
    }


@pytest.mark.rule("R61")
def test_a_group_is_its_units_pooled(edition: Edition) -> None:
    contact = {area.id: area.measures[Measure.CONTACT] for area in edition.groups}
    assert {id: (figure.n, figure.of) for id, figure in contact.items()} == {
        "district": (9, 11),
        "department": (9, 11),
        "agency": (8, 12),
    }
