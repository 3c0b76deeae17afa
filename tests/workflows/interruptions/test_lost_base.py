"""A change whose base is missing from the records: the whole claim is written once, and nothing is lost."""

import pytest
from sqlalchemy import update

from activities import records
from claims.model.terms import Action
from records.queries.claims import snapshot
from records.tables import CLAIM
from tests.support.claims.people import HANDLER
from tests.support.polling import until
from tests.support.workflows.claim_play import Stage


@pytest.mark.rule("R6")
async def test_a_claim_whose_base_is_gone_is_written_whole(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PATIENT_TRIES", 5)
    play = await (await stage.register()).dispatched()
    before = await play.entries()
    with stage.records.writing() as connection:
        connection.execute(update(CLAIM).where(CLAIM.c.number == play.number).values(seq=1))
    await play.must(Action.PROGRESS, HANDLER)
    claim = await play.claim()
    await until(lambda: snapshot(stage.records, play.number) == claim)
    assert [line.seq for line in await play.entries()] == list(range(1, len(before) + 2))
