"""Notices may be about a unit's account and no claim (R38).

Revision ID: records_0005
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0005"
down_revision: Final = "records_0004"


def upgrade() -> None:
    """A notice need not have a number."""
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("number", existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    """Without the notices of units' accounts, and what became of them."""
    op.execute("DELETE FROM delivery WHERE notice IN (SELECT id FROM notice WHERE number IS NULL)")
    op.execute("DELETE FROM notice WHERE number IS NULL")
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("number", existing_type=sa.String(), nullable=False)
