"""Compares a period under its own law and under another: limits, lights, measures, scores and ranks that
would differ.
"""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from temporalio.converter import DataConverter

from activities.assessment.knowledge import Articles
from activities.assessment.month_facts import upkeep_of
from assessment.cadence.model import PeriodState
from assessment.cases.model import CaseKind, CaseRecord
from assessment.editions.differences import differences
from assessment.editions.model import Edition
from assessment.editions.monthly import monthly_edition, require_month
from assessment.exclusion_cases.model import ExclusionState
from assessment.facts.claim_run import ClaimRun, parts_of
from assessment.facts.events import JOURNAL_KINDS
from assessment.facts.exclusions import Exclusion, without_repeats
from assessment.facts.extraction import facts_of, revoked_lights, with_revocations
from assessment.facts.knowledge import wrong_answers
from assessment.facts.model import Fact
from assessment.periods import Period
from assessment.schemes.model import Scheme
from assessment.terms import COUNTS, name
from assessment.units import AssessedUnits
from audit.histories.collector import HistoryCollector
from audit.problems import AuditProblem
from audit.rehearsal.law import Law
from audit.rehearsal.playthrough import OtherOutcome, Playthrough, play_under
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import replay_runs
from calendar_rules import CalendarError
from claims.limits import limit_name, status_name
from claims.model.claim import Claim
from claims.model.journal import Entry
from claims.model.labels import end_of, label, minute
from claims.model.limit import Light, Limit
from claims.model.unit_account import UnitAccount


@dataclass(frozen=True, slots=True)
class ClaimDiffers:
    """One claim, and what would differ."""

    number: str
    limits: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.limits or self.lights or self.facts)


@dataclass(slots=True)
class Rehearsal:
    """The result of a rehearsal."""

    period: str
    law: str
    scheme_was: str
    scheme_would: str
    claims: int = 0
    """Claims with facts in the period under either law."""
    differing: list[ClaimDiffers] = field(default_factory=list)
    outcomes: list[OtherOutcome] = field(default_factory=list)
    changes: tuple[str, ...] = ()
    """Figures, scores, bands and ranks that would differ."""
    was: Edition | None = None
    would: Edition | None = None
    problems: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ground:
    """The input of a rehearsal. `articles` are the versions of the knowledge base, the same under any law."""

    period: Period
    units: AssessedUnits
    scheme: Scheme
    other_scheme: Scheme
    until: datetime
    articles: Articles = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of districts and units by id."""


@dataclass(slots=True)
class _Gathered:
    """The facts of the histories under both laws, and the decisions on figures, which stay the same."""

    was: list[Fact] = field(default_factory=list)
    would: list[Fact] = field(default_factory=list)
    accounts: dict[str, UnitAccount] = field(default_factory=dict)
    cases: dict[tuple[CaseKind, str], CaseRecord] = field(default_factory=dict)

    def take(self, replayed: ReplayedRun) -> None:
        """Keep the newest account of a unit, or the newest state of a case."""
        for record in replayed.accounts:
            account = record.account
            known = self.accounts.get(account.unit)
            if known is None or known.seq <= account.seq:
                self.accounts[account.unit] = account
        for case in replayed.cases:
            before = self.cases.get((case.kind, case.id))
            if before is None or before.seq <= case.seq:
                self.cases[case.kind, case.id] = case

    def edition(self, facts: list[Fact], ground: Ground, scheme: Scheme) -> Edition:
        """Return the month's edition of these facts, without revoked lights (R37) and exclusions (R65)."""
        revoked = frozenset[str]().union(*map(revoked_lights, self.accounts.values()))
        upkeep = upkeep_of(ground.articles, ground.units, ground.period, until=ground.until)
        wrong = wrong_answers(facts, ground.articles, ground.units)
        rows = [*with_revocations(facts, revoked), *upkeep, *wrong]
        exclusions = self._exclusions(ground.period)
        return monthly_edition(ground.period, rows, ground.units, scheme, exclusions=exclusions)

    def _exclusions(self, period: Period) -> tuple[Exclusion, ...]:
        decided: list[Exclusion] = []
        for (kind, id), case in self.cases.items():
            if kind is CaseKind.EXCLUSION:
                decided += ExclusionState.model_validate(case.state).exclusions()
            elif kind is CaseKind.ASSESSMENT and id == str(period):
                decided += PeriodState.model_validate(case.state).upheld_exclusions
        return without_repeats(decided)


