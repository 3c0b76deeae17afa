"""Revoked tokens: one by its `jti`, or all of a person (`sub`) up to an instant; and ended sessions."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select

from records.database import dialects
from records.database.engine import Records
from records.tables import TOKEN_REVOCATION


class RevokedBy(StrEnum):
    """What a revocation identifies."""

    TOKEN = "jti"
    PERSON = "sub"
    SESSION = "session"
    """A session of the web pages; `at` is when it would have expired."""


class Revocation(BaseModel):
    """A revocation. For a person: every token issued until `at`."""

    model_config = ConfigDict(frozen=True)

    kind: RevokedBy
    value: str
    at: datetime
    reason: str


def revoke(records: Records, revocation: Revocation) -> None:
    """Store a revocation, replacing an earlier one of the same person."""
    with records.writing() as connection:
        dialects.put(connection, TOKEN_REVOCATION, [revocation.model_dump()])


def end_session(records: Records, key: str, *, at: datetime, until: datetime) -> None:
    """Store that a session has ended, until its expiry; delete expired ones."""
    ended = Revocation(kind=RevokedBy.SESSION, value=key, at=until, reason="")
    past = (TOKEN_REVOCATION.c.kind == RevokedBy.SESSION) & (TOKEN_REVOCATION.c.at <= at)
    with records.writing() as connection:
        connection.execute(delete(TOKEN_REVOCATION).where(past))
        dialects.put(connection, TOKEN_REVOCATION, [ended.model_dump()])


def revocations(records: Records) -> list[Revocation]:
    """Return all revocations, oldest first."""
    every = select(TOKEN_REVOCATION).order_by(TOKEN_REVOCATION.c.at, TOKEN_REVOCATION.c.value)
    with records.reading() as connection:
        return [Revocation.model_validate(dict(row)) for row in connection.execute(every).mappings()]
