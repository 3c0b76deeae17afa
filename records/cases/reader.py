"""Reads periods and exclusions. Clues have a module of their own (R64)."""

import json
from collections.abc import Iterator

from sqlalchemy import Table, select

from assessment.cadence.model import PeriodStage, PeriodState
from assessment.cases.model import CaseEntry, CaseKind
from assessment.exclusion_cases.model import ExclusionState
from assessment.facts.exclusions import Exclusion
from records.cases.clue_rows import Cells, decrypted_row
from records.database.engine import Records
from records.tables import CASE, CASE_JOURNAL


def case_state(records: Records, kind: CaseKind, id: str) -> dict[str, object] | None:
    """Return a case's state as last written, or None. Raises RecordsUnavailable."""
    wanted = select(CASE).where(CASE.c.kind == kind.value, CASE.c.id == id)
    with records.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    return _state(records, kind, dict(row)) if row is not None else None


def case_states(records: Records, kind: CaseKind) -> Iterator[dict[str, object]]:
    """Yield all cases of a kind in order of id. Raises RecordsUnavailable."""
    wanted = select(CASE).where(CASE.c.kind == kind.value).order_by(CASE.c.id)
    with records.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    yield from (_state(records, kind, dict(row)) for row in rows)


def case_journal(records: Records, kind: CaseKind, id: str) -> list[CaseEntry]:
    """Return a case's journal in order. Raises RecordsUnavailable."""
    of = (CASE_JOURNAL.c.case_kind == kind.value, CASE_JOURNAL.c.case_id == id)
    wanted = select(CASE_JOURNAL).where(*of).order_by(CASE_JOURNAL.c.seq)
    with records.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [CaseEntry.model_validate(_readable(records, CASE_JOURNAL, kind, dict(row))) for row in rows]


def _state(records: Records, kind: CaseKind, row: Cells) -> dict[str, object]:
    state: dict[str, object] = json.loads(str(_readable(records, CASE, kind, row)["snapshot"]))["state"]
    return state


def _readable(records: Records, table: Table, kind: CaseKind, row: Cells) -> Cells:
    return decrypted_row(records.clue_cipher, table, row) if kind is CaseKind.CLUE else row


def period_state(records: Records, period: str) -> PeriodState | None:
    """Return a period's assessment, or None before it starts. Raises RecordsUnavailable."""
    state = case_state(records, CaseKind.ASSESSMENT, period)
    return PeriodState.model_validate(state) if state is not None else None


def period_states(records: Records) -> list[PeriodState]:
    """Return every period's assessment. Raises RecordsUnavailable."""
    return [PeriodState.model_validate(state) for state in case_states(records, CaseKind.ASSESSMENT)]


def waiting_periods(records: Records) -> list[PeriodState]:
    """Return the periods that wait for re-interviews. The database searches the stored text for the stage, so
    that other periods need not be parsed. Raises RecordsUnavailable.
    """
    waits = CASE.c.snapshot.contains(f'"stage":"{PeriodStage.ASKING.value}"', autoescape=True)
    wanted = select(CASE).where(CASE.c.kind == CaseKind.ASSESSMENT.value, waits).order_by(CASE.c.id)
    with records.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    found = (PeriodState.model_validate(_state(records, CaseKind.ASSESSMENT, dict(row))) for row in rows)
    return [state for state in found if state.stage is PeriodStage.ASKING]


def exclusion_state(records: Records, number: str) -> ExclusionState | None:
    """Return a claim's exclusion requests, or None. Raises RecordsUnavailable."""
    state = case_state(records, CaseKind.EXCLUSION, number)
    return ExclusionState.model_validate(state) if state is not None else None


def decided_exclusions(records: Records) -> tuple[Exclusion, ...]:
    """Return the approved exclusions of all periods. Raises RecordsUnavailable."""
    states = map(ExclusionState.model_validate, case_states(records, CaseKind.EXCLUSION))
    return tuple(one for state in states for one in state.exclusions())
