"""A period under the law as it was and under another: limits, lights, measures, scores and ranks that would differ."""

from collections.abc import AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from assessment.editions.differences import differences
from assessment.editions.model import Edition
from assessment.editions.monthly import monthly_edition
from assessment.facts.events import JOURNAL_KINDS
from assessment.facts.extraction import facts_of
from assessment.facts.life import Life, parts_of
from assessment.facts.model import Fact
from assessment.periods import Period
from assessment.schemes.model import Scheme
from assessment.units import AssessedUnits
from audit.problems import AuditProblem
from audit.rehearsal.law import Law
from audit.rehearsal.life import OtherLife, OtherOutcome, live_again
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import replay_runs
from calendar_rules import CalendarError
from claims.limits import limit_name, status_name
from claims.model.claim import Claim
from claims.model.journal import Entry
from claims.model.labels import end_of, label, minute
from claims.model.limit import Limit


@dataclass(frozen=True, slots=True)
class ClaimDiffers:
    """One claim, and what would be otherwise in it."""

    number: str
    limits: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.limits or self.lights or self.facts)


@dataclass(slots=True)
class Rehearsal:
    """The result."""

    period: str
    law: str
    scheme_was: str
    scheme_would: str
    claims: int = 0
    """Claims with facts in the period, under one law or the other."""
    differing: list[ClaimDiffers] = field(default_factory=list)
    outcomes: list[OtherOutcome] = field(default_factory=list)
    changes: tuple[str, ...] = ()
    """Figures, scores, bands and ranks that would differ."""
    was: Edition | None = None
    would: Edition | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rehearsal stands on."""

    period: Period
    units: AssessedUnits
    scheme: Scheme
    other_scheme: Scheme
    until: datetime


async def rehearse(
    histories: AsyncIterable[WorkflowHistory], ground: Ground, law: Law, converter: DataConverter
) -> Rehearsal:
    """Let every claim live again. Changes nothing. Raises BadAlternative, RPCError, StoreFailed, Refused."""
    found = Rehearsal(
        period=str(ground.period),
        law=law.told,
        scheme_was=ground.scheme.id,
        scheme_would=ground.other_scheme.id,
    )
    was: list[Fact] = []
    would: list[Fact] = []
    async with aclosing(replay_runs(histories, converter)) as results:
        async for result in results:
            if result.replayed is None:
                problem = result.problem or AuditProblem("没有重演")
                found.problems.append((result.history.workflow_id, str(problem)))
            elif result.replayed.claim is not None:
                before, after = _compare(found, result.replayed, ground, law)
                was += before
                would += after
    found.was = monthly_edition(ground.period, was, ground.units, ground.scheme)
    found.would = monthly_edition(ground.period, would, ground.units, ground.other_scheme)
    found.changes = differences(found.was, found.would)
    return found


def _compare(
    found: Rehearsal, replayed: ReplayedRun, ground: Ground, law: Law
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    claim = replayed.claim
    if claim is None:
        return (), ()
    before = _facts(claim, replayed.journal, ground)
    try:
        life = live_again(replayed, law)
    except CalendarError as error:
        found.problems.append((replayed.run.workflow_id, f"不能按所给的日历计算：{error}"))
        return before, before
    if life is None:
        return before, before
    after = _facts(life.claim, life.entries, ground)
    if before or after:
        found.claims += 1
        found.outcomes += life.others
        if differs := _differs(claim, life, before, after):
            found.differing.append(differs)
    return before, after


def _facts(claim: Claim, journal: list[Entry], ground: Ground) -> tuple[Fact, ...]:
    entries = tuple(entry for entry in journal if entry.kind in JOURNAL_KINDS)
    life = Life(claim=claim, entries=entries, until=ground.until, parts=parts_of(claim))
    return ground.period.facts(facts_of(life))


def _differs(was: Claim, life: OtherLife, before: tuple[Fact, ...], after: tuple[Fact, ...]) -> ClaimDiffers:
    old, new = ({limit.id: _limit_told(limit) for limit in claim.limits} for claim in (was, life.claim))
    lit, would = (
        {light.id: f"{label(light.colour)} {minute(light.at)}" for light in claim.lights}
        for claim in (was, life.claim)
    )
    rows, others = ({fact.id: _fact_told(fact) for fact in facts} for facts in (before, after))
    names = {limit.id: limit_name(limit) for limit in (*was.limits, *life.claim.limits)}
    return ClaimDiffers(
        number=was.number,
        limits=_pairs(old, new, names, "无此时限"),
        lights=_pairs(lit, would, {}, "不亮"),
        facts=_pairs(rows, others, {}, "无此数据"),
    )


def _limit_told(limit: Limit) -> str:
    schedule = limit.schedule
    end = end_of(schedule.last_day, schedule.due_at) if schedule else "未定"
    return f"{end} {status_name(limit)}"


def _fact_told(fact: Fact) -> str:
    return f"{fact.n}/{fact.of}（{fact.day}{'' if fact.counted else '，不计入'}）"


def _pairs(old: dict[str, str], new: dict[str, str], names: dict[str, str], missing: str) -> tuple[str, ...]:
    return tuple(
        f"{names.get(id, '')}[{id}] {old.get(id, missing)} → {new.get(id, missing)}"
        for id in sorted(old.keys() | new.keys())
        if old.get(id) != new.get(id)
    )
