"""Tokens that are taken no longer: one by its `jti`, or all that somebody (`sub`) had until then."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from records.database import dialects
from records.database.engine import Records
from records.tables import TOKEN_REVOCATION


class RevokedBy(StrEnum):
    """What a revocation names."""

    TOKEN = "jti"
    PERSON = "sub"


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


def revocations(records: Records) -> list[Revocation]:
    """All of them, the oldest first."""
    every = select(TOKEN_REVOCATION).order_by(TOKEN_REVOCATION.c.at, TOKEN_REVOCATION.c.value)
    with records.reading() as connection:
        return [Revocation.model_validate(dict(row)) for row in connection.execute(every).mappings()]
