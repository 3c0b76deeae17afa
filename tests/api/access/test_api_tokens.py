"""The key of the embedded default."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from claims.model.terms import Role
from service_layer.identity.tokens import KeyUnusable, issue_token, load_or_make_key
from tests.support.claims.people import POWER


def public_part(path: Path) -> bytes:
    return load_or_make_key(path).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "home" / "token.key"
    assert public_part(path) == public_part(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_programs_that_start_together_have_one_key(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(public_part, [path] * 64))) == 1
    assert {file.name for file in tmp_path.iterdir()} <= {"token.key", "token.key.lock"}


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    path.write_text("not a key")
    with pytest.raises(KeyUnusable, match=r"token\.key"):
        load_or_make_key(path)


def test_a_token_says_who_and_where(tmp_path: Path) -> None:
    key = load_or_make_key(tmp_path / "token.key")
    token = issue_token(key, roles=[Role.HANDLER], unit=POWER, name="李工")
    said = jwt.decode(token, key.public_key(), algorithms=["EdDSA"])
    assert (said["sub"], said["name"], said["roles"], said["unit"]) == (
        f"handler@{POWER}@李工",
        "李工",
        ["handler"],
        POWER,
    )
    assert said["exp"] - said["iat"] == 12 * 3600
