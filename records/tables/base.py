"""What all tables share: their metadata and the names of what the database names."""

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
    """The tables of the records and no others."""

    metadata = MetaData(naming_convention=NAMES)


def claim_number() -> Column[str]:
    """Part of a key: the number of the claim that a row belongs to."""
    return Column(String, ForeignKey("claim.number"), primary_key=True)
