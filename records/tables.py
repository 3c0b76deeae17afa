"""The tables. Columns are what lists select and sort by; the whole claim stands in `claim.snapshot`.

Empty text, not null, means "none" for words; null means "none" for instants, days and an intake's
channel number, so that intakes without one never count as the same (R10).
"""

from datetime import date, datetime
from typing import Final

from pydantic import JsonValue
from sqlalchemy import JSON, Column, ForeignKey, Index, MetaData, String, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from records.columns import UtcDateTime

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class RecordTable(SQLModel):
    """The tables of the records and no others."""

    metadata = MetaData(naming_convention=NAMES)


def _claim_number() -> Column[str]:
    return Column(String, ForeignKey("claim.number"), primary_key=True)


class SchemaVersionTable(RecordTable, table=True):
    """One row: which version of these tables the database holds."""

    __tablename__ = "schema_version"

    name: str = Field(primary_key=True)
    version: int


class NumberSequenceTable(RecordTable, table=True):
    """The last claim number of a day; only ever counts up."""

    __tablename__ = "number_sequence"

    day: date = Field(primary_key=True)
    last: int


class IntakeTable(RecordTable, table=True):
    """What came in, before anything else happens to it (R10). `payload` opens the claim."""

    __tablename__ = "intake"
    __table_args__ = (UniqueConstraint("channel", "external_id"), Index(None, "started_at", "received_at"))

    number: str = Field(primary_key=True)
    channel: str
    external_id: str | None = None
    payload: dict[str, JsonValue] = Field(sa_type=JSON)
    received_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ClaimTable(RecordTable, table=True):
    """Where a claim stands. `unit` is the current lead, `light` the worst that is not revoked."""

    __tablename__ = "claim"
    __table_args__ = (
        Index(None, "registered_at", "number"),
        Index(None, "next_due", "number"),
        Index(None, "stage", "registered_at"),
        Index(None, "enterprise"),
    )

    number: str = Field(primary_key=True)
    seq: int
    stage: str
    unit: str
    unit_name: str
    district: str
    district_name: str
    category: str
    channel: str
    enterprise: str
    matter: str = Field(sa_type=Text)
    light: str
    next_due: datetime | None = Field(sa_type=UtcDateTime)
    closed_reason: str
    closed_at: datetime | None = Field(sa_type=UtcDateTime)
    registered_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    snapshot: str = Field(sa_type=Text)


class ClaimPartyTable(RecordTable, table=True):
    """Each unit that takes or took part in a claim, and every unit above one.

    `leads`: it is, or stands above, the lead (or its delegate) of the current dispatch.
    """

    __tablename__ = "claim_party"
    __table_args__ = (Index(None, "unit", "leads", "number"),)

    number: str = Field(sa_column=_claim_number())
    unit: str = Field(primary_key=True)
    leads: bool


class JournalTable(RecordTable, table=True):
    """The claim's journal, line by line."""

    __tablename__ = "journal"

    number: str = Field(sa_column=_claim_number())
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    rules: list[str] = Field(sa_type=JSON)
    text: str = Field(sa_type=Text)
    actor: dict[str, JsonValue] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    request_id: str
    data: dict[str, JsonValue] = Field(sa_type=JSON)


class OutcomeTable(RecordTable, table=True):
    """What became of each request; the first answer stays."""

    __tablename__ = "outcome"

    number: str = Field(sa_column=_claim_number())
    request_id: str = Field(primary_key=True)
    outcome: str = Field(sa_type=Text)


class LimitTable(RecordTable, table=True):
    """Every limit of a claim; those whose instants are not fixed yet have no end."""

    __tablename__ = "limit_record"
    __table_args__ = (
        Index(None, "unit", "status"),
        Index(
            "ix_limit_record_depends",
            "number",
            sqlite_where=text("depends_until IS NOT NULL"),
            postgresql_where=text("depends_until IS NOT NULL"),
        ),
    )

    number: str = Field(sa_column=_claim_number())
    id: str = Field(primary_key=True)
    kind: str
    supervises: str
    dispatch: int
    round: int
    unit: str
    status: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(sa_type=UtcDateTime)
    last_day: date | None
    working_days: int | None
    provisional: bool
    calendar_version: str
    depends_from: date | None
    depends_until: date | None
    """The days that its instants depend on; null when no change of the calendar matters to it (R6)."""
    held_against: str
    """The calendar that it was last held against."""


