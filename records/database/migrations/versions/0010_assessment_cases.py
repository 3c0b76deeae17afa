"""Assessments, exclusions, clues and meetings (R62-R65).

Revision ID: records_0010
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0010"
down_revision: Final = "records_0009"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "assessment_case",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_assessment_case"),
    )
    op.create_index("ix_assessment_case_kind_updated_at", "assessment_case", ["kind", "updated_at"])
    op.create_table(
        "assessment_journal",
        sa.Column("case_kind", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.JSON(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("case_kind", "case_id", "seq", name="pk_assessment_journal"),
    )


def downgrade() -> None:
    """Without them: the workflows keep their states."""
    op.drop_table("assessment_journal")
    op.drop_table("assessment_case")
