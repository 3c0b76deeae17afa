"""The payload keys shared by all programs that the tests start."""

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
    """Create the keys and name them in the environment, also for child processes."""
    if VARIABLE in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="zaoying-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_keys(folder / "payload-keys.toml", new_keys(date(2026, 11, 24)))
    os.environ[VARIABLE] = str(folder / "payload-keys.toml")


def converter() -> DataConverter:
    """Return the converter for histories of the tests' programs."""
    return load_settings().data_converter


def without_clues(keys: PayloadKeys) -> PayloadKeys:
    """Return the keys of an API without inspectors."""
    active = {origin: id for origin, id in keys.active.items() if origin is not PayloadOrigin.CLUE}
    held = {id: key for id, key in keys.keys.items() if origin_of_key(id) is not PayloadOrigin.CLUE}
    return keys.model_copy(update={"active": active, "keys": held})


UNDER_A_MADE_UP_KEY: Final = Payload(
    metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"program-20261124-abcdef"},
    data=bytes(40),
)
"""Looks like a message of our programs, under an unknown key."""
