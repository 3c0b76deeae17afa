"""Kept histories played under another law (R7). `tests/replay/test_replay.py` checks that under their own law
they end as they did.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from typer import BadParameter

from assessment.cadence.model import Objection, ObjectionDecision, ObjectionEffect, PeriodState
from assessment.cases.model import CaseKind, CaseRecord
from assessment.facts.exclusions import Exclusion
from assessment.facts.extraction import recorded_facts
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.terms import ExclusionReason, Measure
from assessment.units import assessed_units
from audit.histories.collector import HistoryCollector
from audit.problems import HistoryCorrupt
from audit.rehearsal.comparison import Ground, _Gathered, rehearse
from audit.rehearsal.law import BadLaw, Law, read_edition
from audit.rehearsal.playthrough import play_under
from audit.rehearsal.report import page, text, workbook
from audit.replay.calendars import BadCalendar, calendar_with
from audit.replay.replayer import replay_runs
from calendar_rules.loader import load_calendar
from claims.editions.validation import validate_edition
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Channel, LimitKind
from claims.model.unit_account import UnitAccount
from cli.auditing.rehearse import _channel_days
from data import load_organisation
from runtime.data_converter import DATA_CONVERTER
from tests.support.archive.kept_histories import KEPT, load, named
from workflows.incoming.inbox import Received


class Given(HistoryCollector):
    """Collects only these histories."""

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
        life = play_under(result.replayed, Law(calendar=load_calendar(), numbers={"resolve_days": "60"}))
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


@pytest.mark.rule("R7", "R62")
async def test_a_history_that_cannot_be_read_is_named_and_few_claims_have_no_score() -> None:
    given = Given(history("claim-17"))
    given.problems.append(("claim-QH1", HistoryCorrupt("历史文件丢失")))
    period = parse_period("2026-11")
    scheme = scheme_for(period, load_schemes())
    until = datetime(2028, 1, 1, tzinfo=UTC)
    ground = Ground(period, assessed_units(load_organisation()), scheme, scheme, until)
    found = await rehearse(given, ground, Law(calendar=load_calendar()), DATA_CONVERTER)
    assert found.problems == [("claim-QH1", "历史文件丢失")]
    for said in (text(found), page(found).decode()):
        assert "claim-QH1" in said
        assert "None" not in said
    assert "不计分" in page(found).decode()


@pytest.mark.rule("R37", "R65")
async def test_what_was_excluded_or_revoked_stays_so_under_the_other_law() -> None:
    number = load(named("claim-17")).claim.number
    claim = load(named("claim-17")).claim
    light = claim.lights[0]
    period = parse_period(f"{light.at:%Y-%m}")
    scheme = scheme_for(period, load_schemes())
    until = datetime(2028, 1, 1, tzinfo=UTC)
    ground = Ground(period, assessed_units(load_organisation()), scheme, scheme, until)
    gathered = _Gathered()
    async for result in replay_runs([history("claim-17")]):
        assert result.replayed is not None
        assert result.replayed.claim is not None
        gathered.was += period.facts(recorded_facts(result.replayed.claim, result.replayed.journal))
    before = gathered.edition(gathered.was, ground, scheme).unit(light.unit)
    decided = Exclusion(
        claim=number, unit=light.unit, reason=ExclusionReason.POLICY, decided_on=light.at.date()
    )
    state = PeriodState(period=str(period), objections=[_upheld(decided, light.at)])
    record = CaseRecord(
        kind=CaseKind.ASSESSMENT, id=str(period), seq=1, at=light.at, state=state.model_dump(mode="json")
    )
    gathered.cases[CaseKind.ASSESSMENT, str(period)] = record
    given = {"unit": light.unit, "seq": 1, "lights": {}}
    own = {**light.model_dump(), "revoked": True, "number": number}
    gathered.accounts[light.unit] = UnitAccount.model_validate({**given, "lights": {light.id: own}})
    after = gathered.edition(gathered.was, ground, scheme).unit(light.unit)
    assert before is not None
    assert after is not None
    colour = Measure.YELLOW
    assert after.measures[colour].n == before.measures[colour].n - 1
    assert sum(figure.of or 0 for figure in after.measures.values()) < sum(
        figure.of or 0 for figure in before.measures.values()
    )


def _upheld(exclusion: Exclusion, at: datetime) -> Objection:
    decision = ObjectionDecision(
        upheld=True,
        text="剔除",
        effect=ObjectionEffect.EXCLUDE,
        reason=exclusion.reason,
        by="王组长",
        at=at,
    )
    return Objection(
        id="1", unit=exclusion.unit, claim=exclusion.claim, text="有误", by="李主任", at=at, decision=decision
    )


@pytest.mark.rule("R16")
async def test_an_act_that_the_other_law_would_have_refused_is_named() -> None:
    twice = next(path for path in KEPT if len(load(path).claim.dispatches) > 1)
    kept = load(twice)
    named_acts = []
    async for result in replay_runs([WorkflowHistory.from_json(kept.workflow_id, kept.history)]):
        assert result.replayed is not None
        life = play_under(result.replayed, Law(calendar=load_calendar(), numbers={"max_dispatches": "1"}))
        assert life is not None
        assert len(life.claim.dispatches) == 1
        named_acts = life.others
    assert named_acts[0].was_accepted
    assert "原已办理" in named_acts[0].text


@pytest.mark.rule("R7")
@pytest.mark.parametrize("numbers", [{}, {"resolve_days": "60"}, {"max_dispatches": "1"}])
async def test_a_request_that_was_sent_twice_is_done_once(numbers: dict[str, str]) -> None:
    law = Law(calendar=load_calendar(), numbers=numbers)
    twice_dispatched = next(path for path in KEPT if len(load(path).claim.dispatches) > 1)
    for path in (named("claim-17"), twice_dispatched):
        kept = load(path)
        async for result in replay_runs([WorkflowHistory.from_json(kept.workflow_id, kept.history)]):
            assert result.replayed is not None
            once = play_under(result.replayed, law)
            taken = result.replayed.taken
            result.replayed.taken = [
                again for one in taken for again in [one] * (1 + isinstance(one.item, Received))
            ]
            twice = play_under(result.replayed, law)
            assert once is not None
            assert twice is not None
            assert twice.claim == once.claim
            assert twice.others == once.others


@pytest.mark.rule("R8")
async def test_a_channel_has_its_own_days() -> None:
    async for result in replay_runs([history("claim-17")]):
        assert result.replayed is not None
        law = Law(calendar=load_calendar(), channel_days=dict.fromkeys(Channel, 3))
        life = play_under(result.replayed, law)
        assert life is not None
        resolve = [limit.schedule for limit in life.claim.limits if limit.kind is LimitKind.RESOLVE]
        assert resolve[0] is not None
        assert resolve[0].working_days == 3


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[]", "应"),
        (b"{", "第1行第2列写法不对"),
        (b"\xff\xfe\x00", "不是UTF-8文本"),
        (b"[" * 100_000, "层次过深"),
        (b'{"id": ' + b"9" * 5000 + b"}", "数字过长"),
        (None, "没有这个文件或目录"),
    ],
)
def test_a_file_that_is_no_edition_or_arrangement_is_refused_in_chinese(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "given.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadLaw, match=reason):
        read_edition(file)
    with pytest.raises(BadCalendar, match=reason):
        calendar_with([], "", [file])


@pytest.mark.rule("R7")
def test_an_edition_that_contradicts_the_law_it_meets_is_refused() -> None:
    raw = {"id": "x", "source": "试", "in_force_from": "2027-01-01", "reaches": "new"}
    edition = validate_edition({**raw, "changes": {"resolve_days": 1}})
    law = Law(calendar=load_calendar(), editions=[edition])
    with pytest.raises(BadLaw, match="自相矛盾"):
        law.policy(DEFAULT_POLICY, load(named("claim-17")).claim.order)


@pytest.mark.parametrize("text", ["app=0", "app=251", "app=999999999999", "app=５", "mail=3", "app=1e3"])
def test_days_of_a_channel_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="天数为1至250"):
        _channel_days(text)
