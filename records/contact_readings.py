"""Who read an enterprise's contact data (R70): written before the data are given, read by auditors."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, or_, select

from claims.model.terms import Role
from records.database.engine import Records
from records.tables import CONTACT_READ


class Reading(StrEnum):
    """What was read, and what it is called."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """No kind is without a name, so none can be listed and not exported."""
        reading = str.__new__(cls, value)
        reading._value_ = value
        reading.label = label
        return reading

    CLAIM = "claim", "工单"
    """Name, contact and phone, with the claim."""
    JOURNAL = "journal", "工单日志"
    """What was done, in words, which may name them."""
    TRACK = "track", "企业公开查询"
    """A public enquiry by number and phone (R39)."""
    DISPATCH_ORDER = "dispatch-order", "派单文书"
    """The paper that holds them."""
    PAPER = "paper", "其他文书"
    """Another paper that names the enterprise."""
    UPLOAD = "upload", "上传的附件"
    """An uploaded file of the claim, which may hold them."""
    HISTORY = "history", "审计读取的历史"
    """By an auditor: the claim's history, or what it tells (`/audit`)."""


class ContactRead(BaseModel):
    """One reading. `attachment` is empty where no paper was read, `unit` where the reader has none."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    number: str
    what: Reading
    attachment: str = ""
    sub: str
    name: str
    roles: tuple[Role, ...]
    unit: str
    route: str
    request_id: str


class KeptRead(ContactRead):
    """A reading as it was written down; ids only ever grow."""

    id: int


class ReadFilter(BaseModel):
    """What is looked for; all that is given must hold. `by`: the reader's `sub` or name."""

    model_config = ConfigDict(frozen=True)

    number: str = ""
    by: str = ""
    since: datetime | None = None
    before_id: int | None = None
    limit: int = Field(default=100, ge=1, le=500)


def record_contact_reads(records: Records, reads: Sequence[ContactRead]) -> None:
    """Write readings down. Raises RecordsUnavailable: then nothing may be given."""
    rows = [{**read.model_dump(), "roles": list(read.roles)} for read in reads]
    with records.writing() as connection:
        connection.execute(CONTACT_READ.insert(), rows)


def contact_reads(records: Records, wanted: ReadFilter) -> list[KeptRead]:
    """Readings, the newest first. Raises RecordsUnavailable."""
    columns = CONTACT_READ.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.number:
        conditions.append(columns.number == wanted.number)
    if wanted.by:
        conditions.append(or_(columns.sub == wanted.by, columns.name == wanted.by))
    if wanted.since is not None:
        conditions.append(columns.at >= wanted.since)
    if wanted.before_id is not None:
        conditions.append(columns.id < wanted.before_id)
    found = select(CONTACT_READ).where(*conditions).order_by(columns.id.desc()).limit(wanted.limit)
    with records.reading() as connection:
        return [KeptRead.model_validate(dict(row)) for row in connection.execute(found).mappings()]
