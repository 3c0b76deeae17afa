"""Compares the records with the histories and rewrites them (`zaoying db check`, `db rebuild`).

The system may keep running: a difference is checked again before it is reported, and a record that has
changed since is not overwritten.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from temporalio.converter import DataConverter

from activities.workflow_ids import unit_workflow_id, workflow_id
from audit.histories.collector import HistoryCollector
from audit.problems import AuditProblem
from audit.verification.rebuild import Rebuilder, Rebuilt
from records.contents import ContentStore
from records.database.engine import Records, open_records
from records.reconciliation import comparison, repair
from records.reconciliation.comparison import Difference
from runtime.data_converter import DATA_CONVERTER

_LOOKS: Final = 3
_SETTLE_SECONDS: Final = 3.0
"""A step reaches the records within two seconds, or soon after by the regular activity (ADR 0004)."""


@dataclass(slots=True)
class ComparisonReport:
    """The result of a comparison. Everything is empty if the records match the histories."""

    claims: int = 0
    units: int = 0
    differences: list[Difference] = field(default_factory=list)
    problems: list[tuple[str, AuditProblem]] = field(default_factory=list)
    """Workflow ids with unreliable histories; their records were not compared."""
    unproven: list[str] = field(default_factory=list)
    """Recorded claims and units without a history."""
    broken_units: list[str] = field(default_factory=list)
    """Units with a missing run; their records were not compared."""
    rewritten: int = 0
    """Claims and units whose records were rewritten; `differences` are from before."""
    left: list[str] = field(default_factory=list)
    """Claims and units that changed during each attempt to rewrite them; run it again."""

    @property
    def is_sound(self) -> bool:
        """Whether every record has a history and every history could be read."""
        return not (self.problems or self.unproven or self.broken_units or self.left)


@dataclass(frozen=True, slots=True)
class Subject:
    """A claim, a unit or a case."""

    id: str
    is_unit: bool = False
    case: str = ""

    @property
    def workflow(self) -> str:
        """The workflow id."""
        if self.case:
            return f"{self.case}-{self.id}"
        return unit_workflow_id(self.id) if self.is_unit else workflow_id(self.id)


class Comparison:
    """Compares records with histories. `settle` is the number of seconds that a step may take to reach the
    records.
    """

    def __init__(
        self,
        records: Records,
        contents: ContentStore,
        collector: HistoryCollector,
        *,
        settle: float = _SETTLE_SECONDS,
        data_converter: DataConverter = DATA_CONVERTER,
    ) -> None:
        self._records = records
        self._contents = contents
        self._collector = collector
        self._settle = settle
        self._data_converter = data_converter

    async def check(self) -> ComparisonReport:
        """Return all differences; read-only. Raises RecordsUnavailable, RPCError, StoreFailed."""
        return await self._compare(rewrite=False, forget=False)

    async def rebuild(self, *, forget: bool = False) -> ComparisonReport:
        """Rewrite the read model from the histories; `differences` are the rewritten ones. With `forget`,
        delete claims without a history. Raises as `check`.
        """
        return await self._compare(rewrite=True, forget=forget)

    async def _compare(self, *, rewrite: bool, forget: bool) -> ComparisonReport:
        seen = self._seen(self._on_record())
        with _scratch(self._records) as expected:
            rebuilt = await self._rebuilt(expected)
            subjects = _subjects(rebuilt)
            seen = {subject: seen.get(subject) for subject in subjects}
            found = self._first_findings(rebuilt)
            pending = self._differing(expected, subjects)
            self._compare_numbers(expected, rebuilt, found, rewrite=rewrite)
            if rewrite:
                pending = self._rewritten(expected, pending, seen, found)
        for subject in [subject for subject in pending if not rewrite and subject.id in rebuilt.over]:
            found.differences += pending.pop(subject)
        for _ in range(_LOOKS - 1):
            if not pending:
                break
            await asyncio.sleep(self._settle)
            pending = await self._look_again(pending, found, rewrite=rewrite)
        if rewrite:
            found.left = [subject.id for subject in pending]
        else:
            found.differences += chain.from_iterable(pending.values())
        if forget:
            self._forget_unproven(found)
        return found

    def _forget_unproven(self, found: ComparisonReport) -> None:
        """Delete claims without a history. Units stay: their lights follow from their claims' histories."""
        for number in comparison.numbers(self._records).intersection(found.unproven):
            repair.forget_claim(self._records, number)
            found.unproven.remove(number)

    async def _rebuilt(self, expected: Records) -> Rebuilt:
        rebuilt = await self._rebuilding(expected).take(self._collector.histories())
        rebuilt.problems += self._collector.problems
        return rebuilt

    def _rebuilding(self, expected: Records) -> Rebuilder:
        return Rebuilder(expected, self._contents, self._data_converter)

    def _first_findings(self, rebuilt: Rebuilt) -> ComparisonReport:
        known = {subject.workflow for subject in _subjects(rebuilt)}
        known |= {name for name, _ in rebuilt.problems}
        known |= {unit_workflow_id(unit) for unit in rebuilt.broken_units}
        unproven = [subject.id for subject in self._on_record() if subject.workflow not in known]
        return ComparisonReport(
            claims=len(rebuilt.claims),
            units=len(rebuilt.units),
            problems=rebuilt.problems,
            unproven=sorted(unproven),
            broken_units=sorted(rebuilt.broken_units),
        )

    async def _look_again(
        self, pending: Mapping[Subject, list[Difference]], found: ComparisonReport, *, rewrite: bool
    ) -> dict[Subject, list[Difference]]:
        seen = self._seen(pending)
        with _scratch(self._records) as expected:
            again = self._collector.again(subject.workflow for subject in pending)
            rebuilt = await self._rebuilding(expected).take(again)
            fresh = _subjects(rebuilt)
            # A history that is no longer on the server cannot change: the first result holds.
            stands = {subject: pending[subject] for subject in pending if subject not in fresh}
            differing = self._differing(expected, fresh)
            return stands | (self._rewritten(expected, differing, seen, found) if rewrite else differing)

    def _on_record(self) -> list[Subject]:
        claims = [Subject(number) for number in comparison.numbers(self._records)]
        units = [Subject(unit, is_unit=True) for unit in comparison.units(self._records)]
        cases = [Subject(id, case=kind) for kind, id in comparison.cases(self._records)]
        return claims + units + cases

    def _seen(self, subjects: Iterable[Subject]) -> dict[Subject, int | None]:
        return {subject: self._seq(subject) for subject in subjects}

    def _seq(self, subject: Subject) -> int | None:
        if subject.case:
            return repair.seq_of_case(self._records, subject.case, subject.id)
        seq = repair.seq_of_unit if subject.is_unit else repair.seq_of_claim
        return seq(self._records, subject.id)

    def _differing(self, expected: Records, subjects: Iterable[Subject]) -> dict[Subject, list[Difference]]:
        found = {}
        for subject in subjects:
            if differences := list(_compared(self._records, expected, subject)):
                found[subject] = differences
        return found

    def _rewritten(
        self,
        expected: Records,
        differing: Mapping[Subject, list[Difference]],
        seen: Mapping[Subject, int | None],
        found: ComparisonReport,
    ) -> dict[Subject, list[Difference]]:
        """Rewrite unchanged records, and return them."""
        moved = {}
        for subject, differences in differing.items():
            if _rewritten(self._records, expected, subject, seen.get(subject)):
                found.differences += differences
                found.rewritten += 1
            else:
                moved[subject] = differences
        return moved

    def _compare_numbers(
        self, expected: Records, rebuilt: Rebuilt, found: ComparisonReport, *, rewrite: bool
    ) -> None:
        found.differences += comparison.compare_document_numbers(self._records, expected)
        if rewrite:
            repair.rewrite_document_numbers(self._records, expected)
            repair.advance_counters(self._records, rebuilt.days, rebuilt.papers)


