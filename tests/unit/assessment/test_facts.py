"""Facts of single claims: who counts when, and what is undecided yet. The forty claims of November cover the rest."""

from datetime import date

import pytest

from assessment.facts.claim_run import ClaimRun
from assessment.facts.extraction import facts_of, facts_of_all, revoked_lights
from assessment.facts.knowledge import (
    ArticleReview,
    ArticleVersion,
    knowledge_facts,
    reviews_due,
    wrong_answers,
)
from assessment.facts.model import Fact
from assessment.terms import Measure
from claims.model.refusals import Refused
from claims.model.terms import Colour, LimitKind
from claims.model.unit_account import AccountLight, UnitAccount
from tests.support.assessment.claim_stories import Play, instant
from tests.support.dates import day, iso

HANDLED = "Mon 11-02 09:00 dispatch:GD sign contact reply"
ENDS = "Fri 2027-10-15"
FED_BACK = f"{HANDLED} | Tue 11-03 10:00 feedback"


def run(story: str, until: str = "Mon 12-07 09:00") -> ClaimRun:
    return Play("1", "TZ", story).run(until)


def rows(found: ClaimRun, measure: Measure) -> list[tuple[str, int, str]]:
    """Return day, numerator, and the rule if the row does not count."""
    facts = (fact for fact in facts_of(found) if fact.measure is measure)
    return [(fact.day.isoformat(), fact.n, "" if fact.counted else fact.rule) for fact in facts]


@pytest.mark.rule("R60")
def test_a_limit_that_is_met_counts_in_the_month_of_its_due_date_whatever_the_day_of_the_act() -> None:
    found = run("Thu 10-29 09:00 dispatch:GD sign contact reply feedback", until="Thu 10-29 10:00")
    assert rows(found, Measure.CONTACT) == [(iso("Fri 2026-10-30"), 1, "")]
    assert rows(found, Measure.REPLY) == [(iso("Mon 2026-11-02"), 1, "")]
    assert rows(found, Measure.COMPLETION) == [(iso("Thu 2026-11-12"), 1, "")]


@pytest.mark.rule("R60")
@pytest.mark.parametrize(
    ("story", "until", "measure"),
    [
        (HANDLED, "Fri 11-13 09:00", Measure.COMPLETION),  # the tenth day is Monday
        (FED_BACK, "Wed 11-04 09:00", Measure.SATISFIED),  # nobody has called yet
        (f"{HANDLED} | Fri 11-13 09:00 extend", "Tue 11-17 09:00", Measure.COMPLETION),  # undecided
        ("Mon 11-02 09:00 dispatch:GD", "Tue 11-03 09:00", Measure.SIGNED_FOR),  # not yet late
        ("Mon 11-02 09:00 dispatch:GD", "Tue 11-03 09:00", Measure.RETURNS),  # may still be returned
        (
            "Mon 11-02 09:00 dispatch:GD | Mon 11-02 10:00 return:SWJ",
            "Mon 11-02 11:00",
            Measure.FIRST_DISPATCH,
        ),
        ("Mon 11-02 09:00 dispatch:GD | Mon 11-02 10:00 return:SWJ", "Wed 11-11 09:00", Measure.CONTACT),
    ],
)
def test_what_is_not_decided_has_no_row(story: str, until: str, measure: Measure) -> None:
    assert rows(run(story, until), measure) == []


@pytest.mark.rule("R60", "R2")
def test_a_limit_of_the_month_may_light_in_the_next() -> None:
    found = run("Fri 11-27 09:00 dispatch:GD", until="Tue 12-01 09:00")
    assert rows(found, Measure.CONTACT) == [(iso("Mon 2026-11-30"), 0, "")]
    assert rows(found, Measure.YELLOW) == [(iso("Tue 2026-12-01"), 1, "")]


@pytest.mark.rule("R60", "R33")
def test_the_accountable_unit_answers_for_what_its_subordinate_did() -> None:
    found = run("Tue 11-03 09:00 dispatch:TZ delegate:TZ-ZJJ", until="Thu 11-05 09:00")
    units = {(fact.unit, fact.unit_name) for fact in facts_of(found) if fact.measure is Measure.YELLOW}
    assert units == {("QX-370481", "滕州市")}


