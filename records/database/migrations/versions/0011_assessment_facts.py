"""What claims add to assessments, row by row (R60). Claims on record have no rows until `zaoying db rebuild`.

Revision ID: records_0011
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "records_0011"
down_revision: Final = "records_0010"

_INDEX: Final = ("month", "unit", "unit_name", "measure", "district", "number", "counted", "n", "of")


def upgrade() -> None:
    """Add the table, and which claims have their rows."""
    op.add_column("claim", sa.Column("has_facts", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "assessment_fact",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("dispatch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("unit_name", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_assessment_fact_number_claim"),
        sa.PrimaryKeyConstraint("number", "measure", "dispatch", "about", "unit", name="pk_assessment_fact"),
    )
    op.create_index("ix_assessment_fact_month", "assessment_fact", list(_INDEX))


def downgrade() -> None:
    """Without the rows: they are made again from the histories."""
    op.drop_table("assessment_fact")
    op.drop_column("claim", "has_facts")
