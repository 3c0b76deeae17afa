"""Kept histories live again under another law (R7). That they live under the law as it was exactly as they did is tried
where all of them are replayed: `tests/replay/test_replay.py`."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from temporalio.client import WorkflowHistory

from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from audit.histories.collector import HistoryCollector
from audit.rehearsal.comparison import Ground, rehearse
from audit.rehearsal.law import Law
from audit.rehearsal.life import live_again
from audit.rehearsal.report import page, text, workbook
from audit.replay.replayer import replay_runs
from calendar_rules.loading import load_calendar
from claims.model.terms import Channel, LimitKind
from data import load_organisation
from runtime.data_converter import DATA_CONVERTER
from tests.support.archive.kept_histories import KEPT, load, named
from workflows.incoming.inbox import Received


class Given(HistoryCollector):
    """Collects these histories alone."""

    def __init__(self, *given: WorkflowHistory) -> None:
        super().__init__(None, None)
        self._given = given

    async def histories(self) -> AsyncIterator[WorkflowHistory]:
        for one in self._given:
            yield one


def history(path_name: str) -> WorkflowHistory:
    kept = load(named(path_name))
    return WorkflowHistory.from_json(kept.workflow_id, kept.history)


@pytest.mark.rule("R7")
async def test_with_more_days_to_resolve_lights_would_not_have_fallen() -> None:
    periods: set[str] = set()
    async for result in replay_runs([history("claim-17")]):
        assert result.replayed is not None
        assert result.replayed.claim is not None
        assert result.replayed.claim.lights
        periods = {f"{light.at:%Y-%m}" for light in result.replayed.claim.lights}
        life = live_again(result.replayed, Law(calendar=load_calendar(), numbers={"resolve_days": "60"}))
        assert life is not None
        was = {light.id for light in result.replayed.claim.lights if "/resolve/" in light.id}
        assert was
        assert not was & {light.id for light in life.claim.lights}
    period = parse_period(sorted(periods)[0])
    scheme = scheme_for(period, load_schemes())
    ground = Ground(
        period=period,
        units=assessed_units(load_organisation()),
        scheme=scheme,
        other_scheme=scheme,
        until=datetime(2028, 1, 1, tzinfo=UTC),
    )

    found = await rehearse(
        Given(history("claim-17")),
        ground,
        Law(calendar=load_calendar(), numbers={"resolve_days": "60"}),
        DATA_CONVERTER,
    )
    assert found.problems == []
    assert found.differing
    assert any("黄灯" in line for line in found.changes)
    assert "resolve_days=60" in text(found)
    assert "推演报告" in page(found).decode()
    assert workbook(found) == workbook(found)


@pytest.mark.rule("R16")
async def test_an_act_that_the_other_law_would_have_refused_is_named() -> None:
    twice = next(path for path in KEPT if len(load(path).claim.dispatches) > 1)
    kept = load(twice)
    named_acts = []
    async for result in replay_runs([WorkflowHistory.from_json(kept.workflow_id, kept.history)]):
        assert result.replayed is not None
        life = live_again(result.replayed, Law(calendar=load_calendar(), numbers={"max_dispatches": "1"}))
        assert life is not None
        assert len(life.claim.dispatches) == 1
        named_acts = life.others
    assert named_acts[0].was_accepted
    assert "原已办理" in named_acts[0].told


@pytest.mark.rule("R7")
@pytest.mark.parametrize("numbers", [{}, {"resolve_days": "60"}, {"max_dispatches": "1"}])
async def test_a_request_that_was_sent_twice_is_done_once(numbers: dict[str, str]) -> None:
    law = Law(calendar=load_calendar(), numbers=numbers)
    twice_dispatched = next(path for path in KEPT if len(load(path).claim.dispatches) > 1)
    for path in (named("claim-17"), twice_dispatched):
        kept = load(path)
        async for result in replay_runs([WorkflowHistory.from_json(kept.workflow_id, kept.history)]):
            assert result.replayed is not None
            once = live_again(result.replayed, law)
            taken = result.replayed.taken
            result.replayed.taken = [
                again for one in taken for again in [one] * (1 + isinstance(one.item, Received))
            ]
            twice = live_again(result.replayed, law)
            assert once is not None
            assert twice is not None
            assert twice.claim == once.claim
            assert twice.others == once.others


@pytest.mark.rule("R8")
async def test_a_channel_has_its_own_days() -> None:
    async for result in replay_runs([history("claim-17")]):
        assert result.replayed is not None
        law = Law(calendar=load_calendar(), channel_days=dict.fromkeys(Channel, 3))
        life = live_again(result.replayed, law)
        assert life is not None
        resolve = [limit.schedule for limit in life.claim.limits if limit.kind is LimitKind.RESOLVE]
        assert resolve[0] is not None
        assert resolve[0].working_days == 3
