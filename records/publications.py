"""The common part of published arrangements and editions: revisions from 1, each published once."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import ColumnElement, Connection, Table, func, select, update

from claims.model.values import Actor
from records.database.engine import Records

Row = TypeVar("Row", bound=BaseModel)


class PublicationRequest(BaseModel):
    """A request to publish: its fields as sent (`raw`), and the document it is based on (`document`)."""

    model_config = ConfigDict(frozen=True)

    request_id: str
    raw: Mapping[str, JsonValue]
    document: str
    actor: Actor
    at: datetime


def newest_revision(records: Records, table: Table) -> int:
    """Return the newest revision; 0 if nothing has been published. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return connection.scalar(select(func.max(table.c.revision))) or 0


def all_published(connection: Connection, table: Table, kind: type[Row]) -> list[Row]:
    """Return all publications in order."""
    rows = connection.execute(select(table).order_by(table.c.revision)).mappings()
    return [kind.model_validate(dict(row)) for row in rows]


def mark_finished(records: Records, table: Table, which: ColumnElement[bool], at: datetime) -> None:
    """Store when everything affected had received a publication. Raises RecordsUnavailable."""
    ends = update(table).where(which, table.c.finished_at.is_(None))
    with records.writing() as connection:
        connection.execute(ends.values(finished_at=at))
