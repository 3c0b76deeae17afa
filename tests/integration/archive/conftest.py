"""Archives to tamper with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.archive.sample_archives import made_archive
from tests.support.archive.tampering import SEGMENTS, Tampered


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unchanged archive."""
    return made_archive(tmp_path_factory.mktemp("whole"), *SEGMENTS)


@pytest.fixture
def tampered(whole: Path, tmp_path: Path) -> Iterator[Tampered]:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    yield Tampered(copy)
    shutil.rmtree(copy)
