"""A month's facts from replayed histories, with each claim up to the journal line that the edition took into
account.
"""

from collections.abc import AsyncIterable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from activities.assessment.month_facts import Basis
from assessment.facts.claim_run import ClaimRun, parts_of
from assessment.facts.events import JOURNAL_KINDS
from assessment.facts.extraction import facts_of, revoked_lights
from assessment.facts.model import Fact
from assessment.periods import Period
from audit.problems import AuditProblem
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import replay_runs
from claims.model.claim import Claim
from claims.model.journal import Entry
from claims.model.unit_account import UnitAccount


@dataclass(frozen=True, slots=True)
class ReplayedClaim:
    """A claim and its journal at one instant."""

    claim: Claim
    entries: tuple[Entry, ...]


@dataclass(slots=True)
class ReplayedClaims:
    """The replayed claims of an installation, up to the journal lines of a basis."""

    basis: Basis | None
    claims: dict[str, ReplayedClaim] = field(default_factory=dict)
    accounts: dict[str, UnitAccount] = field(default_factory=dict)
    problems: list[tuple[str, AuditProblem]] = field(default_factory=list)

    async def read(self, histories: AsyncIterable[WorkflowHistory], converter: DataConverter) -> None:
        """Replay all histories and keep the claims and accounts. Raises RPCError, StoreFailed, ArchiveDamaged."""
        async with aclosing(replay_runs(histories, converter)) as results:
            async for result in results:
                if result.replayed is None:
                    problem = result.problem or AuditProblem("没有重演")
                    self.problems.append((result.history.workflow_id, problem))
                else:
                    self._take(result.replayed)

    def _take(self, replayed: ReplayedRun) -> None:
        if replayed.claim is not None:
            number = replayed.claim.number
            lived = _as_of(replayed, self._line(number, replayed.claim.seq))
            if lived is not None:
                self.claims[number] = lived
        for record in replayed.accounts:
            account = record.account
            known = self.accounts.get(account.unit)
            within = account.seq <= self._line_of_unit(account.unit, account.seq)
            if within and (known is None or known.seq <= account.seq):
                self.accounts[account.unit] = account

    def _line(self, number: str, last: int) -> int:
        return self.basis.claims.get(number, last) if self.basis else last

    def _line_of_unit(self, unit: str, last: int) -> int:
        return self.basis.units.get(unit, 0) if self.basis else last

    def facts(self, period: Period, until: datetime) -> dict[str, tuple[Fact, ...]]:
        """Return the month's facts of each claim that has any."""
        revoked = frozenset[str]().union(*map(revoked_lights, self.accounts.values()))
        found: dict[str, tuple[Fact, ...]] = {}
        for number, lived in sorted(self.claims.items()):
            run = ClaimRun(
                claim=lived.claim,
                entries=lived.entries,
                until=until,
                revoked=revoked,
                parts=parts_of(lived.claim),
            )
            if own := period.facts(facts_of(run)):
                found[number] = own
        return found


def _as_of(replayed: ReplayedRun, line: int) -> ReplayedClaim | None:
    """Return the claim as it stood at a line of its journal."""
    states = [state.claim for state in replayed.states if state.claim.seq <= line]
    if not states:
        return None
    entries = [entry for entry in replayed.journal if entry.seq <= line and entry.kind in JOURNAL_KINDS]
    return ReplayedClaim(states[-1], tuple(entries))


def by_claim(facts: Iterable[Fact]) -> Mapping[str, dict[str, Fact]]:
    """Return facts by claim and id."""
    found: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        found.setdefault(fact.claim, {})[fact.id] = fact
    return found
