"""The payload keys of clues, for what the records hold of them (R64)."""

from temporalio.converter import DataConverter

from records.database.clue_cipher import NO_KEYS, ClueCipher
from runtime.data_converter import keys_of
from runtime.payloads.origin import PayloadOrigin


def clue_cipher_of(converter: DataConverter) -> ClueCipher:
    """Encrypts under the key of clues, or the programs' own where there is none, as the payload codec does."""
    keys = keys_of(converter)
    if keys is None:
        return NO_KEYS
    active = keys.active.get(PayloadOrigin.CLUE) or keys.active[PayloadOrigin.PROGRAM]
    return ClueCipher(active, keys.keys)
