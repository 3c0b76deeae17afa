"""Encryption of clues' rows; only the clue's id and the line number stay readable (R64)."""

import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Table

from records.database.clue_cipher import ClueAltered, ClueCipher, is_encrypted
from records.database.dialects import Row
from records.tables import CASE, CASE_JOURNAL

Cells = Mapping[str, object]

_IN_LINE: Final = ("kind", "rules", "text", "actor", "request_id", "data")
"""The content of a journal line; all of it is stored in `text`."""
_ENCRYPTED: Final = {CASE: "snapshot", CASE_JOURNAL: "text"}
"""The column with the encrypted content."""


def encrypted_row(cipher: ClueCipher, table: Table, row: Row) -> Row:
    """Return a clue's row with its content encrypted. Raises ClueUnreadable."""
    name = _name(table, row)
    if table is CASE:
        return {**row, "snapshot": cipher.encrypt(str(row["snapshot"]), name)}
    text = json.dumps({name: row[name] for name in _IN_LINE}, ensure_ascii=False)
    kept = cipher.encrypt(text, name)
    return {**row, "kind": "", "rules": [], "text": kept, "actor": None, "request_id": "", "data": {}}


def decrypted_row(cipher: ClueCipher, table: Table, row: Cells) -> Cells:
    """Return a stored row decrypted. Raises ClueUnreadable."""
    text = cipher.decrypt(str(row[_ENCRYPTED[table]]), _name(table, row))
    return {**row, "snapshot": text} if table is CASE else {**row, **json.loads(text)}


def comparable_row(cipher: ClueCipher, table: Table, row: Cells) -> Cells:
    """Return the row decrypted; without its content if it was not encrypted or was altered. Raises ClueUnreadable."""
    column = _ENCRYPTED.get(table)
    if column is None:
        return row
    if not is_encrypted(str(row[column])):
        return {**row, column: ""}
    try:
        return decrypted_row(cipher, table, row)
    except ClueAltered:
        return {**row, column: ""}


def _name(table: Table, row: Cells) -> str:
    return "/".join([table.name, *(str(row[column.name]) for column in table.primary_key)])
