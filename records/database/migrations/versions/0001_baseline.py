"""The schema of version 0.1.0.

Revision ID: records_0001
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0001"
down_revision: Final = None

NUMBERS: Final = ("document_number", "document_sequence", "number_sequence")
CLAIMS: Final = ("intake", "claim", "claim_party", "journal", "letter", "light", "limit_record", "outcome")
OTHERS: Final = (
    "notice",
    "delivery",
    "arrangement",
    "attachment",
    "unit_account",
    "unit_journal",
    "schema_version",
)


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _journal_line() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        *_words("kind"),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.JSON(none_as_null=True), nullable=True),
        *_words("request_id"),
        sa.Column("data", sa.JSON(), nullable=False),
    ]


def upgrade() -> None:
    """Make all tables of an empty database."""
    _make_numbers()
    _make_intake()
    _make_claim()
    _make_claim_party()
    _make_journal()
    _make_letters_and_lights()
    _make_limit_record()
    _make_outcome()
    _make_notice()
    _make_delivery()
    _make_arrangement()
    _make_attachment()
    _make_units()
    _make_schema_version()


def downgrade() -> None:
    """Back to an empty database."""
    for table in reversed(NUMBERS + CLAIMS + OTHERS):
        op.drop_table(table)


def _make_arrangement() -> None:
    op.create_table(
        "arrangement",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        *_words("request_id"),
        sa.Column("arrangement", sa.JSON(), nullable=False),
        *_words("document"),
        sa.Column("actor", sa.JSON(), nullable=False),
        *_words("version"),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("revision", name="pk_arrangement"),
        sa.UniqueConstraint("request_id", name="uq_arrangement_request_id"),
    )
    op.create_index("ix_arrangement_version", "arrangement", ["version"])


def _make_attachment() -> None:
    op.create_table(
        "attachment",
        *_words("id", "claim", "unit", "kind", "file_name", "media_type"),
        sa.Column("size", sa.Integer(), nullable=False),
        *_words("sha256", "uploaded_by", "enterprise"),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        *_words("document_number"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
    )
    op.create_index("ix_attachment_claim_uploaded_at", "attachment", ["claim", "uploaded_at"])


def _make_claim() -> None:
    op.create_table(
        "claim",
        *_words("number"),
        sa.Column("seq", sa.Integer(), nullable=False),
        *_words(
            "stage", "unit", "unit_name", "district", "district_name", "category", "channel", "enterprise"
        ),
        sa.Column("matter", sa.Text(), nullable=False),
        *_words("light"),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=True),
        *_words("closed_reason"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_claim"),
    )
    op.create_index("ix_claim_enterprise", "claim", ["enterprise"])
    op.create_index("ix_claim_next_due_number", "claim", ["next_due", "number"])
    op.create_index("ix_claim_registered_at_number", "claim", ["registered_at", "number"])
    op.create_index("ix_claim_stage_registered_at", "claim", ["stage", "registered_at"])


def _make_intake() -> None:
    op.create_table(
        "intake",
        *_words("number", "channel"),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_intake"),
        sa.UniqueConstraint("channel", "external_id", name="uq_intake_channel_external_id"),
    )
    op.create_index("ix_intake_started_at_received_at", "intake", ["started_at", "received_at"])


def _make_units() -> None:
    op.create_table(
        "unit_account",
        *_words("unit"),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit", name="pk_unit_account"),
    )
    op.create_table(
        "unit_journal",
        *_words("unit"),
        *_journal_line(),
        sa.PrimaryKeyConstraint("unit", "seq", name="pk_unit_journal"),
    )


def _make_claim_party() -> None:
    op.create_table(
        "claim_party",
        *_words("number", "unit"),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_claim_party_number_claim"),
        sa.PrimaryKeyConstraint("number", "unit", name="pk_claim_party"),
    )
    op.create_index("ix_claim_party_unit_leads_number", "claim_party", ["unit", "leads", "number"])


def _make_journal() -> None:
    op.create_table(
        "journal",
        *_words("number"),
        *_journal_line(),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_journal_number_claim"),
        sa.PrimaryKeyConstraint("number", "seq", name="pk_journal"),
    )


def _make_letters_and_lights() -> None:
    op.create_table(
        "letter",
        *_words("id", "number", "unit", "unit_name", "limit"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_letter_number_claim"),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
    )
    op.create_index("ix_letter_number", "letter", ["number"])
    op.create_index("ix_letter_unit_at", "letter", ["unit", "at"])
    op.create_table(
        "light",
        *_words("id", "number", "unit", "unit_name", "caused_by", "caused_by_name", "colour", "limit"),
        sa.Column("dispatch", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_light_number_claim"),
        sa.PrimaryKeyConstraint("id", name="pk_light"),
    )
    op.create_index("ix_light_number", "light", ["number"])
    op.create_index("ix_light_unit_at", "light", ["unit", "at"])


def _make_limit_record() -> None:
    op.create_table(
        "limit_record",
        *_words("number", "id", "kind", "supervises"),
        sa.Column("dispatch", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        *_words("unit", "status"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("working_days", sa.Integer(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        *_words("calendar_version"),
        sa.Column("depends_from", sa.Date(), nullable=True),
        sa.Column("depends_until", sa.Date(), nullable=True),
        *_words("held_against"),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_limit_record_number_claim"),
        sa.PrimaryKeyConstraint("number", "id", name="pk_limit_record"),
    )
    where = sa.text("depends_until IS NOT NULL")
    op.create_index(
        "ix_limit_record_depends", "limit_record", ["number"], sqlite_where=where, postgresql_where=where
    )
    op.create_index("ix_limit_record_unit_status", "limit_record", ["unit", "status"])


def _make_notice() -> None:
    op.create_table(
        "notice",
        *_words("id", "number"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_words("kind", "unit"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_notice_number_claim"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_number", "notice", ["number"])
    op.create_index("ix_notice_unit_at", "notice", ["unit", "at"])


def _make_outcome() -> None:
    op.create_table(
        "outcome",
        *_words("number", "request_id"),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_outcome_number_claim"),
        sa.PrimaryKeyConstraint("number", "request_id", name="pk_outcome"),
    )


def _make_delivery() -> None:
    op.create_table(
        "delivery",
        *_words("id", "notice", "number", "addressee", "kind"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_words("channel", "state"),
        sa.Column("tries", sa.Integer(), nullable=False),
        *_words("lease", "error"),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name="fk_delivery_notice_notice"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )
    op.create_index("ix_delivery_addressee_at", "delivery", ["addressee", "at"])
    op.create_index("ix_delivery_number", "delivery", ["number"])
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"])


def _make_numbers() -> None:
    op.create_table(
        "document_number",
        *_words("paper", "number"),
        sa.PrimaryKeyConstraint("paper", name="pk_document_number"),
        sa.UniqueConstraint("number", name="uq_document_number_number"),
    )
    op.create_table(
        "document_sequence",
        *_words("kind"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name="pk_document_sequence"),
    )
    op.create_table(
        "number_sequence",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_number_sequence"),
    )


def _make_schema_version() -> None:
    op.create_table(
        "schema_version",
        *_words("name"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schema_version"),
    )
    op.execute("INSERT INTO schema_version (name, version) VALUES ('records', 1)")
