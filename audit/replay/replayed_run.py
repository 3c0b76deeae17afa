"""The result of replaying one run of a workflow."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from activities.lights import AccountRecord
from assessment.cases.model import CaseRecord
from audit.histories.parsing import Run
from audit.replay.captured_commands import SentCommand
from claims.deadlines.scheduling import LimitRequest
from claims.model.claim import Claim
from claims.model.journal import Entry, Outcome, TransitionRecord
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.unit_account import UnitAccount
from claims.papers.requests import FiledPaper, PaperRequest
from claims.recording.change import ClaimChange
from workflows.incoming.inbox import Item
from workflows.messages import Opening


@dataclass(frozen=True, slots=True)
class State:
    """A claim after a step. `at` is the claim's own clock."""

    at: datetime
    claim: Claim


@dataclass(frozen=True, slots=True)
class ScheduleRequest:
    """A request to schedule one limit. `at` is the claim's own clock (R6)."""

    at: datetime
    request: LimitRequest


@dataclass(frozen=True, slots=True)
class Paper:
    """A requested paper. `filed` is None until the history contains its filing."""

    request: PaperRequest
    filed: FiledPaper | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An item that the claim took from its inbox. `at` is the claim's own clock."""

    at: datetime
    item: Item


@dataclass(slots=True)
class ReplayedRun:
    """Everything that one replayed run of a workflow produced, in order.

    `steps` and `accounts` were sent to the records; `states` has the claim after each step; `claim` or
    `account` is the final state.
    """

    run: Run
    claim: Claim | None = None
    account: UnitAccount | None = None
    opening: Opening | None = None
    """The input that started a claim's workflow."""
    taken: list[Taken] = field(default_factory=list)
    """The messages to a claim, in the order of processing."""
    states: list[State] = field(default_factory=list)
    steps: list[TransitionRecord] = field(default_factory=list)
    before_run: list[ClaimChange] = field(default_factory=list)
    """The claim's records in the history, collected before the replay: the replayed changes apply to them."""
    accounts: list[AccountRecord] = field(default_factory=list)
    schedule_requests: list[ScheduleRequest] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    cases: list[CaseRecord] = field(default_factory=list)
    """Records of a period's, an exclusion's or a clue's workflow."""
    revocations: list[LightRevoked] = field(default_factory=list)
    """Revocations that a unit's account sent to claims (R37)."""
    written: list[Entry] = field(default_factory=list)
    """A claim's journal entries, including those not sent to the records yet."""
    commands: list[SentCommand] = field(default_factory=list)
    """All commands to the engine, in order."""
    lost: list[int] = field(default_factory=list)
    """Start events of tasks whose completions the server did not accept but that were replayed
    (`audit.replay.lost_completions`).
    """

    @property
    def journal(self) -> list[Entry]:
        """The journal lines of the claim or unit in this run, in order."""
        recorded = [step.entries for step in self.steps] + [account.entries for account in self.accounts]
        lines = {entry.seq: entry for entry in chain(self.written, *recorded)}
        return [lines[seq] for seq in sorted(lines)]

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcome of each request."""
        return [outcome for step in self.steps for outcome in step.outcomes]
