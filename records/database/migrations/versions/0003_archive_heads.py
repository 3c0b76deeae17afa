"""The archive's heads are noted in the records too, and how far its sweep has come.

Revision ID: records_0003
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0003"
down_revision: Final = "records_0002"


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "archive_head",
        sa.Column("count", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("installation", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("count", name="pk_archive_head"),
    )
    op.create_table(
        "archive_sweep",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("watermark", sa.DateTime(timezone=True), nullable=True),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_archive_sweep"),
    )


def downgrade() -> None:
    """The next sweep looks at everything again; heads that were noted are lost: write the last one down before."""
    op.drop_table("archive_sweep")
    op.drop_table("archive_head")
