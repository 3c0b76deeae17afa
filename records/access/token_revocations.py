"""Tokens that are taken no longer: one by its `jti`, or all that somebody (`sub`) had until then; and sessions that their
holders have ended."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select

from records.database import dialects
from records.database.engine import Records
from records.tables import TOKEN_REVOCATION


class RevokedBy(StrEnum):
    """What a revocation names."""

    TOKEN = "jti"
    PERSON = "sub"
    SESSION = "session"
    """One of the pages'; `at` is when it would have ended by itself."""


class Revocation(BaseModel):
    """Of a person: every token that was issued until `at`."""

    model_config = ConfigDict(frozen=True)

    kind: RevokedBy
    value: str
    at: datetime
    reason: str


def revoke(records: Records, revocation: Revocation) -> None:
    """Keep a revocation; a later one of the same person replaces it."""
    with records.writing() as connection:
        dialects.put(connection, TOKEN_REVOCATION, [revocation.model_dump()])


def end_session(records: Records, key: str, *, at: datetime, until: datetime) -> None:
    """Keep that a session is over, until it would have ended by itself; those that have are forgotten."""
    ended = Revocation(kind=RevokedBy.SESSION, value=key, at=until, reason="")
    past = (TOKEN_REVOCATION.c.kind == RevokedBy.SESSION) & (TOKEN_REVOCATION.c.at <= at)
    with records.writing() as connection:
        connection.execute(delete(TOKEN_REVOCATION).where(past))
        dialects.put(connection, TOKEN_REVOCATION, [ended.model_dump()])


def revocations(records: Records) -> list[Revocation]:
    """All of them, the oldest first."""
    every = select(TOKEN_REVOCATION).order_by(TOKEN_REVOCATION.c.at, TOKEN_REVOCATION.c.value)
    with records.reading() as connection:
        return [Revocation.model_validate(dict(row)) for row in connection.execute(every).mappings()]
