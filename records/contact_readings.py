"""Who read an enterprise's contact data (R70): recorded before the data are returned, and read by auditors."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, or_, select

from claims.model.terms import Role
from records.database.engine import Records
from records.tables import CONTACT_READ

_STORE: Final = CONTACT_READ.insert()
"""Built once: building a statement takes longer than running it."""


class Reading(StrEnum):
    """What was read, and its name."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """Require a name for each kind, so that every kind can be exported."""
        reading = str.__new__(cls, value)
        reading._value_ = value
        reading.label = label
        return reading

    CLAIM = "claim", "工单"
    """The claim with its enterprise's name, contact and phone."""
    JOURNAL = "journal", "工单日志"
    """The text of events, which may contain them."""
    TRACK = "track", "企业公开查询"
    """A public enquiry by number and phone (R39)."""
    DISPATCH_ORDER = "dispatch-order", "派单文书"
    """The paper that contains them."""
    PAPER = "paper", "其他文书"
    """Another paper that names the enterprise."""
    UPLOAD = "upload", "上传的附件"
    """An uploaded file of the claim, which may contain them."""
    HISTORY = "history", "审计读取的历史"
    """By an auditor: the claim's history or its contents (`/audit`)."""


class ContactRead(BaseModel):
    """One reading. `attachment` is empty unless a paper was read; `unit` is empty if the reader has none."""

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
    """A stored reading; ids increase."""

    id: int


class ReadFilter(BaseModel):
    """A filter; all given conditions must hold. `by` is the reader's `sub` or name."""

    model_config = ConfigDict(frozen=True)

    number: str = ""
    by: str = ""
    since: datetime | None = None
    before_id: int | None = None
    limit: int = Field(default=100, ge=1, le=500)


def record_contact_reads(records: Records, reads: Sequence[ContactRead]) -> None:
    """Store readings. Raises RecordsUnavailable; the data must then not be returned."""
    rows = [{**read.model_dump(), "roles": list(read.roles)} for read in reads]
    with records.writing() as connection:
        connection.execute(_STORE, rows)


def contact_reads(records: Records, wanted: ReadFilter) -> list[KeptRead]:
    """Return readings, newest first. Raises RecordsUnavailable."""
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
