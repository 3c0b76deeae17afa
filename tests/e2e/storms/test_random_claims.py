"""Random claims, an archiver that is killed repeatedly, and records rebuilt from the archive alone."""

from pathlib import Path
from typing import Final

import pytest

from runtime.local_stack import LocalStack
from tests.support.api.city_desk import Desk
from tests.support.archive.archive_chaos import prove

COUNT: Final = 24
"""`python -m tests.support.archive.archive_chaos 1000` tries many more."""


@pytest.mark.explore
@pytest.mark.rule("R70")
async def test_random_lives_archived_by_killed_archivers_come_back_from_the_archive_row_by_row(
    city: LocalStack, desk: Desk, tmp_path: Path
) -> None:
    seen = await prove(city, desk, COUNT, seed=5, home=tmp_path)
    archiver, lights = seen["archiver"], seen["lights"]
    assert isinstance(archiver, dict)
    assert isinstance(lights, dict)
    assert archiver["killed"] >= 1
    assert all(lights.values())
