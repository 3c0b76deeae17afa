"""Revoked tokens, and how often each caller has called.

Revision ID: records_0009
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0009"
down_revision: Final = "records_0008"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "token_revocation",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_token_revocation"),
    )
    op.create_table(
        "request_count",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "since", name="pk_request_count"),
    )
    op.create_index("ix_request_count_since", "request_count", ["since"])


def downgrade() -> None:
    """Without revocations: revoked tokens are taken again until they expire."""
    op.drop_table("request_count")
    op.drop_table("token_revocation")
