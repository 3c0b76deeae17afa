"""A whole year on the real server in virtual time: twelve months, four quarters, two half-years, one year (R62)."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from activities.assessment.contents import kept_edition
from assessment.cadence.actions import PeriodAction
from assessment.cadence.model import PeriodState
from assessment.cases.model import CaseKind, CaseRecord
from assessment.exclusion_cases.model import Application, Decision, ExclusionState
from assessment.periods import parse_period
from assessment.terms import ExclusionReason, Measure
from audit.assessments.reproduction import reproduce
from calendar_rules.loader import load_calendar
from records.cases.writer import write_case
from records.database.engine import Records
from tests.support.assessment.claim_stories import Play
from tests.support.assessment.period_play import PeriodPlay, contents_at
from tests.support.claims.people import CALLER, COORDINATOR, HEAD, POWER
from tests.support.dates import beijing, day
from tests.support.records.recorded_claims import keep
from tests.support.workflows.claim_play import Stage
from tests.workflows.assessment.test_reproduction import installation

MONTHS = [f"2026-{n:02}" for n in range(1, 13)]
CALENDAR = load_calendar()
CLAIMS_A_MONTH = 6


def instant(first: date, working_days: int, clock: str) -> str:
    found = CALENDAR.nth_working_day_after(first, working_days)
    return f"{found:%a %m-%d} {clock}"


def keep_month(records: Records, n: int) -> None:
    """Record five claims that the power company resolves in time, and one late one."""
    first = date(2026, n, 1)
    good = (
        f"{instant(first, 1, '09:00')} dispatch:GD sign | {instant(first, 2, '10:00')} contact reply feedback"
        f" | {instant(first, 3, '09:00')} satisfied"
    )
    late = (
        f"{instant(first, 1, '09:00')} dispatch:GD sign | {instant(first, 4, '10:00')} contact reply feedback"
        f" | {instant(first, 5, '09:00')} satisfied"
    )
    for place in range(CLAIMS_A_MONTH):
        play = Play(f"{n:02}{place}", "TZ", late if place == 0 else good)
        keep(records, play.paper)


async def published(stage: Stage, period: str) -> PeriodPlay:
    """Return a period from start to publication; requested answers are given."""
    play = await PeriodPlay.begin(stage, period)
    await play.until(parse_period(period).ends_at)
    await answered(play)
    await play.at_stage("draft")
    if period == "2026-05":
        objection = {"unit": POWER, "claim": "QH050", "measure": "contact", "reason": "系统原因"}
        outcome = await play.act(PeriodAction.OBJECT, HEAD, **objection)
        assert outcome.status == "accepted", outcome.reason
        decision = {"objection": "2026-05-1", "upheld": True, "text": "属实", "effect": "exclude"}
        await play.must(PeriodAction.DECIDE_OBJECTION, COORDINATOR, **decision, reason="force-majeure")
    await play.after_objections()
    await play.must(PeriodAction.PUBLISH, COORDINATOR)
    await play.at_stage("published")
    await play.recorded()
    return play


async def answered(play: PeriodPlay) -> None:
    if "-Q" not in play.period and play.period != "2026":
        return
    state = await play.at_stage("asking")
    for unit, claims in state.missing_answers.items():
        answers = [{"claim": claim, "unit": unit, "satisfied": True} for claim in claims]
        await play.must(PeriodAction.RECORD_REINTERVIEWS, CALLER, answers=answers)
    for unit in state.missing_points:
        given = {"unit": unit, "points": "8.50", "reason": "机制健全"}
        await play.must(PeriodAction.GIVE_ORGANISATION_POINTS, COORDINATOR, **given)


def exclude(records: Records, claim: str) -> None:
    """Record that a coordinator approved an exclusion of a claim."""
    at = beijing("Mon 2026-04-20 09:00")
    decision = Decision(approved=True, text="同意", by="协调", sub="c", at=at)
    application = Application(
        id=f"{claim}-1",
        unit=POWER,
        reason=ExclusionReason.FORCE_MAJEURE,
        text="停电事故",
        evidence=("a",),
        by="李主任",
        at=at,
        decision=decision,
    )
    state = ExclusionState(seq=2, number=claim, applications=[application])
    record = CaseRecord(kind=CaseKind.EXCLUSION, id=claim, seq=2, at=at, state=state.model_dump(mode="json"))
    write_case(records, record)


@pytest.mark.rule("R60", "R61", "R62", "R65")
async def test_a_year_of_periods_each_built_on_the_published_ones_before(
    own_stage: Stage, tmp_path: Path
) -> None:
    for n in range(1, 13):
        keep_month(own_stage.records, n)
    months = dict(zip(MONTHS, await asyncio.gather(*(published(own_stage, m) for m in MONTHS)), strict=True))
    contents = contents_at(tmp_path)
    states: dict[str, PeriodState] = {name: await play.recorded() for name, play in months.items()}
    september = states["2026-09"].draft
    assert september is not None
    assert september.publication_day == day("Tue 2026-10-13")  # 10月1日至7日放假，10日（周六）上班
    december = states["2026-12"].draft
    assert december is not None
    assert december.provisional

    may = states["2026-05"].newest
    assert may is not None
    line = kept_edition(contents, may.hash).unit(POWER)
    assert line is not None
    assert (line.measures[Measure.CONTACT].n, line.measures[Measure.CONTACT].of) == (5, 5)
    assert line.measures[Measure.YELLOW].n > 0  # the lights stay

    quarters = await asyncio.gather(*(published(own_stage, f"2026-Q{n}") for n in range(1, 5)))
    await asyncio.gather(*(published(own_stage, f"2026-H{n}") for n in (1, 2)))
    year = await published(own_stage, "2026")
    whole = (await year.recorded()).newest
    assert whole is not None
    assert list(whole.built_on) == MONTHS
    line = kept_edition(contents, whole.hash).unit(POWER)
    assert line is not None
    assert line.measures[Measure.SATISFIED].of == 12 * CLAIMS_A_MONTH
    assert any("组织领导8.5分" in each.text for each in line.trace)

    exclude(own_stage.records, "QH030")
    for play in (months["2026-03"], quarters[0]):
        await play.must(PeriodAction.CORRECT, COORDINATOR, reason="剔除申请获准")
        state = await play.at_stage("published")
        assert state.newest is not None
        assert (state.newest.edition, state.newest.reason) == (2, "剔除申请获准"), state.problem
        assert any("QH030" in told or "→" in told for told in state.newest.differences)
    first = (await quarters[0].recorded()).published
    assert first[0].built_on["2026-03"] != first[1].built_on["2026-03"]

    audited = installation(own_stage, tmp_path)
    for period, edition in (("2026-Q1", 1), ("2026-Q1", 2), ("2026-H2", 1), ("2026", 1)):
        found = await reproduce(audited, period, edition)
        assert found.ok, (period, found.findings)
