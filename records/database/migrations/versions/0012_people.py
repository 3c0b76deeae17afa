"""One-time codes (R39), what people keep (filters, acts that await a signature), and changes of the city's data.

Revision ID: records_0012
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0012"
down_revision: Final = "records_0011"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "tracking_code",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tracking_code"),
    )
    op.create_index("ix_tracking_code_number_at", "tracking_code", ["number", "at"])
    op.create_table(
        "saved_filter",
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sub", "page", "name", name="pk_saved_filter"),
    )
    op.create_table(
        "signature_draft",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", "action", "unit", name="pk_signature_draft"),
    )
    op.create_index("ix_signature_draft_unit", "signature_draft", ["unit"])
    op.create_table(
        "city_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposer", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decider", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_city_entry"),
    )
    op.create_index(
        "ix_city_entry_kind_entry_in_force_from", "city_entry", ["kind", "entry", "in_force_from"]
    )
    op.create_index("ix_city_entry_state", "city_entry", ["state"])


def downgrade() -> None:
    """Without them: the city's data are those of the release again."""
    op.drop_table("city_entry")
    op.drop_table("signature_draft")
    op.drop_table("saved_filter")
    op.drop_table("tracking_code")
