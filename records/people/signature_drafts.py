"""Actions that wait for a head's signature."""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import delete, select

from claims.model.terms import Action
from records.database import dialects
from records.database.engine import Records
from records.tables import SIGNATURE_DRAFT


class SignatureDraft(BaseModel):
    """An action as drafted. `unit` is the handler's unit, `by` the handler's name."""

    model_config = ConfigDict(frozen=True)

    number: str
    action: Action
    unit: str
    body: dict[str, JsonValue]
    by: str
    at: datetime


def keep_draft(records: Records, draft: SignatureDraft) -> None:
    """Store an action for the head, replacing the unit's earlier draft. Raises RecordsUnavailable."""
    with records.writing() as connection:
        dialects.put(connection, SIGNATURE_DRAFT, [{**draft.model_dump(), "action": draft.action.value}])


def drafts_of_units(records: Records, units: Collection[str]) -> list[SignatureDraft]:
    """Return what waits for a signature in these units, oldest first. Raises RecordsUnavailable."""
    columns = SIGNATURE_DRAFT.c
    waiting = select(SIGNATURE_DRAFT).where(columns.unit.in_(units)).order_by(columns.at, columns.number)
    with records.reading() as connection:
        return [SignatureDraft.model_validate(dict(row)) for row in connection.execute(waiting).mappings()]


def remove_draft(records: Records, draft: SignatureDraft) -> None:
    """Delete a draft that was signed or sent back, unless a newer one was written. Raises RecordsUnavailable."""
    columns = SIGNATURE_DRAFT.c
    this = (columns.number == draft.number) & (columns.action == draft.action.value)
    same = this & (columns.unit == draft.unit) & (columns.at == draft.at)
    with records.writing() as connection:
        connection.execute(delete(SIGNATURE_DRAFT).where(same))