@pytest.mark.rule("R60", "R37")
def test_a_light_that_was_revoked_after_the_claim_had_closed_does_not_count() -> None:
    found = run(
        "Mon 11-09 09:00 dispatch:SWJ | Wed 11-11 10:00 contact reply feedback | Thu 11-12 09:00 satisfied"
    )
    light = found.claim.lights[0]
    posted = AccountLight(
        id=light.id,
        number=found.claim.number,
        unit=light.unit,
        unit_name=light.unit_name,
        colour=Colour.YELLOW,
        limit=LimitKind.CONTACT,
        dispatch=1,
        round=0,
        at=light.at,
        revoked=True,
    )
    account = UnitAccount(unit=light.unit, lights={light.id: posted})
    revoked = ClaimRun(
        claim=found.claim, entries=found.entries, until=found.until, revoked=revoked_lights(account)
    )
    assert rows(found, Measure.YELLOW) == [(iso("Wed 2026-11-11"), 1, "")]
    assert rows(revoked, Measure.YELLOW) == [("2026-11-11", 1, "R37")]
    assert rows(revoked, Measure.CONTACT) == [("2026-11-10", 0, "")]  # Tuesday: only an exclusion removes it


@pytest.mark.rule("R60")
def test_an_unreachable_claim_that_is_reopened_has_the_result_of_its_second_end() -> None:
    calls = " | ".join(f"{day} 09:00 unreached" for day in ("Wed 11-04", "Thu 11-05", "Fri 11-06"))
    gone = f"{FED_BACK} | {calls}"
    assert rows(run(gone), Measure.SATISFIED) == [("2026-11-12", 0, "R41")]  # the link's last day has passed
    back = f"{gone} | Mon 11-16 09:00 reopen | Tue 11-17 09:00 satisfied"
    assert rows(run(back), Measure.SATISFIED) == [(iso("Tue 2026-11-17"), 1, "")]


@pytest.mark.rule("R60")
def test_late_feedback_that_is_sent_back_is_late_once() -> None:
    found = run(
        f"{HANDLED} | Tue 11-17 10:00 feedback | Wed 11-18 09:00 incomplete | Thu 11-19 10:00 feedback "
        "| Fri 11-20 09:00 satisfied"
    )
    assert rows(found, Measure.COMPLETION) == [(iso("Mon 2026-11-16"), 0, "")]


@pytest.mark.rule("R60", "R19")
def test_feedback_of_the_same_day_that_was_sent_back_was_none() -> None:
    found = run(f"{HANDLED} feedback | Tue 11-03 09:00 incomplete | Wed 11-04 10:00 feedback")
    assert rows(found, Measure.SAME_DAY) == [(iso("Mon 2026-11-16"), 0, "")]


@pytest.mark.rule("R60")
def test_without_a_record_of_co_units_nothing_is_said_of_them() -> None:
    found = run("Mon 11-02 09:00 dispatch:TZ+SPJ sign contact reply")
    unknown = ClaimRun(claim=found.claim, entries=found.entries, until=found.until)
    assert rows(found, Measure.CO_UNIT_LATE) == [(iso("Thu 2026-11-12"), 1, "")]
    assert rows(unknown, Measure.CO_UNIT_LATE) == []


@pytest.mark.rule("R60")
def test_knowledge_upkeep_is_reviews_in_time() -> None:
    fields = {"unit": "ZZ-SPJ", "unit_name": "市行政审批服务局"}
    reviews = [
        ArticleReview(article="KB-1", due=date(2026, 11, 10), reviewed_on=date(2026, 11, 10), **fields),
        ArticleReview(article="KB-2", due=date(2026, 11, 10), reviewed_on=date(2026, 11, 11), **fields),
        ArticleReview(article="KB-3", due=date(2026, 11, 30), **fields),
        ArticleReview(article="KB-4", due=date(2026, 12, 31), **fields),
    ]
    facts = knowledge_facts(reviews, until=instant("Tue 12-01 09:00"))
    assert [(fact.claim or fact.article, fact.day.isoformat(), fact.n, fact.of) for fact in facts] == [
        ("KB-1", "2026-11-10", 1, 1),
        ("KB-2", "2026-11-10", 0, 1),
        ("KB-3", "2026-11-30", 0, 1),
    ]


