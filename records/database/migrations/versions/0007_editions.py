"""Editions of the policy, published while the system runs (R7).

Revision ID: records_0007
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0007"
down_revision: Final = "records_0006"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "edition",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("edition", sa.JSON(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("actor", sa.JSON(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("revision", name="pk_edition"),
        sa.UniqueConstraint("request_id", name="uq_edition_request_id"),
        sa.UniqueConstraint("id", name="uq_edition_id"),
    )


def downgrade() -> None:
    """Without the editions: claims keep the policies that they carry, new ones begin with the plan's."""
    op.drop_table("edition")
