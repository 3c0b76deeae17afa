"""The names of ended limits."""

import pytest

from claims.limits import status_name
from claims.model.limit import Limit
from claims.model.terms import LimitKind, LimitStatus
from tests.support.dates import beijing

TUESDAY = beijing("Tue 2026-11-24 09:00")
NOBODY_IS_LATE = {LimitKind.RETURN_WINDOW, LimitKind.LINK, LimitKind.FOLLOW_UP, LimitKind.STANDSTILL}


@pytest.mark.rule("R15", "R41")
@pytest.mark.parametrize("kind", LimitKind)
def test_only_a_limit_that_somebody_had_to_keep_is_overdue(kind: LimitKind) -> None:
    limit = Limit(
        id="1/0/x", kind=kind, dispatch=1, round=0, started_at=TUESDAY, count_from=TUESDAY, count_days=1
    )
    assert status_name(limit) == "计时中"
    limit.status = LimitStatus.MISSED
    assert status_name(limit) == ("期满" if kind in NOBODY_IS_LATE else "超期")
