"""Reading clues (R64). Nothing else in the records gives them out; whoever calls this has made sure of an inspector."""

from assessment.cases.model import CaseKind
from assessment.clues.model import ClueState
from records.cases.reader import case_state, case_states
from records.database.engine import Records


def clue_state(records: Records, id: str) -> ClueState | None:
    """A clue; None where there is none. Raises RecordsUnavailable."""
    state = case_state(records, CaseKind.CLUE, id)
    return ClueState.model_validate(state) if state is not None else None


def clue_states(records: Records) -> list[ClueState]:
    """All clues. Raises RecordsUnavailable."""
    return [ClueState.model_validate(state) for state in case_states(records, CaseKind.CLUE)]
