"""Signed scans may belong to an interview or an accountability file and to no claim (R35, R36).

Revision ID: records_0006
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0006"
down_revision: Final = "records_0005"


def upgrade() -> None:
    """An attachment names its measure; empty where it has none."""
    op.add_column("attachment", sa.Column("measure", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("attachment") as attachment:
        attachment.alter_column("measure", existing_type=sa.String(), server_default=None)


def downgrade() -> None:
    """Without the scans of measures: their files stay, and nothing names them."""
    op.execute("DELETE FROM attachment WHERE measure <> ''")
    with op.batch_alter_table("attachment") as attachment:
        attachment.drop_column("measure")
