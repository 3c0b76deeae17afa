"""Rebuilds the read model from histories by replaying every claim and unit and writing every step again.

The result goes into separate records, which are compared with those in use. Tables that are not in histories
are left alone (`records.reconciliation.comparison`).
"""

import re
from collections.abc import AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from activities.papers.filing import attachment_of
from audit.problems import AuditProblem
from audit.replay.replayed_run import Paper, ReplayedRun
from audit.replay.replayer import replay_runs
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.papers.requests import NumberedPaper, year_of
from records import attachments, document_numbers, intake
from records.accounts import revoke_light, write_account
from records.cases.writer import write_case
from records.claim_writer import write_steps
from records.contents import Content, ContentStore
from records.database.engine import Records
from records.intake import IntakeRecord
from runtime.data_converter import DATA_CONVERTER

_COUNT: Final = re.compile(r"QH(?P<day>\d{8})(?P<count>\d{4,})")
_PAPER_COUNT: Final = re.compile(r"〕(?P<count>\d+)号$")


@dataclass(slots=True)
class Rebuilt:
    """The rebuilt subjects, and the problems of the others."""

    claims: dict[str, int] = field(default_factory=dict)
    """By number: the last journal line in its history."""
    units: dict[str, int] = field(default_factory=dict)
    """By unit: the last journal line in its histories, for units without a missing run."""
    cases: dict[tuple[str, str], int] = field(default_factory=dict)
    """By kind and id: the last journal line in a case's histories."""
    over: set[str] = field(default_factory=set)
    """Numbers of closed claims."""
    problems: list[tuple[str, AuditProblem]] = field(default_factory=list)
    """Workflow ids that were not rebuilt, and why."""
    days: dict[date, int] = field(default_factory=dict)
    """The last claim number of each day."""
    papers: dict[tuple[str, int], int] = field(default_factory=dict)
    """The last document number of each kind and year."""
    broken_units: set[str] = field(default_factory=set)
    """Units with a missing run; their records are not touched."""


def _in_order(word: LightRevoked) -> tuple[bool, datetime]:
    """Sort undated revocations first, then dated ones by instant."""
    return word.at is not None, word.at or datetime.min.replace(tzinfo=UTC)


class Rebuilder:
    """Writes replayed runs into separate records."""

    def __init__(
        self, expected: Records, contents: ContentStore, data_converter: DataConverter = DATA_CONVERTER
    ) -> None:
        self._expected = expected
        self._contents = contents
        self._data_converter = data_converter
        self._revocations: list[LightRevoked] = []
        self._runs: set[str] = set()
        self._continued: dict[str, str] = {}
        self.rebuilt = Rebuilt()

    async def take(self, histories: AsyncIterable[WorkflowHistory]) -> Rebuilt:
        """Replay and write all histories, in any order. Raises RecordsUnavailable."""
        async with aclosing(replay_runs(histories, self._data_converter)) as results:
            async for result in results:
                if result.replayed is None:
                    problem = result.problem or AuditProblem("没有重演")
                    self.rebuilt.problems.append((result.history.workflow_id, problem))
                else:
                    self._write(result.replayed)
                    await self._write_intake(result.replayed, result.history)
        for word in sorted(self._revocations, key=_in_order):
            revoke_light(self._expected, word)
        self._leave_out_broken_units()
        return self.rebuilt

    def _write(self, replayed: ReplayedRun) -> None:
        write_steps(self._expected, replayed.steps)
        for account in replayed.accounts:
            write_account(self._expected, account.account, account.entries, account.notices)
        for case in replayed.cases:
            write_case(self._expected, case)
            key = (case.kind.value, case.id)
            self.rebuilt.cases[key] = max(self.rebuilt.cases.get(key, 0), case.seq)
        for paper in replayed.papers:
            self._write_paper(paper)
        self._revocations += replayed.revocations
        if replayed.claim is not None:
            self.rebuilt.claims[replayed.claim.number] = replayed.claim.seq
            if replayed.run.is_over:
                self.rebuilt.over.add(replayed.claim.number)
        if replayed.account is not None:
            self._note_run(replayed, replayed.account.unit, replayed.account.seq)

    def _note_run(self, replayed: ReplayedRun, unit: str, seq: int) -> None:
        self.rebuilt.units[unit] = max(self.rebuilt.units.get(unit, 0), seq)
        self._runs.add(replayed.run.run_id)
        if replayed.run.continued_from:
            self._continued[replayed.run.continued_from] = unit

    def _leave_out_broken_units(self) -> None:
        broken = {unit for run, unit in self._continued.items() if run not in self._runs}
        self.rebuilt.broken_units = broken
        for unit in broken:
            del self.rebuilt.units[unit]

    def _write_paper(self, paper: Paper) -> None:
        filed = paper.filed
        if filed is None:
            return
        request = paper.request
        if filed.document_number:  # a blank form has none
            document_numbers.note_number(self._expected, request.id, filed.document_number)
        content = Content(sha256=filed.sha256, size=self._contents.size(filed.sha256))
        numbered = NumberedPaper(request=request, document_number=filed.document_number)
        attachments.keep(self._expected, attachment_of(numbered, content))
        if counted := _PAPER_COUNT.search(filed.document_number):
            key = (request.kind.value, year_of(request))
            self.rebuilt.papers[key] = max(self.rebuilt.papers.get(key, 0), int(counted["count"]))

    async def _write_intake(self, replayed: ReplayedRun, history: WorkflowHistory) -> None:
        """Restore the intake (R10). Its payload is the input that started the claim's workflow, without the
        schedules, which were computed later.
        """
        claim = replayed.claim
        counted = _COUNT.fullmatch(claim.number) if claim is not None else None
        if claim is None or counted is None:
            return
        started = history.events[0].workflow_execution_started_event_attributes
        [payload] = await self._data_converter.decode(started.input.payloads)
        if "schedules" in payload:  # earlier versions had none
            payload["schedules"] = {}
        line = IntakeRecord(
            number=claim.number,
            channel=claim.order.channel,
            external_id=claim.order.external_id,
            payload=payload,
            received_at=payload.get("received_at") or replayed.run.started_at,
            started_at=replayed.run.started_at,
        )
        intake.restore_intake(self._expected, line)
        day = date.fromisoformat(counted["day"])
        self.rebuilt.days[day] = max(self.rebuilt.days.get(day, 0), int(counted["count"]))