class LightTable(RecordTable, table=True):
    """Every light, also revoked ones (R31-R33). `unit` is the one at city level whose light it is."""

    __tablename__ = "light"
    __table_args__ = (Index(None, "unit", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    number: str = Field(foreign_key="claim.number")
    unit: str
    unit_name: str
    caused_by: str
    caused_by_name: str
    colour: str
    limit: str
    dispatch: int
    round: int
    at: datetime = Field(sa_type=UtcDateTime)
    revoked: bool


class LetterTable(RecordTable, table=True):
    """Every supervision letter (R31)."""

    __tablename__ = "letter"
    __table_args__ = (Index(None, "unit", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    number: str = Field(foreign_key="claim.number")
    unit: str
    unit_name: str
    limit: str
    at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(sa_type=Text)


class NoticeTable(RecordTable, table=True):
    """Word to a unit's recipients; its id makes it come once (R20, R30, R38)."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "unit", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    number: str = Field(foreign_key="claim.number")
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    unit: str
    text: str = Field(sa_type=Text)


class DeliveryTable(RecordTable, table=True):
    """The ledger of what goes out (R20, R38): each notice to each addressee, one line for each channel.

    Without a channel a waiting one has not been routed yet. `next_at`: not before then; a lease (`lease` is
    the holder's) moves it on, so that nobody else takes it and a dead holder's runs out. No address and no
    phone number stands here, only the channel's name.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index(None, "state", "next_at"), Index(None, "addressee", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    notice: str = Field(foreign_key="notice.id")
    number: str
    addressee: str
    kind: str
    at: datetime = Field(sa_type=UtcDateTime)
    channel: str
    state: str
    tries: int
    lease: str
    error: str
    queued_at: datetime | None = Field(sa_type=UtcDateTime)
    next_at: datetime | None = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)


class DocumentSequenceTable(RecordTable, table=True):
    """The last document number of a kind in a year; only ever counts up."""

    __tablename__ = "document_sequence"

    kind: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int


class DocumentNumberTable(RecordTable, table=True):
    """The number that a paper was given, once."""

    __tablename__ = "document_number"
    __table_args__ = (UniqueConstraint("number"),)

    paper: str = Field(primary_key=True)
    number: str


class AttachmentTable(RecordTable, table=True):
    """Papers and uploaded files; contents are kept by their hash. `claim` is empty where there is none, and
    may be there before its claim is on record. `kind` is empty for uploads, `enterprise` for officials'."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "claim", "uploaded_at"),)

    id: str = Field(primary_key=True)
    claim: str
    unit: str
    kind: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    enterprise: str
    uploaded_at: datetime = Field(sa_type=UtcDateTime)
    document_number: str


class ArrangementTable(RecordTable, table=True):
    """Arrangements and corrections published while the system runs, in the order of `revision` (R1, R6).

    `version` is the calendar's from then on; `finished_at`: since when all claims know it.
    """

    __tablename__ = "arrangement"
    __table_args__ = (UniqueConstraint("request_id"), Index(None, "version"))

    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    request_id: str
    arrangement: dict[str, JsonValue] = Field(sa_type=JSON)
    document: str
    actor: dict[str, JsonValue] = Field(sa_type=JSON)
    version: str
    entered_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UnitAccountTable(RecordTable, table=True):
    """Where a unit's account stands (R34-R37); `snapshot` holds lights and measures."""

    __tablename__ = "unit_account"

    unit: str = Field(primary_key=True)
    seq: int
    snapshot: str = Field(sa_type=Text)


class UnitJournalTable(RecordTable, table=True):
    """A unit's journal, line by line."""

    __tablename__ = "unit_journal"

    unit: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    rules: list[str] = Field(sa_type=JSON)
    text: str = Field(sa_type=Text)
    actor: dict[str, JsonValue] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    request_id: str
    data: dict[str, JsonValue] = Field(sa_type=JSON)


METADATA: Final = RecordTable.metadata
_TABLES: Final = METADATA.tables

SCHEMA_VERSION: Final[Table] = _TABLES["schema_version"]
NUMBER_SEQUENCE: Final[Table] = _TABLES["number_sequence"]
INTAKE: Final[Table] = _TABLES["intake"]
CLAIM: Final[Table] = _TABLES["claim"]
CLAIM_PARTY: Final[Table] = _TABLES["claim_party"]
JOURNAL: Final[Table] = _TABLES["journal"]
OUTCOME: Final[Table] = _TABLES["outcome"]
LIMIT: Final[Table] = _TABLES["limit_record"]
LIGHT: Final[Table] = _TABLES["light"]
UNIT_ACCOUNT: Final[Table] = _TABLES["unit_account"]
UNIT_JOURNAL: Final[Table] = _TABLES["unit_journal"]
LETTER: Final[Table] = _TABLES["letter"]
NOTICE: Final[Table] = _TABLES["notice"]
DELIVERY: Final[Table] = _TABLES["delivery"]
DOCUMENT_SEQUENCE: Final[Table] = _TABLES["document_sequence"]
DOCUMENT_NUMBER: Final[Table] = _TABLES["document_number"]
ATTACHMENT: Final[Table] = _TABLES["attachment"]
ARRANGEMENT: Final[Table] = _TABLES["arrangement"]
