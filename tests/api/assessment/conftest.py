"""The hand-calculated November (`tests/support/assessment/november.tsv`) is recorded; the date is 7 December."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from records.database.engine import open_records
from service_layer import city_data
from service_layer.assessment import assessment_reading
from service_layer.city import changes
from tests.support.assessment.november import stories
from tests.support.dates import beijing
from tests.support.records.recorded_claims import keep

GATHERED = "Mon 12-07 09:00"


@pytest.fixture(scope="session")
def november(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A records file with all forty claims."""
    path = tmp_path_factory.mktemp("november") / "records.db"
    with open_records(f"sqlite:///{path}") as records:
        for play in stories():
            play.run(GATHERED)
            keep(records, play.paper)
    return path


@pytest.fixture
def records_file(tmp_path: Path, november: Path) -> Path:
    """The test's own copy."""
    return Path(shutil.copyfile(november, tmp_path / "records.db"))


@pytest.fixture(autouse=True)
def _december(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, beijing("Mon 2026-12-07 09:00"))


def set_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """Sets the instant for reading the assessment and for changes of the city's data."""
    monkeypatch.setattr(assessment_reading, "now", lambda: at)
    monkeypatch.setattr(city_data, "now", lambda: at)
    monkeypatch.setattr(changes, "now", lambda: at)
