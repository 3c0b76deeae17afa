"""Readings of contact data are kept (R70). The version stands in `alembic_version` from now on.

Revision ID: records_0002
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0002"
down_revision: Final = "records_0001"


def upgrade() -> None:
    """Add the readings; drop the old version."""
    op.create_table(
        "contact_read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("attachment", sa.String(), nullable=False),
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_read"),
    )
    op.create_index("ix_contact_read_number_id", "contact_read", ["number", "id"])
    op.create_index("ix_contact_read_sub_id", "contact_read", ["sub", "id"])
    op.create_index("ix_contact_read_at", "contact_read", ["at"])
    op.drop_table("schema_version")


def downgrade() -> None:
    """As version 0.1.0 knows it. The readings are lost: export them before."""
    op.create_table(
        "schema_version",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schema_version"),
    )
    op.execute("INSERT INTO schema_version (name, version) VALUES ('records', 1)")
    op.drop_table("contact_read")
