"""The payload keys of all programs that the tests start, so that each reads what another wrote."""

import atexit
import os
import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter

from runtime.payloads.keys import PayloadKeys, new_keys, origin_of_key, write_keys
from runtime.payloads.origin import PayloadOrigin
from runtime.settings import load_settings

VARIABLE: Final = "ZAOYING_PAYLOAD_KEYS_FILE"


def use_keys_of_the_tests() -> None:
    """Make the keys and name them in the environment, which child processes have too."""
    if VARIABLE in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="zaoying-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_keys(folder / "payload-keys.toml", new_keys(date(2026, 11, 24)))
    os.environ[VARIABLE] = str(folder / "payload-keys.toml")


def converter() -> DataConverter:
    """What reads histories that the tests' programs wrote."""
    return load_settings().data_converter


def without_clues(keys: PayloadKeys) -> PayloadKeys:
    """The keys of an API that inspectors do not use."""
    active = {origin: id for origin, id in keys.active.items() if origin is not PayloadOrigin.CLUE}
    held = {id: key for id, key in keys.keys.items() if origin_of_key(id) is not PayloadOrigin.CLUE}
    return keys.model_copy(update={"active": active, "keys": held})


UNDER_A_MADE_UP_KEY: Final = Payload(
    metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"program-20261124-abcdef"},
    data=bytes(40),
)
"""What looks like a message of our programs, under a key that nobody has."""