def _subjects(rebuilt: Rebuilt) -> list[Subject]:
    claims = [Subject(number) for number in sorted(rebuilt.claims)]
    units = [Subject(unit, is_unit=True) for unit in sorted(rebuilt.units)]
    return claims + units + [Subject(id, case=kind) for kind, id in sorted(rebuilt.cases)]


def _compared(actual: Records, expected: Records, subject: Subject) -> Iterator[Difference]:
    if subject.case:
        return comparison.compare_case(actual, expected, subject.case, subject.id)
    compare = comparison.compare_unit if subject.is_unit else comparison.compare_claim
    return compare(actual, expected, subject.id)


def _rewritten(actual: Records, expected: Records, subject: Subject, seen: int | None) -> bool:
    if subject.case:
        return repair.rewrite_case(actual, expected, subject.case, subject.id, seen=seen)
    rewrite = repair.rewrite_unit if subject.is_unit else repair.rewrite_claim
    return rewrite(actual, expected, subject.id, seen=seen)


@contextmanager
def _scratch(actual: Records) -> Iterator[Records]:
    with (
        TemporaryDirectory(prefix="zaoying-") as folder,
        open_records(f"sqlite:///{Path(folder) / 'expected.db'}", actual.clue_cipher) as records,
    ):
        yield records
