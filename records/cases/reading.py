"""Reading periods and exclusions. Clues have a module of their own (R64)."""

import json
from collections.abc import Iterator

from sqlalchemy import select

from assessment.cadence.model import PeriodState
from assessment.cases.model import CaseEntry, CaseKind
from assessment.exclusion_cases.model import ExclusionState
from assessment.facts.exclusions import Exclusion
from records.database.engine import Records
from records.tables import CASE, CASE_JOURNAL


def case_state(records: Records, kind: CaseKind, id: str) -> dict[str, object] | None:
    """A case's state as it was last written; None where there is none. Raises RecordsUnavailable."""
    wanted = select(CASE.c.snapshot).where(CASE.c.kind == kind.value, CASE.c.id == id)
    with records.reading() as connection:
        text = connection.scalar(wanted)
    return _state(text) if text is not None else None


def case_states(records: Records, kind: CaseKind) -> Iterator[dict[str, object]]:
    """All cases of a kind, by id. Raises RecordsUnavailable."""
    wanted = select(CASE.c.snapshot).where(CASE.c.kind == kind.value).order_by(CASE.c.id)
    with records.reading() as connection:
        texts = connection.scalars(wanted).all()
    yield from map(_state, texts)


def case_journal(records: Records, kind: CaseKind, id: str) -> list[CaseEntry]:
    """Every line of a case's journal, in order. Raises RecordsUnavailable."""
    of = (CASE_JOURNAL.c.case_kind == kind.value, CASE_JOURNAL.c.case_id == id)
    wanted = select(CASE_JOURNAL).where(*of).order_by(CASE_JOURNAL.c.seq)
    with records.reading() as connection:
        return [CaseEntry.model_validate(dict(row)) for row in connection.execute(wanted).mappings()]


def _state(text: str) -> dict[str, object]:
    state: dict[str, object] = json.loads(text)["state"]
    return state


def period_state(records: Records, period: str) -> PeriodState | None:
    """A period's assessment; None where it has not begun. Raises RecordsUnavailable."""
    state = case_state(records, CaseKind.ASSESSMENT, period)
    return PeriodState.model_validate(state) if state is not None else None


def period_states(records: Records) -> list[PeriodState]:
    """Every period's assessment. Raises RecordsUnavailable."""
    return [PeriodState.model_validate(state) for state in case_states(records, CaseKind.ASSESSMENT)]


def exclusion_state(records: Records, number: str) -> ExclusionState | None:
    """What was applied for on a claim; None where nothing was. Raises RecordsUnavailable."""
    state = case_state(records, CaseKind.EXCLUSION, number)
    return ExclusionState.model_validate(state) if state is not None else None


def decided_exclusions(records: Records) -> tuple[Exclusion, ...]:
    """Everything that was decided to leave figures, of every period. Raises RecordsUnavailable."""
    states = map(ExclusionState.model_validate, case_states(records, CaseKind.EXCLUSION))
    return tuple(one for state in states for one in state.exclusions())
