"""Codes for phones that belong to no claim yet, and up to when each person has seen a unit's notices.

Revision ID: records_0013
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0013"
down_revision: Final = "records_0012"


def upgrade() -> None:
    """Add the column and the table."""
    with op.batch_alter_table("tracking_code") as table:
        table.add_column(sa.Column("phone", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("tracking_code") as table:
        table.alter_column("phone", server_default=None)
    op.create_table(
        "notices_seen",
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sub", "unit", name="pk_notices_seen"),
    )


def downgrade() -> None:
    """Without them: codes that were sent to a phone are of no use, and all notices are unread again."""
    op.drop_table("notices_seen")
    with op.batch_alter_table("tracking_code") as table:
        table.drop_column("phone")
