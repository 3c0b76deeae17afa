"""Papers on the real server: filed once, even if the worker that files them dies."""

import pytest

from claims.model.terms import Action, LimitKind
from claims.papers.claim_papers import letter_paper
from claims.papers.requests import PaperKind, paper_attachment_id
from records import attachments
from records.attachments import Attachment
from records.database.engine import Records
from tests.support.claims.people import HANDLER
from tests.support.polling import until
from tests.support.workflows.claim_play import Play, Stage


async def filed(stage: Stage, play: Play, many: int) -> list[Attachment]:
    """Return the claim's papers once there are this many."""
    await until(lambda: len(attachments.attachments_of(stage.records, play.number)) >= many)
    return attachments.attachments_of(stage.records, play.number)


@pytest.mark.rule("R14", "R17", "R31")
async def test_a_claims_papers_are_filed_beside_it(stage: Stage) -> None:
    play = await stage.register()
    await play.dispatched()
    await play.must(Action.REQUEST_EXTENSION, HANDLER)
    await play.wait_out(LimitKind.CONTACT)
    found = await filed(stage, play, 3)
    assert {one.kind for one in found} == {
        PaperKind.DISPATCH_ORDER,
        PaperKind.EXTENSION_APPLICATION,
        PaperKind.SUPERVISION_LETTER,
    }
    claim = await play.claim()
    [letter] = [one for one in found if one.kind is PaperKind.SUPERVISION_LETTER]
    assert letter.id == paper_attachment_id(letter_paper(claim, claim.letters[0]).id)
    assert letter.uploaded_at == claim.letters[0].at


async def test_a_worker_that_fails_between_file_and_row_leaves_one_paper(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, tries = attachments.keep, 0

    def fails_once(records: Records, attachment: Attachment) -> tuple[Attachment, bool]:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionError("gone")
        return keep(records, attachment)

    monkeypatch.setattr(attachments, "keep", fails_once)
    play = await stage.register()
    await play.dispatched()
    [order] = await filed(stage, play, 1)
    assert tries == 2
    assert order.document_number.endswith("〕1号")
