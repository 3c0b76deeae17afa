"""When an answer of the calendar that was prepared for a limit still stands."""

from datetime import datetime, time

import pytest

from claims.deadlines.scheduling import LimitRequest, question_of
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import LimitKind
from tests.support.dates import beijing

CLOSING = DEFAULT_POLICY.model_copy(update={"cutoff": time(17, 30)})


def request(count_from: datetime, **fields: object) -> LimitRequest:
    given = {"limit_id": "1/0/reply", "kind": LimitKind.REPLY, "count_days": 2, "policy": DEFAULT_POLICY}
    return LimitRequest.model_validate({**given, "count_from": count_from, **fields})


MORNING, EVENING = beijing("Tue 2026-11-24 09:00"), beijing("Tue 2026-11-24 18:00")
NEXT_DAY = beijing("Wed 2026-11-25 09:00")


@pytest.mark.rule("R2", "R3")
def test_without_a_close_of_business_the_hour_asks_for_nothing_else() -> None:
    assert question_of(request(MORNING)) == question_of(request(EVENING))
    assert question_of(request(MORNING)) != question_of(request(NEXT_DAY))


@pytest.mark.rule("R2")
def test_with_a_close_of_business_the_hour_counts() -> None:
    assert question_of(request(MORNING, policy=CLOSING)) != question_of(request(EVENING, policy=CLOSING))


@pytest.mark.parametrize(
    "changed", [{"count_days": 3}, {"limit_id": "2/0/reply"}, {"paused_at": EVENING}, {"warns": True}]
)
def test_another_question_is_another_one(changed: dict[str, object]) -> None:
    assert question_of(request(MORNING, **changed)) != question_of(request(MORNING))
