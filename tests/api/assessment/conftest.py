"""The hand-reckoned November of `tests/support/assessment/november.tsv`, on record."""

from datetime import datetime

import pytest

from records.database.engine import Records
from service_layer.assessment import assessment_reading
from tests.support.assessment.november import stories
from tests.support.dates import beijing
from tests.support.records.recorded_claims import keep

GATHERED = "Mon 12-07 09:00"


def set_clock(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    """The instant at which the assessment is read."""
    monkeypatch.setattr(assessment_reading, "now", lambda: at)


@pytest.fixture
def december(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the fifth working day of December."""
    set_clock(monkeypatch, beijing("Mon 2026-12-07 09:00"))


@pytest.fixture
def november(records: Records, december: None) -> Records:
    """All forty claims, as far as they have come by then."""
    for play in stories():
        play.life(GATHERED)
        keep(records, play.paper)
    return records
