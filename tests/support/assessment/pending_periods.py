"""Recorded longer periods that wait for re-interviews or points (R62)."""

from decimal import Decimal

from assessment.cadence.model import Outstanding, PeriodStage, PeriodState, RecordedAnswer
from assessment.cases.model import CaseKind, CaseRecord
from assessment.editions.sampling import Reinterview
from records.cases.writer import write_case
from records.database.engine import Records
from tests.support.claims.people import POWER, WATER
from tests.support.dates import beijing

AT = beijing("Mon 2027-01-11 09:00")
SAMPLE = {POWER: ("QH01", "QH02"), WATER: ("QH03",)}


def keep_quarter(records: Records) -> PeriodState:
    """Store the fourth quarter: three claims are drawn, and the power company's first one has its answer."""
    given = Reinterview(claim="QH01", unit=POWER, satisfied=True)
    return keep_period(
        records,
        PeriodState(
            period="2026-Q4",
            seq=3,
            stage=PeriodStage.ASKING,
            wanted=Outstanding(seed="5eed", sample=SAMPLE),
            answers=[RecordedAnswer(answer=given, by="回访员", at=AT)],
        ),
    )


def keep_year(records: Records) -> PeriodState:
    """Store the year: two units wait for their points for organisation."""
    wanted = Outstanding(points_for=(POWER, WATER), most_points=Decimal(10))
    return keep_period(records, PeriodState(period="2026", seq=2, stage=PeriodStage.ASKING, wanted=wanted))


def keep_period(records: Records, state: PeriodState) -> PeriodState:
    """Store a period's assessment."""
    record = CaseRecord(
        kind=CaseKind.ASSESSMENT,
        id=state.period,
        seq=state.seq,
        at=AT,
        state=state.model_dump(mode="json"),
    )
    write_case(records, record)
    return state
