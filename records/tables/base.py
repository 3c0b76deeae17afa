"""The tables' common metadata and naming convention."""

from typing import Final

from sqlalchemy import Column, ForeignKey, MetaData, String
from sqlmodel import SQLModel

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class RecordTable(SQLModel):
    """Base of the records' tables."""

    metadata = MetaData(naming_convention=NAMES)


def claim_number() -> Column[str]:
    """A key column: the number of the row's claim."""
    return Column(String, ForeignKey("claim.number"), primary_key=True)
