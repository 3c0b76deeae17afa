"""A release checked against open workflows on the real server: claims, accounts and updates."""

import pytest

from audit.release.check import ReleaseFinding, ahead, check_histories
from audit.release.subjects import open_workflows
from claims import lifecycle
from claims.model.terms import Action, Role, Stage
from tests.support.claims.people import HANDLER
from tests.support.payload_keys import converter
from tests.support.polling import until
from tests.support.workflows.claim_play import Play
from tests.support.workflows.claim_play import Stage as Theatre


async def findings(stage: Theatre) -> tuple[set[str], dict[str, ReleaseFinding]]:
    """Return the checked subjects and the findings."""
    checked, found = set[str](), dict[str, ReleaseFinding]()
    async for one in check_histories(ahead(open_workflows(stage.client)), converter()):
        checked.add(one.subject)
        if one.finding is not None:
            found[one.subject] = one.finding
    return checked, found


async def seen(stage: Theatre, *plays: Play) -> None:
    """Wait until visibility shows them."""
    ids = {play.handle.id for play in plays}

    async def are_seen() -> bool:
        return ids <= {found.id async for found in stage.client.list_workflows("WorkflowType = 'Claim'")}

    await until(are_seen)


@pytest.mark.rule("R6", "R70")
async def test_open_claims_are_checked_and_the_one_that_another_law_changes_is_named(
    quiet_stage: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = await (await quiet_stage.register()).dispatched()
    await signed.must(Action.SIGN_FOR, HANDLER)
    untouched = await (await quiet_stage.register()).dispatched()
    await seen(quiet_stage, signed, untouched)
    checked, found = await findings(quiet_stage)
    ours = {signed.handle.id, untouched.handle.id}
    assert ours <= checked
    assert not ours & found.keys()
    row = lifecycle._ROWS[Stage.HANDLING, Action.SIGN_FOR]
    by_head = row._replace(roles=(Role.HEAD,))
    with monkeypatch.context() as law:
        law.setitem(lifecycle._ROWS, (Stage.HANDLING, Action.SIGN_FOR), by_head)
        _, found = await findings(quiet_stage)
    assert ours & found.keys() == {signed.handle.id}
    lines = "\n".join(found[signed.handle.id].lines)
    assert "kind：历史为“signed-for”，本版程序为“refused”" in lines
