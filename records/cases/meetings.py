"""Reads meetings and the claims for an agenda (R63)."""

from datetime import datetime

from sqlalchemy import or_, select

from assessment.cases.model import CaseKind
from assessment.meetings.model import MeetingState
from claims.model.claim import Claim
from records.cases.reader import case_state, case_states
from records.database.engine import Records
from records.tables import CLAIM

MOST_CLAIMS = 2000


def meeting_state(records: Records, id: str) -> MeetingState | None:
    """Return a meeting, or None. Raises RecordsUnavailable."""
    state = case_state(records, CaseKind.MEETING, id)
    return MeetingState.model_validate(state) if state is not None else None


def meeting_states(records: Records) -> list[MeetingState]:
    """Return all meetings. Raises RecordsUnavailable."""
    return [MeetingState.model_validate(state) for state in case_states(records, CaseKind.MEETING)]


def claims_of_period(records: Records, starts_at: datetime, ends_at: datetime) -> list[Claim]:
    """Return claims registered before a period's end that were open during it. Raises RecordsUnavailable."""
    still = or_(CLAIM.c.closed_at.is_(None), CLAIM.c.closed_at >= starts_at)
    wanted = select(CLAIM.c.snapshot).where(CLAIM.c.registered_at < ends_at, still)
    with records.reading() as connection:
        texts = connection.scalars(wanted.order_by(CLAIM.c.number).limit(MOST_CLAIMS)).all()
    return [Claim.model_validate_json(text) for text in texts]
