"""Claims' contributions to the measures of assessments (R60)."""

from datetime import date, datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable, claim_number


class FactTable(RecordTable, table=True):
    """A claim's facts (`assessment.facts`), including those that do not count. `month` is the day's. The
    index holds all columns by which a month's figures are grouped and summed, in that order.
    """

    __tablename__ = "assessment_fact"
    __table_args__ = (
        Index(
            "ix_assessment_fact_month",
            "month",
            "unit",
            "unit_name",
            "measure",
            "district",
            "number",
            "counted",
            "n",
            "of",
        ),
    )

    number: str = Field(sa_column=claim_number())
    measure: str = Field(primary_key=True)
    dispatch: int = Field(primary_key=True)
    about: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    round: int
    unit_name: str
    district: str
    n: int
    of: int
    month: str
    day: date
    at: datetime | None = Field(sa_type=UtcDateTime)
    counted: bool
    rule: str
    why: str = Field(sa_type=Text)
