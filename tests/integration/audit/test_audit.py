"""Answers from a claim's history: timeline, state at an instant, a limit, a what-if."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.histories.parsing import read_history
from audit.problems import NoSuchLimit, NotYetRegistered
from audit.replay.calendars import BadCalendar, calendar_with
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import replay_run
from audit.replay.time_travel import claim_at, then_text
from audit.replay.what_if import BadAlternative, difference, difference_text
from audit.reports.deadlines import explain_limit, explained_text
from audit.reports.timeline import line_text, timeline
from calendar_rules.loader import load_calendar
from claims.model.events import EventKind
from claims.model.terms import Colour, LimitStatus, Stage
from tests.support.archive.kept_histories import kept_by, load, named

MISSED = named("claim-17")
"""Reply and resolve missed, yellow and red (`demo.stories`)."""


RETIMED = named("claim-26")
"""A claim that received a calendar update."""


async def life_of(path: Path) -> ReplayedRun:
    kept = load(path)
    return await replay_run(read_history(kept.workflow_id, json.dumps(kept.history)))


@pytest.fixture(scope="module")
async def life() -> ReplayedRun:
    return await life_of(MISSED)


@pytest.mark.rule("R70")
async def test_the_timeline_tells_who_did_what_by_which_rule(life: ReplayedRun) -> None:
    lines = timeline(life)
    assert [line.seq for line in lines] == list(range(1, len(life.journal) + 1))
    assert (lines[0].kind, lines[0].roles) == (EventKind.REGISTERED, "受理专员")
    light = next(line for line in lines if line.kind is EventKind.LIGHT_GIVEN)
    assert (light.actor, light.roles) == ("系统", "依规则自动")
    assert [rule.id for rule in light.rules] == ["R31", "R33"]
    assert all(rule.text for line in lines for rule in line.rules)
    assert "起算" in light.explanation
    assert "亮牌时刻即时限终止时刻" in light.explanation
    assert all(line.text in line_text(line) for line in lines)


async def test_a_claim_stands_at_an_instant_as_it_stood_then(life: ReplayedRun) -> None:
    registered, dispatched = life.states[0], next(s for s in life.states if s.claim.dispatches)
    assert claim_at(life, registered.at).claim.stage is Stage.REGISTERED
    before = claim_at(life, dispatched.at - timedelta(microseconds=1)).claim
    assert before.dispatches == []
    then = claim_at(life, dispatched.at)
    assert (then.claim.stage, then.note, then.since) == (Stage.HANDLING, "", dispatched.at)
    assert "办理中" in then_text(then)


async def test_at_the_end_of_its_history_a_claim_stands_as_it_ended(life: ReplayedRun) -> None:
    end = claim_at(life)
    assert end.claim == life.claim
    assert end.note == ""


async def test_before_its_registration_there_was_no_claim(life: ReplayedRun) -> None:
    with pytest.raises(NotYetRegistered, match="登记") as told:
        claim_at(life, life.states[0].at - timedelta(seconds=1))
    assert "尚无工单" in str(told.value)


async def test_long_after_its_end_it_is_said_that_nothing_changed(life: ReplayedRun) -> None:
    then = claim_at(life, datetime(2036, 1, 1, tzinfo=UTC))
    assert "已于" in then.note
    assert "其后没有变化" in then.note
    assert then.claim == life.claim
    assert then.note in then_text(then)


@pytest.mark.rule("R6")
async def test_a_limit_is_explained_day_by_day_as_it_was_fixed(life: ReplayedRun) -> None:
    explained = explain_limit(life, "resolve")
    fixed = explained.fixed[0].schedule
    assert [day.n for day in fixed.explanation if day.counted] == list(range(1, 11))
    assert fixed.calendar_version in explained_text(explained)
    assert explain_limit(life, "解决时限") == explain_limit(life, explained.id) == explained


@pytest.mark.rule("R32")
async def test_supervised_feedback_is_explained_by_the_limit_that_was_missed(life: ReplayedRun) -> None:
    explained = explain_limit(life, "supervised-feedback")
    assert "一并确定" in explained.fixed[0].why


async def test_a_limit_that_the_claim_never_had_is_said_so_with_those_it_had(life: ReplayedRun) -> None:
    with pytest.raises(NoSuchLimit, match="1/0/resolve"):
        explain_limit(life, "约谈")


@pytest.mark.rule("R6")
async def test_a_calendar_that_came_later_is_what_the_earlier_one_differs_in() -> None:
    life = await life_of(RETIMED)
    told = next(entry for entry in life.journal if entry.kind is EventKind.LIMITS_RECOMPUTED)
    moved = {
        name
        for name, said in told.data.items()
        if isinstance(said, dict) and said["old_due_at"] != said["new_due_at"]
    }
    found = difference(life, load_calendar())
    assert {limit.id for limit in found.limits} == moved
    assert all(limit.would_due_at < limit.was_due_at for limit in found.limits)


@pytest.mark.rule("R31", "R32")
async def test_longer_limits_would_have_taken_the_lights_back(life: ReplayedRun) -> None:
    assert life.claim is not None
    changes = {"contact_days": "40", "reply_days": "40", "resolve_days": "40", "redo_days": "40"}
    found = difference(life, load_calendar(), changes)
    assert {light.id for light in found.lights} == {light.id for light in life.claim.lights}
    assert [light.would_at for light in found.lights] == [None] * len(life.claim.lights)
    assert "不亮" in difference_text(found)


@pytest.mark.rule("R3")
async def test_a_close_of_business_moves_every_end_and_every_light() -> None:
    life = await life_of(kept_by("0.3.0", MISSED.name.removesuffix(".json.gz")))
    assert life.claim is not None
    found = difference(life, load_calendar(), {"cutoff": "17:30"})
    fixed = [limit for limit in life.claim.limits if limit.schedule is not None]
    assert len(found.limits) == len(fixed)
    assert all(one.would_due_at < one.was_due_at for one in found.limits)
    assert {one.would_last_day for one in found.limits} == {one.was_last_day for one in found.limits}
    moved = [light for light in found.lights if light.was_at and light.would_at]
    assert len(moved) == len(life.claim.lights)


@pytest.mark.rule("R31")
async def test_shorter_limits_would_have_given_lights_besides() -> None:
    life = await life_of(kept_by("0.2.0", "claim-06"))
    assert life.claim is not None
    assert life.claim.lights == []
    found = difference(life, load_calendar(), {"resolve_days": "3"})
    assert [(light.colour, light.was_at) for light in found.lights] == [(Colour.YELLOW, None)]
    assert found.lights[0].id.endswith("/resolve/yellow")
    assert "未亮" in difference_text(found)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"nope": "1"}, "没有政策参数"),
        ({"resolve_days": "many"}, "不能是"),
        ({"resolve_days": "0"}, "应是 1 至 250 的整数"),
    ],
)
async def test_a_policy_that_cannot_be_is_refused(
    life: ReplayedRun, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(BadAlternative, match=told):
        difference(life, load_calendar(), changes)


async def test_a_later_arrangement_would_have_moved_a_limit(life: ReplayedRun, tmp_path: Path) -> None:
    assert life.claim is not None
    schedule = explain_limit(life, "resolve").fixed[0].schedule
    day = next(day.date for day in schedule.explanation if day.n == 3)
    notice = {
        "id": "test-day",
        "published": "2026-01-01",
        "source": "试验",
        "days_off": [{"date": day.isoformat(), "name": "试验假"}],
    }
    file = tmp_path / "arrangement.json"
    file.write_text(json.dumps(notice, ensure_ascii=False))
    found = difference(life, calendar_with([], "", [file]))
    resolve = next(limit for limit in found.limits if limit.id == "1/0/resolve")
    assert resolve.would_last_day > resolve.was_last_day


def test_a_calendar_that_never_was_is_refused(tmp_path: Path) -> None:
    assert calendar_with([], load_calendar().version, []) is load_calendar()
    with pytest.raises(BadCalendar, match="cn-000"):
        calendar_with([], "cn-000", [])
    with pytest.raises(BadCalendar, match="读不到"):
        calendar_with([], "", [tmp_path / "none.json"])
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(BadCalendar, match="不能用"):
        calendar_with([], "", [broken])


async def test_the_story_is_the_one_these_tests_rely_on(life: ReplayedRun) -> None:
    assert life.claim is not None
    assert {light.colour for light in life.claim.lights} == {Colour.YELLOW, Colour.RED}
    assert any(limit.status is LimitStatus.MISSED for limit in life.claim.limits)
