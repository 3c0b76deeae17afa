"""Claims are found by what was written, and listed by every column in the order of registration.

Revision ID: records_0004
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision: Final = "records_0004"
down_revision: Final = "records_0003"

NARROWING: Final = ("stage", "district", "category", "channel", "light")
ORDERS: Final[dict[str, tuple[str, ...]]] = {
    "number": ("number", *NARROWING, "registered_at", "next_due"),
    "registered_at": ("registered_at", "number", *NARROWING, "next_due"),
    "next_due": ("next_due", "number", *NARROWING, "registered_at"),
    "updated_at": ("updated_at", "number", *NARROWING, "registered_at", "next_due"),
}
FORMER: Final[tuple[tuple[str, ...], ...]] = (
    ("registered_at", "number"),
    ("next_due", "number"),
    ("stage", "registered_at"),
)
AT_ONCE: Final = 1000


def upgrade() -> None:
    """Make the tables and indexes, and index the claims that are there."""
    op.create_table(
        "claim_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("grams", ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["claim.number"], name="fk_claim_text_number_claim"),
        sa.PrimaryKeyConstraint("id", name="pk_claim_text"),
        sa.UniqueConstraint("number", name="uq_claim_text_number"),
    )
    if _is_sqlite():
        op.execute(
            "CREATE VIRTUAL TABLE claim_grams USING fts5"
            "(grams, content = '', columnsize = 0, detail = none, tokenize = 'ascii')"
        )
    _index_claims()
    if not _is_sqlite():
        op.create_index("ix_claim_text_grams", "claim_text", ["grams"], postgresql_using="gin")
    for former in FORMER:
        op.drop_index(f"ix_claim_{'_'.join(former)}", "claim")
    for name, columns in ORDERS.items():
        op.create_index(f"ix_claim_by_{name}", "claim", list(columns))


def downgrade() -> None:
    """Without the search; nothing is lost that cannot be made again."""
    for name in ORDERS:
        op.drop_index(f"ix_claim_by_{name}", "claim")
    for former in FORMER:
        op.create_index(f"ix_claim_{'_'.join(former)}", "claim", list(former))
    if _is_sqlite():
        op.execute("DROP TABLE claim_grams")
    op.drop_table("claim_text")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _index_claims() -> None:
    """In the order of their numbers, some at a time."""
    connection, last = op.get_bind(), ""
    some = sa.text(
        "SELECT number, enterprise, matter FROM claim WHERE number > :last ORDER BY number LIMIT :some"
    )
    while rows := connection.execute(some, {"last": last, "some": AT_ONCE}).all():
        for number, enterprise, matter in rows:
            _index_claim(connection, number, _grams(enterprise, matter))
        last = rows[-1][0]


def _index_claim(connection: sa.Connection, number: str, grams: list[str]) -> None:
    if not _is_sqlite():
        put = sa.text("INSERT INTO claim_text (number, grams) VALUES (:number, :grams)")
        connection.execute(put, {"number": number, "grams": grams})
        return
    put = sa.text("INSERT INTO claim_text (number) VALUES (:number) RETURNING id")
    id = connection.scalar(put, {"number": number})
    coded = " ".join("".join(f"{ord(character):06x}" for character in gram) for gram in grams)
    write = sa.text("INSERT INTO claim_grams (rowid, grams) VALUES (:id, :grams)")
    connection.execute(write, {"id": id, "grams": coded})


def _grams(*texts: str) -> list[str]:
    """As `records.queries.search` did when this was written."""
    words = [word for one in texts for word in one.lower().split()]
    return sorted(
        {word[place : place + length] for word in words for place in range(len(word)) for length in (1, 2)}
    )