@pytest.mark.rule("R12", "R60")
@pytest.mark.parametrize(
    ("story", "wrong_on"),
    [
        ("Mon 11-02 09:00 answer", None),
        ("Mon 11-02 09:00 answer | Tue 11-03 09:00 satisfied", None),
        ("Mon 11-02 09:00 answer | Tue 11-03 09:00 dissatisfied dispatch:GD", None),
        ("Mon 11-02 09:00 answer | Tue 11-03 09:00 untrue", "2026-11-03"),
        (
            "Mon 11-02 09:00 answer | Tue 11-03 09:00 unreached | Wed 11-04 09:00 untrue dispatch:GD",
            "2026-11-04",
        ),
        # a later denial affects only the unit's feedback
        (
            "Mon 11-02 09:00 answer | Tue 11-03 09:00 dissatisfied dispatch:GD sign contact reply feedback untrue",
            None,
        ),
        ("Mon 11-02 09:00 dispatch:GD sign contact reply feedback | Tue 11-03 09:00 untrue", None),
    ],
)
def test_an_answer_on_the_spot_that_the_enterprise_calls_untrue_counts_for_its_articles_unit(
    story: str, wrong_on: str | None
) -> None:
    facts = facts_of(Play("1", "TZ", story).run("Tue 12-01 09:00"))
    answers = [fact for fact in facts if fact.measure is Measure.KNOWLEDGE]
    assert not any(fact.counted for fact in answers)
    assert {fact.about for fact in answers} <= {"KB-001"}
    before = ArticleVersion(article="KB-001", unit="A", unit_name="甲局", since=date(2026, 1, 1))
    after = ArticleVersion(article="KB-001", unit="B", unit_name="乙局", since=date(2026, 11, 4))
    articles = {"KB-001": [before, after]}
    found = wrong_answers(facts, articles, {"A", "B"})
    owner = "B" if wrong_on == "2026-11-04" else "A"
    assert [(fact.claim, fact.unit, fact.day.isoformat(), fact.n, fact.of) for fact in found] == (
        [("QH1", owner, wrong_on, 0, 1)] if wrong_on else []
    )
    assert all(fact.counted and fact.rule == "R12" and "不实" in fact.why for fact in found)
    assert wrong_answers(facts, articles, {"C"}) == wrong_answers(facts, {}, {"A", "B"}) == ()


@pytest.mark.rule("R60")
def test_an_article_may_be_reviewed_until_its_last_day_ends() -> None:
    review = ArticleReview(article="KB-1", unit="ZZ-SPJ", unit_name="审批局", due=date(2026, 11, 10))
    assert knowledge_facts([review], until=instant("Tue 11-10 23:59")) == ()
    [late] = knowledge_facts([review], until=instant("Wed 11-11 00:00"))
    assert late.n == 0


@pytest.mark.rule("R60")
def test_an_article_is_due_half_a_year_after_its_review_and_then_each_month_until_it_is_reviewed() -> None:
    def version(since: date, unit: str, reviewed_on: date | None) -> ArticleVersion:
        return ArticleVersion(
            article="KB-1", unit=unit, unit_name=unit, since=since, reviewed_on=reviewed_on, ends=day(ENDS)
        )

    versions = [
        version(day("Mon 2026-03-02"), "ZZ-SPJ", day("Mon 2026-08-31")),
        version(day("Mon 2027-03-15"), "ZZ-SWS", None),  # another unit's afterwards
        version(day("Thu 2027-04-01"), "ZZ-SWS", day("Wed 2027-03-31")),
    ]
    found = [*reviews_due(versions, until=day("Fri 2027-12-31"))]
    assert [(one.due, one.unit, one.reviewed_on) for one in found] == [
        (day("Sun 2027-02-28"), "ZZ-SPJ", day("Wed 2027-03-31")),  # missed
        (day("Wed 2027-03-31"), "ZZ-SWS", day("Wed 2027-03-31")),  # on the last day
        (day("Thu 2027-09-30"), "ZZ-SWS", None),  # in October its answer has expired
    ]


@pytest.mark.rule("R60", "R20")
@pytest.mark.parametrize(("signed", "n"), [("Tue 11-03 23:59", 1), ("Wed 11-04 00:00", 0)])
def test_signing_for_is_in_time_within_the_contact_limit(signed: str, n: int) -> None:
    found = run(f"Mon 11-02 09:00 dispatch:GD contact | {signed} sign")
    assert rows(found, Measure.SIGNED_FOR) == [("2026-11-03", n, "")]


@pytest.mark.rule("R60")
def test_a_claim_that_is_gathered_twice_is_refused() -> None:
    found = run(FED_BACK)
    with pytest.raises(Refused, match="考核数据重复：QH1/"):
        facts_of_all([found, found])


@pytest.mark.rule("R60")
def test_a_fact_tells_people_why_it_counts() -> None:
    found = run(FED_BACK)
    told: dict[str, Fact] = {fact.measure.value: fact for fact in facts_of(found) if fact.unit != "PF"}
    assert (told["contact"].rule, told["contact"].why) == (
        "§二.四.1",
        "核实时限2026-11-03 24:00，2026-11-02 09:00完成",
    )
    assert told["signed-for"].why == "2026-11-02 09:00送达，2026-11-02 09:00签收"
    assert told["same-day"].why == "2026-11-02 09:00送达，未在当天解决"
