"""A co-unit's part on the real server: it ends, and is reported late (R22)."""

import pytest

from claims.model.events import EventKind
from claims.model.terms import Action, Role
from records.outbox import deliveries
from tests.support.claims.people import HANDLER, POWER, WATER, person
from tests.support.workflows.claim_play import A_MOMENT, Stage, end_of_working_day


@pytest.mark.rule("R14", "R22")
async def test_a_part_that_nobody_reports_is_overdue_two_working_days_before_the_leads_end(
    stage: Stage,
) -> None:
    play = await (await stage.register()).dispatched(co_units=[WATER])
    for action in (Action.CONTACT, Action.REPLY):
        await play.must(action, HANDLER)
    due = end_of_working_day(8, (await play.claim()).registered_at)
    await play.until(due + A_MOMENT)
    (overdue,) = await play.entries(EventKind.PART_OVERDUE)
    assert (overdue.at, overdue.rules) == (due, ("R22",))
    told = {
        one.addressee for one in deliveries(stage.records, number=play.number) if one.kind is overdue.kind
    }
    assert told == {WATER, POWER}
    await play.must(Action.REPORT_PART, person(Role.HANDLER, WATER))
    assert (await play.claim()).lights == []
