"""Periods on record, on both databases (R62)."""

import pytest

from assessment.cadence.model import PeriodStage, PeriodState
from records.cases.reader import waiting_periods
from records.database.engine import Records
from tests.support.assessment.pending_periods import keep_period, keep_quarter, keep_year


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


@pytest.mark.rule("R62")
def test_periods_that_wait_for_answers_are_found_among_the_others(records: Records) -> None:
    assert waiting_periods(records) == []
    misleading = PeriodState(period="2026-10", stage=PeriodStage.DRAFT, problem='"stage":"asking"')
    keep_period(records, misleading)
    keep_period(records, PeriodState(period="2026-Q3", stage=PeriodStage.PUBLISHED))
    year, quarter = keep_year(records), keep_quarter(records)
    assert waiting_periods(records) == [year, quarter]
    keep_period(records, quarter.model_copy(update={"stage": PeriodStage.DRAFT, "seq": quarter.seq + 1}))
    assert waiting_periods(records) == [year]
