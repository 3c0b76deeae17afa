"""A period's procedure action by action (R62): who may act when, and which rule each refusal cites."""

from datetime import datetime

import pytest

from assessment.cadence import procedure
from assessment.cadence.actions import PeriodAction
from assessment.cadence.model import Draft, Outstanding, PeriodStage, PeriodState, PublishedEdition
from assessment.cases.model import CaseEnvelope
from assessment.periods import PeriodKind, last_ended, longer_periods, parse_period
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.terms import Role
from claims.model.values import Actor
from tests.support.claims.people import (
    AUDITOR,
    CALLER,
    COORDINATOR,
    HANDLER,
    HEAD,
    POWER,
    SUPERVISOR,
    WATER,
    person,
)
from tests.support.dates import beijing, day

DRAFTED = "Tue 2026-12-01 00:10"
HASH = "a" * 64


def draft() -> Draft:
    return Draft(
        made_at=beijing(DRAFTED),
        scheme="2021",
        edition=HASH,
        units=(POWER, WATER),
        objections_until=day("Fri 2026-12-04"),
        objections_due_at=beijing("Fri 2026-12-04 24:00"),
        exclusions_until=day("Tue 2026-12-08"),
        publication_day=day("Mon 2026-12-07"),
        publication_due_at=beijing("Mon 2026-12-07 24:00"),
    )


def drafted(period: str = "2026-11") -> PeriodState:
    return procedure.adopt_draft(PeriodState(period=period), draft(), now=beijing(DRAFTED)).state


def edition(n: int = 1) -> PublishedEdition:
    at = beijing("Mon 2026-12-07 09:00")
    return PublishedEdition(
        edition=n, hash=HASH, gathered_at=at, scheme="2021", published_at=at, by="", differences=("x",)
    )


def act(
    state: PeriodState, action: PeriodAction, actor: Actor, at: str, **fields: object
) -> tuple[PeriodState, Outcome]:
    body = {"request_id": "r", **fields}
    envelope = CaseEnvelope.model_validate({"actor": actor, "body": body})
    step, outcome = procedure.perform(state, action, envelope, now=beijing(at))
    return step.state, outcome


OBJECTION: dict[str, object] = {"unit": POWER, "claim": "QH1", "reason": "另有情况"}


@pytest.mark.rule("R62")
def test_a_draft_tells_its_units_and_the_coordinators_until_when_they_may_object() -> None:
    step = procedure.adopt_draft(PeriodState(period="2026-11"), draft(), now=beijing(DRAFTED))
    assert [(one.unit, one.kind) for one in step.notices] == [
        (unit, EventKind.ASSESSMENT_DRAFTED) for unit in (POWER, WATER, "LG-ZH")
    ]
    assert "2026-12-04 24:00" in step.notices[0].text


@pytest.mark.rule("R62", "R65")
@pytest.mark.parametrize(
    ("actor", "at", "fields", "rule", "said"),
    [
        (HEAD, "Fri 2026-12-04 23:59", {}, "", ""),
        (HANDLER, "Tue 2026-12-01 09:00", {"measure": "contact"}, "", ""),
        (HEAD, "Sat 2026-12-05 00:00", {}, "R62", "截止"),
        (HEAD, "Wed 2026-12-02 09:00", {"unit": WATER}, "R62", "只有该单位"),
        (HEAD, "Wed 2026-12-02 09:00", {"measure": "yellow"}, "R65", "亮牌"),
        (HEAD, "Wed 2026-12-02 09:00", {"reason": ""}, "R62", "reason"),
        (COORDINATOR, "Wed 2026-12-02 09:00", {}, "§1", "身份"),
        (person(Role.HEAD, "ZZ-SPJ"), "Wed 2026-12-02 09:00", {"unit": "ZZ-SPJ"}, "R62", "没有单位"),
    ],
)
def test_a_unit_objects_to_its_own_figures_within_three_working_days(
    actor: Actor, at: str, fields: dict[str, object], rule: str, said: str
) -> None:
    state, outcome = act(drafted(), PeriodAction.OBJECT, actor, at, **{**OBJECTION, **fields})
    assert (outcome.rule, said in outcome.reason) == (rule, True)
    assert len(state.objections) == (0 if rule else 1)


