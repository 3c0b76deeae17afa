"""Rows that somebody has edited by hand, as a claim's next record recognises them."""

from pydantic import ValidationError
from sqlalchemy import Connection, func, select

from claims.model.claim import Claim
from claims.recording.change import BaseLost
from records.tables import CLAIM, JOURNAL


def is_ahead_of_its_journal(connection: Connection, number: str, seq: int) -> bool:
    """Return whether a claim's row counts lines that its journal does not have. A row is written with or after its
    lines, so such a number is nobody's, and every later record of the claim would be taken for an older one.
    """
    last = connection.scalar(select(func.max(JOURNAL.c.seq)).where(JOURNAL.c.number == number))
    return seq > (last or 0)


def put_back(connection: Connection, number: str, seq: int) -> bool:
    """Number a claim's row that is ahead of its journal like the record that is being written; return whether it was."""
    held = connection.scalar(select(CLAIM.c.seq).where(CLAIM.c.number == number).with_for_update())
    if held is None or not is_ahead_of_its_journal(connection, number, held):
        return False
    connection.execute(CLAIM.update().where(CLAIM.c.number == number).values(seq=seq))
    return True


def claim_on_record(number: str, snapshot: str) -> Claim:
    """Return the claim in a row. Raises BaseLost if it cannot be read."""
    try:
        return Claim.model_validate_json(snapshot)
    except ValidationError as error:
        raise BaseLost(number) from error
