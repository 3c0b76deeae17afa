"""The schema's revision, and migrating to another (`records.database.migrations`)."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from records.database.clue_cipher import ClueCipher
from records.errors import NotOurRecords

_FOLDER: Final = Path(__file__).parent / "migrations"
_OURS: Final = "records_"
BASELINE: Final = f"{_OURS}0001"
"""The schema of version 0.1.0, whose databases have no `alembic_version` yet."""

_FOREIGN: Final = "记录库中已有其他数据，不是本系统的数据库，请检查数据库地址"


@lru_cache(maxsize=1)
def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


@lru_cache(maxsize=1)
def revisions() -> tuple[str, ...]:
    """Return all revisions that this program knows, oldest first."""
    walked = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(reversed([script.revision for script in walked]))


def head() -> str:
    """Return the revision of this program's tables."""
    return revisions()[-1]


def revision_of(connection: Connection) -> str | None:
    """Return a database's revision, or None if it is empty. Raises NotOurRecords for a foreign database or
    one of a later version.
    """
    found = set(inspect(connection).get_table_names())
    if not found:
        return None
    stamped = (
        connection.scalar(text("SELECT version_num FROM alembic_version")) if _VERSIONS in found else None
    )
    revision = stamped or (BASELINE if _is_baseline(connection, found) else "")
    if not revision.startswith(_OURS):
        raise NotOurRecords(_FOREIGN)
    if revision not in revisions():
        raise NotOurRecords(
            f"记录库的版本是 {revision}，本程序只认识到 {head()}，请使用与记录库相符的（更新的）程序版本"
        )
    return revision


_VERSIONS: Final = "alembic_version"


def _is_baseline(connection: Connection, found: set[str]) -> bool:
    if "schema_version" not in found:
        return False
    ours = text("SELECT version FROM schema_version WHERE name = 'records'")
    return connection.scalar(ours) == 1 and {"claim", "journal", "attachment", "arrangement"} <= found


def bring_to(connection: Connection, target: str, clue_cipher: ClueCipher) -> bool:
    """Apply the revisions from the current one to `target` within the connection's transaction. Return
    whether the file should be vacuumed afterwards.
    """
    config = _config()
    known = revisions()
    before = revision_of(connection)
    config.attributes.update(connection=connection, clue_cipher=clue_cipher, to_vacuum=False)
    try:
        if before == BASELINE and not inspect(connection).has_table(_VERSIONS):
            command.stamp(config, BASELINE)
        if before is not None and known.index(target) < known.index(before):
            command.downgrade(config, target)
        else:
            command.upgrade(config, target)
        return config.attributes["to_vacuum"] is True
    finally:
        config.attributes.clear()
