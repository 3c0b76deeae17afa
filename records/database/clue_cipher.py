"""Encrypts clues in the records with the clues' payload keys, because only inspectors may read them (R64).

An encrypted text is `<key id>:<base64 of nonce and ciphertext>`. It is bound to its row, so it cannot be
moved to another.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.errors import RecordsUnavailable

_NONCE_BYTES: Final = 12
_SEPARATOR: Final = ":"


class ClueUnreadable(RecordsUnavailable):
    """A clue's row cannot be written or read: its key is missing, or the row was altered."""


class ClueAltered(ClueUnreadable):
    """The row is not as any version of this program wrote it."""


class ClueCipher:
    """Encrypts with one key and decrypts with all. Without keys, both raise ClueUnreadable."""

    def __init__(self, active: str = "", keys: Mapping[str, bytes] | None = None) -> None:
        self._active = active
        self._ciphers = {id: AESGCM(key) for id, key in (keys or {}).items()}

    def encrypt(self, text: str, row: str) -> str:
        """Return the encrypted text for a row. Raises ClueUnreadable."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher_of(self._active).encrypt(nonce, text.encode(), _bound(self._active, row))
        return f"{self._active}{_SEPARATOR}{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, kept: str, row: str) -> str:
        """Return the decrypted text of a row. Raises ClueUnreadable."""
        id, _, encoded = kept.partition(_SEPARATOR)
        if not is_encrypted(kept):
            raise ClueUnreadable(f"记录库中 {row} 未加密：请运行 zaoying db rebuild")
        cipher = self._cipher_of(id)
        try:
            sealed = base64.b64decode(encoded, validate=True)
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(id, row)).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise ClueAltered(f"记录库中 {row} 的内容已被改动：请运行 zaoying db rebuild") from error

    def _cipher_of(self, id: str) -> AESGCM:
        if not id:
            raise ClueUnreadable(
                "记录库中的线索须用密钥读写，本程序没有密钥：请设置 ZAOYING_PAYLOAD_KEYS_FILE"
            )
        if id not in self._ciphers:
            raise ClueUnreadable(
                f"记录库中的线索由密钥 {id} 加密，本程序没有这把密钥：请从备份中取回，加入密钥文件的 [keys] 后重新启动"
            )
        return self._ciphers[id]


NO_KEYS: Final = ClueCipher()
"""For programs that do not handle clues."""


def is_encrypted(kept: str) -> bool:
    """Return whether a text has the format of `ClueCipher`. Unencrypted texts were JSON, or labels without a
    colon.
    """
    id, separator, encoded = kept.partition(_SEPARATOR)
    return bool(separator and encoded) and id.replace("-", "").replace(".", "").replace("_", "").isalnum()


def _bound(id: str, row: str) -> bytes:
    return f"zaoying-clue\n{id}\n{row}".encode()
