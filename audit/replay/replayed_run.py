"""What a replayed run of a workflow left, step by step."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from activities.lights import AccountRecord
from audit.histories.parsing import Run
from claims.deadlines.scheduling import LimitRequest
from claims.model.claim import Claim
from claims.model.journal import Entry, Outcome, TransitionRecord
from claims.model.unit_account import UnitAccount
from claims.model.unit_action_bodies import LightRevoked
from claims.papers.requests import FiledPaper, PaperRequest


@dataclass(frozen=True, slots=True)
class State:
    """A claim as a step left it; `at` is the claim's own clock."""

    at: datetime
    claim: Claim


@dataclass(frozen=True, slots=True)
class ScheduleRequest:
    """What the calendar was asked for one limit, at the claim's own clock (R6)."""

    at: datetime
    request: LimitRequest


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that the procedure asked for; `filed` is what the history says became of it, None so far."""

    request: PaperRequest
    filed: FiledPaper | None = None


@dataclass(slots=True)
class ReplayedRun:
    """One run of a workflow, replayed: everything that it left, in order.

    `steps` and `accounts` are what its recorder handed to the records, `states` the claim after each single
    step, `claim` or `account` how it stood in the end.
    """

    run: Run
    claim: Claim | None = None
    account: UnitAccount | None = None
    states: list[State] = field(default_factory=list)
    steps: list[TransitionRecord] = field(default_factory=list)
    accounts: list[AccountRecord] = field(default_factory=list)
    schedule_requests: list[ScheduleRequest] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    revocations: list[LightRevoked] = field(default_factory=list)
    """What a unit's account told its claims (R37)."""
    written: list[Entry] = field(default_factory=list)
    """A claim's lines as they were written; some may not have reached its records yet."""

    @property
    def journal(self) -> list[Entry]:
        """Every line of the claim's or the unit's journal in this run, in order."""
        recorded = [step.entries for step in self.steps] + [account.entries for account in self.accounts]
        lines = {entry.seq: entry for entry in chain(self.written, *recorded)}
        return [lines[seq] for seq in sorted(lines)]

    @property
    def outcomes(self) -> list[Outcome]:
        """What became of each request."""
        return [outcome for step in self.steps for outcome in step.outcomes]
