"""A clue's rows as the records keep them: encrypted, but for which clue and which line it is (R64)."""

import json
from collections.abc import Mapping
from typing import Final

from sqlalchemy import Table

from records.database.clue_cipher import ClueAltered, ClueCipher, is_encrypted
from records.database.dialects import Row
from records.tables import CASE, CASE_JOURNAL

Cells = Mapping[str, object]

_IN_LINE: Final = ("kind", "rules", "text", "actor", "request_id", "data")
"""What a line of the journal says; all of it is kept in `text`."""
_ENCRYPTED: Final = {CASE: "snapshot", CASE_JOURNAL: "text"}
"""The column that holds what is encrypted."""


def encrypted_row(cipher: ClueCipher, table: Table, row: Row) -> Row:
    """A clue's row as it is written. Raises ClueUnreadable."""
    name = _name(table, row)
    if table is CASE:
        return {**row, "snapshot": cipher.encrypt(str(row["snapshot"]), name)}
    text = json.dumps({name: row[name] for name in _IN_LINE}, ensure_ascii=False)
    kept = cipher.encrypt(text, name)
    return {**row, "kind": "", "rules": [], "text": kept, "actor": None, "request_id": "", "data": {}}


def decrypted_row(cipher: ClueCipher, table: Table, row: Cells) -> Cells:
    """What `encrypted_row` was given. Raises ClueUnreadable."""
    text = cipher.decrypt(str(row[_ENCRYPTED[table]]), _name(table, row))
    return {**row, "snapshot": text} if table is CASE else {**row, **json.loads(text)}


def comparable_row(cipher: ClueCipher, table: Table, row: Cells) -> Cells:
    """The row decrypted; without its content where it stands plain or was altered. Raises ClueUnreadable."""
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
