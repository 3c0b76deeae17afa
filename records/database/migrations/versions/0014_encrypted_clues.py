"""What the records hold of clues is encrypted (R64).

Revision ID: records_0014
"""

import json
from typing import Final

import sqlalchemy as sa
from alembic import op

from records.database.clue_cipher import ClueCipher

revision: Final = "records_0014"
down_revision: Final = "records_0013"

SNAPSHOTS: Final = sa.table("assessment_case", sa.column("kind"), sa.column("id"), sa.column("snapshot"))
LINES: Final = sa.table(
    "assessment_journal",
    sa.column("case_kind"),
    sa.column("case_id"),
    sa.column("seq"),
    sa.column("kind"),
    sa.column("rules", sa.JSON()),
    sa.column("text"),
    sa.column("actor", sa.JSON(none_as_null=True)),
    sa.column("request_id"),
    sa.column("data", sa.JSON()),
)
CONTENT: Final = ("kind", "rules", "text", "actor", "request_id", "data")
OF_CLUES: Final = SNAPSHOTS.c.kind == "clue"


def upgrade() -> None:
    """Encrypt them, and leave nothing of what stood plain."""
    connection = op.get_bind()
    if not _has_clues(connection):
        return
    cipher = _cipher()
    for kind, id, snapshot in connection.execute(sa.select(SNAPSHOTS).where(OF_CLUES)).all():
        _set_snapshot(connection, id, cipher.encrypt(snapshot, f"assessment_case/{kind}/{id}"))
    for line in connection.execute(sa.select(LINES).where(LINES.c.case_kind == "clue")).mappings().all():
        text = json.dumps({name: line[name] for name in CONTENT}, ensure_ascii=False)
        kept = cipher.encrypt(text, _name_of(line))
        _set_line(connection, line, kind="", rules=[], text=kept, actor=None, request_id="", data={})
    _rewrite_tables()


def downgrade() -> None:
    """They stand plain again."""
    connection = op.get_bind()
    if not _has_clues(connection):
        return
    cipher = _cipher()
    for kind, id, kept in connection.execute(sa.select(SNAPSHOTS).where(OF_CLUES)).all():
        _set_snapshot(connection, id, cipher.decrypt(kept, f"assessment_case/{kind}/{id}"))
    for line in connection.execute(sa.select(LINES).where(LINES.c.case_kind == "clue")).mappings().all():
        _set_line(connection, line, **json.loads(cipher.decrypt(line["text"], _name_of(line))))


def _has_clues(connection: sa.Connection) -> bool:
    return connection.scalar(sa.select(SNAPSHOTS.c.id).where(OF_CLUES).limit(1)) is not None


def _cipher() -> ClueCipher:
    config = op.get_context().config
    found = config.attributes["clue_cipher"] if config is not None else None
    if not isinstance(found, ClueCipher):
        raise TypeError("migrations run by `zaoying db`, not by the command `alembic`")
    return found


def _name_of(line: sa.RowMapping) -> str:
    return f"assessment_journal/{line['case_kind']}/{line['case_id']}/{line['seq']}"


def _set_snapshot(connection: sa.Connection, id: str, text: str) -> None:
    connection.execute(sa.update(SNAPSHOTS).where(OF_CLUES, SNAPSHOTS.c.id == id).values(snapshot=text))


def _set_line(connection: sa.Connection, line: sa.RowMapping, **content: object) -> None:
    here = (LINES.c.case_kind == "clue", LINES.c.case_id == line["case_id"], LINES.c.seq == line["seq"])
    connection.execute(sa.update(LINES).where(*here).values(content))


def _rewrite_tables() -> None:
    """PostgreSQL keeps former rows until the table is written anew; a SQLite file is vacuumed after the migration."""
    config = op.get_context().config
    if op.get_bind().dialect.name == "sqlite":
        if config is not None:
            config.attributes["to_vacuum"] = True
        return
    op.execute("ALTER TABLE assessment_case ALTER COLUMN snapshot TYPE TEXT USING (snapshot || '')")
    op.execute("ALTER TABLE assessment_journal ALTER COLUMN text TYPE TEXT USING (text || '')")