@pytest.mark.rule("R62")
def test_the_same_objection_is_taken_once() -> None:
    state, _ = act(drafted(), PeriodAction.OBJECT, HEAD, "Wed 2026-12-02 09:00", **OBJECTION)
    _, outcome = act(state, PeriodAction.OBJECT, HEAD, "Wed 2026-12-02 10:00", **OBJECTION)
    assert "已经提出" in outcome.reason


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("fields", "status", "rule"),
    [
        ({"upheld": False}, "accepted", ""),
        ({"upheld": True, "effect": "recount"}, "accepted", ""),
        ({"upheld": True, "effect": "exclude", "reason": "policy"}, "accepted", ""),
        ({"upheld": True}, "refused", "R62"),
        ({"upheld": True, "effect": "exclude"}, "refused", "R65"),
        ({"upheld": False, "objection": "2026-11-9"}, "refused", "R62"),
    ],
)
def test_a_coordinator_decides_each_objection_with_what_follows(
    fields: dict[str, object], status: str, rule: str
) -> None:
    state, _ = act(drafted(), PeriodAction.OBJECT, HEAD, "Wed 2026-12-02 09:00", **OBJECTION)
    decision = {"objection": "2026-11-1", "text": "经查", **fields}
    after, outcome = act(
        state, PeriodAction.DECIDE_OBJECTION, COORDINATOR, "Thu 2026-12-03 09:00", **decision
    )
    assert (outcome.status, outcome.rule) == (status, rule)
    assert len(after.undecided) == (0 if status == "accepted" else 1)


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("actor", "at", "said"),
    [
        (COORDINATOR, "Fri 2026-12-04 23:59", "期满前不能公布"),
        (SUPERVISOR, "Mon 2026-12-07 09:00", "身份"),
        (AUDITOR, "Mon 2026-12-07 09:00", "身份"),
        (COORDINATOR, "Mon 2026-12-07 09:00", ""),
    ],
)
def test_only_a_coordinator_publishes_and_only_after_the_time_for_objections(
    actor: Actor, at: str, said: str
) -> None:
    state, outcome = act(drafted(), PeriodAction.PUBLISH, actor, at)
    assert said in outcome.reason
    assert state.stage is (PeriodStage.DRAFT if said else PeriodStage.PUBLISHING)


@pytest.mark.rule("R62")
def test_an_edition_is_published_once_and_then_only_corrected() -> None:
    state, _ = act(drafted(), PeriodAction.PUBLISH, COORDINATOR, "Mon 2026-12-07 09:00")
    _, twice = act(state, PeriodAction.PUBLISH, COORDINATOR, "Mon 2026-12-07 09:01")
    assert (twice.status, twice.reason) == ("refused", "2026-11正在公布，不能再公布")
    published = procedure.adopt_edition(state, edition(), (POWER,), now=beijing("Mon 2026-12-07 09:02")).state
    assert (published.stage, published.newest is not None) == (PeriodStage.PUBLISHED, True)
    assert published.published[0].by == COORDINATOR.name
    _, late = act(published, PeriodAction.OBJECT, HEAD, "Mon 2026-12-07 10:00", **OBJECTION)
    assert "只能更正" in late.instead
    corrected, outcome = act(
        published, PeriodAction.CORRECT, COORDINATOR, "Wed 2026-12-09 09:00", reason="剔除获准"
    )
    assert (outcome.status, corrected.correcting) == ("accepted", "剔除获准")
    step = procedure.adopt_edition(corrected, edition(2), (POWER,), now=beijing("Wed 2026-12-09 09:01"))
    assert [one.reason for one in step.state.published] == ["", "剔除获准"]


