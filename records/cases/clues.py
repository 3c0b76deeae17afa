"""Reads clues (R64). No other module returns them; callers must check that the reader is an inspector."""

from assessment.cases.model import CaseKind
from assessment.clues.model import ClueState
from records.cases.reader import case_state, case_states
from records.database.engine import Records


def clue_state(records: Records, id: str) -> ClueState | None:
    """Return a clue, or None. Raises RecordsUnavailable."""
    state = case_state(records, CaseKind.CLUE, id)
    return ClueState.model_validate(state) if state is not None else None


def clue_states(records: Records) -> list[ClueState]:
    """Return all clues. Raises RecordsUnavailable."""
    return [ClueState.model_validate(state) for state in case_states(records, CaseKind.CLUE)]
