"""Acts that await a head's signature."""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import delete, select

from claims.model.terms import Action
from records.database import dialects
from records.database.engine import Records
from records.tables import SIGNATURE_DRAFT


class SignatureDraft(BaseModel):
    """An act as it was written. `unit`: whose handler wrote it, `by`: that person's name."""

    model_config = ConfigDict(frozen=True)

    number: str
    action: Action
    unit: str
    body: dict[str, JsonValue]
    by: str
    at: datetime


def keep_draft(records: Records, draft: SignatureDraft) -> None:
    """Keep an act for the head, in the place of what the unit wrote before. Raises RecordsUnavailable."""
    with records.writing() as connection:
        dialects.put(connection, SIGNATURE_DRAFT, [{**draft.model_dump(), "action": draft.action.value}])


def drafts_of_units(records: Records, units: Collection[str]) -> list[SignatureDraft]:
    """What awaits signature in these units, the oldest first. Raises RecordsUnavailable."""
    columns = SIGNATURE_DRAFT.c
    waiting = select(SIGNATURE_DRAFT).where(columns.unit.in_(units)).order_by(columns.at, columns.number)
    with records.reading() as connection:
        return [SignatureDraft.model_validate(dict(row)) for row in connection.execute(waiting).mappings()]


def remove_draft(records: Records, draft: SignatureDraft) -> None:
    """Forget an act that was signed or sent back; not one that was written since. Raises RecordsUnavailable."""
    columns = SIGNATURE_DRAFT.c
    this = (columns.number == draft.number) & (columns.action == draft.action.value)
    same = this & (columns.unit == draft.unit) & (columns.at == draft.at)
    with records.writing() as connection:
        connection.execute(delete(SIGNATURE_DRAFT).where(same))
