"""Migrations for operators: `zaoying db`."""

from pathlib import Path

from records.database import schema
from records.database.clue_cipher import NO_KEYS, ClueCipher
from records.database.engine import Records, connected, migrate, parsed_url
from records.errors import NotOurRecords


class NoSuchRevision(ValueError):
    """The revision is unknown, or is not an earlier one."""


def upgrade(url: str, clue_cipher: ClueCipher = NO_KEYS) -> tuple[str | None, str]:
    """Upgrade the database to this program's revision; return the revisions before and after.

    Raises NotOurRecords, RecordsUnavailable.
    """
    with connected(url, clue_cipher) as records, records:
        return migrate(records, schema.head())


def downgrade(url: str, target: str, clue_cipher: ClueCipher = NO_KEYS) -> tuple[str | None, str]:
    """Downgrade to an earlier revision; return the revisions before and after. Raises NoSuchRevision,
    NotOurRecords, RecordsUnavailable.
    """
    if target not in schema.revisions():
        known = "、".join(schema.revisions())
        raise NoSuchRevision(f"没有版本 {target[:40]}，已知的版本：{known}")
    _check_exists(url)
    with connected(url, clue_cipher) as records, records:
        found = _found(records)
        if found is None or schema.revisions().index(found) < schema.revisions().index(target):
            raise NoSuchRevision(f"记录库现为{found or '空库'}，不能退回 {target}")
        return migrate(records, target)


def current(url: str) -> tuple[str | None, str]:
    """Return the database's revision, or None if it is empty, and this program's revision."""
    _check_exists(url)
    with connected(url) as records, records:
        return _found(records), schema.head()


def _found(records: Records) -> str | None:
    with records.reading() as connection:
        return schema.revision_of(connection)


def _check_exists(url: str) -> None:
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        raise NotOurRecords(f"还没有记录库：{parsed.database}")