async def rehearse(
    collector: HistoryCollector, ground: Ground, law: Law, converter: DataConverter
) -> Rehearsal:
    """Play every claim under the other law. Read-only. Raises BadAlternative, RPCError, StoreFailed, Refused."""
    require_month(ground.period)
    found = Rehearsal(
        period=str(ground.period),
        law=law.text,
        scheme_was=ground.scheme.id,
        scheme_would=ground.other_scheme.id,
    )
    gathered = _Gathered()
    async with aclosing(replay_runs(collector.histories(), converter)) as results:
        async for result in results:
            if result.replayed is None:
                problem = result.problem or AuditProblem("没有重演")
                found.problems.append((result.history.workflow_id, str(problem)))
            elif result.replayed.claim is not None:
                before, after = _compare(found, result.replayed, ground, law)
                gathered.was += before
                gathered.would += after
            else:
                gathered.take(result.replayed)
    found.problems += [(name, str(problem)) for name, problem in collector.problems]
    found.was = gathered.edition(gathered.was, ground, ground.scheme)
    found.would = gathered.edition(gathered.would, ground, ground.other_scheme)
    found.changes = differences(found.was, found.would, ground.names)
    return found


def _compare(
    found: Rehearsal, replayed: ReplayedRun, ground: Ground, law: Law
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    claim = replayed.claim
    if claim is None:
        return (), ()
    before = _facts(claim, replayed.journal, ground)
    try:
        playthrough = play_under(replayed, law)
    except CalendarError as error:
        found.problems.append((replayed.run.workflow_id, f"不能按所给的日历计算：{error}"))
        return before, before
    if playthrough is None:
        return before, before
    after = _facts(playthrough.claim, playthrough.entries, ground)
    if before or after:
        found.claims += 1
        found.outcomes += playthrough.others
        if differs := _differs(claim, playthrough, before, after):
            found.differing.append(differs)
    return before, after


def _facts(claim: Claim, journal: list[Entry], ground: Ground) -> tuple[Fact, ...]:
    entries = tuple(entry for entry in journal if entry.kind in JOURNAL_KINDS)
    run = ClaimRun(claim=claim, entries=entries, until=ground.until, parts=parts_of(claim))
    return ground.period.facts(facts_of(run))


def _differs(
    was: Claim, playthrough: Playthrough, before: tuple[Fact, ...], after: tuple[Fact, ...]
) -> ClaimDiffers:
    old, new = (
        {limit.id: _limit_text(limit) for limit in claim.limits} for claim in (was, playthrough.claim)
    )
    lit, would = (
        {light.id: f"{label(light.colour)} {minute(light.at)}" for light in claim.lights}
        for claim in (was, playthrough.claim)
    )
    rows, others = ({fact.id: _fact_text(fact) for fact in facts} for facts in (before, after))
    limits = {limit.id: _limit_named(limit) for limit in (*was.limits, *playthrough.claim.limits)}
    lights = {light.id: _light_named(light) for light in (*was.lights, *playthrough.claim.lights)}
    facts = {fact.id: _fact_named(fact) for fact in (*before, *after)}
    return ClaimDiffers(
        number=was.number,
        limits=_pairs(old, new, limits, "无此时限"),
        lights=_pairs(lit, would, lights, "不亮"),
        facts=_pairs(rows, others, facts, "无此数据"),
    )


def _limit_named(limit: Limit) -> str:
    return f"{_place(limit.dispatch, limit.round)}{limit_name(limit)}"


def _light_named(light: Light) -> str:
    return f"{_place(light.dispatch, light.round)}{label(light.limit)}"


def _fact_named(fact: Fact) -> str:
    return f"{fact.unit_name}{_place(fact.dispatch, fact.round)}{name(fact.measure)}"


def _place(dispatch: int, round: int) -> str:
    """Return the dispatch and its round of handling, as text."""
    rounds = f"第{round}次重办" if round else ""
    return f"第{dispatch}次派单{rounds}·" if dispatch else ""


def _limit_text(limit: Limit) -> str:
    schedule = limit.schedule
    end = end_of(schedule.last_day, schedule.due_at) if schedule else "未定"
    return f"{end} {status_name(limit)}"


def _fact_text(fact: Fact) -> str:
    figure = f"{fact.n}" if fact.measure in COUNTS else f"{fact.n}/{fact.of}"
    return f"{figure}（{fact.day}{'' if fact.counted else '，不计入'}）"


def _pairs(old: dict[str, str], new: dict[str, str], names: dict[str, str], missing: str) -> tuple[str, ...]:
    return tuple(
        f"{names[id]}：{old.get(id, missing)} → {new.get(id, missing)}"
        for id in sorted(old.keys() | new.keys())
        if old.get(id) != new.get(id)
    )