@pytest.mark.rule("R62")
def test_an_edition_that_cannot_be_made_goes_back_to_where_it_was_and_says_why() -> None:
    state, _ = act(drafted(), PeriodAction.PUBLISH, COORDINATOR, "Mon 2026-12-07 09:00")
    step = procedure.note_problem(state, "没有方案", now=beijing("Mon 2026-12-07 09:01"))
    assert (step.state.stage, step.state.problem) == (PeriodStage.DRAFT, "没有方案")
    assert [one.unit for one in step.notices] == ["LG-ZH"]


@pytest.mark.rule("R62")
def test_a_quarter_asks_for_the_answers_of_its_sample_and_nothing_else() -> None:
    wanted = Outstanding(seed=HASH, sample={POWER: ("QH1", "QH2")})
    state = procedure.ask(PeriodState(period="2026-Q4"), wanted, now=beijing("Fri 2027-01-08 09:00")).state
    at = "Fri 2027-01-08 10:00"
    other = [{"claim": "QH9", "unit": POWER, "satisfied": True}]
    _, outcome = act(state, PeriodAction.RECORD_REINTERVIEWS, CALLER, at, answers=other)
    assert "样本之内" in outcome.reason
    answers = [{"claim": "QH1", "unit": POWER, "satisfied": True}]
    state, _ = act(state, PeriodAction.RECORD_REINTERVIEWS, CALLER, at, answers=answers)
    assert state.missing_answers == {POWER: ["QH2"]}
    _, again = act(state, PeriodAction.RECORD_REINTERVIEWS, CALLER, at, answers=answers)
    assert "已经登记" in again.reason
    last = [{"claim": "QH2", "unit": POWER, "satisfied": None}]
    state, _ = act(state, PeriodAction.RECORD_REINTERVIEWS, CALLER, at, answers=last)
    assert state.is_answered


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("points", "status"), [("10", "accepted"), ("9.55", "accepted"), ("10.01", "refused"), ("-1", "refused")]
)
def test_a_year_takes_points_for_organisation_within_the_schemes_limit(points: str, status: str) -> None:
    wanted = Outstanding.model_validate({"points_for": [POWER], "most_points": "10"})
    state = procedure.ask(PeriodState(period="2026"), wanted, now=beijing("Mon 2027-01-11 09:00")).state
    given = {"unit": POWER, "points": points, "reason": "机制健全"}
    _, outcome = act(
        state, PeriodAction.GIVE_ORGANISATION_POINTS, COORDINATOR, "Mon 2027-01-11 10:00", **given
    )
    assert outcome.status == status


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("kind", "at", "period"),
    [
        (PeriodKind.MONTH, "Tue 2026-12-01 00:10", "2026-11"),
        (PeriodKind.MONTH, "Fri 2027-01-01 00:10", "2026-12"),
        (PeriodKind.QUARTER, "Fri 2027-01-01 00:10", "2026-Q4"),
        (PeriodKind.HALF, "Wed 2026-07-01 00:10", "2026-H1"),
        (PeriodKind.YEAR, "Fri 2027-01-01 00:10", "2026"),
        (PeriodKind.MONTH, "Mon 2026-11-30 23:59", "2026-10"),
    ],
)
def test_the_schedules_know_which_period_has_just_ended(kind: PeriodKind, at: str, period: str) -> None:
    assert str(last_ended(kind, beijing(at))) == period


@pytest.mark.rule("R62")
def test_a_month_belongs_to_a_quarter_a_half_and_a_year() -> None:
    assert [str(one) for one in longer_periods(parse_period("2026-11"))] == ["2026-Q4", "2026-H2", "2026"]
    assert longer_periods(parse_period("2026-Q4")) == ()


def test_an_instant_is_the_reader_of_its_own_clock() -> None:
    """An action counts from its receipt by the API, never from later."""
    envelope = CaseEnvelope.model_validate(
        {
            "actor": HEAD,
            "received_at": beijing("Fri 2026-12-04 23:59"),
            "body": {"request_id": "r", **OBJECTION},
        }
    )
    now: datetime = beijing("Sat 2026-12-05 00:00")
    _, outcome = procedure.perform(drafted(), PeriodAction.OBJECT, envelope, now=now)
    assert outcome.status == "accepted"
