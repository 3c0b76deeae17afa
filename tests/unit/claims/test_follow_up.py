"""The end of a closed claim that was not reopened."""

from datetime import timedelta

import pytest

from claims.model.events import EventKind
from tests.support.claims.offline_claim import Paper


@pytest.mark.rule("R12", "R41")
def test_the_end_of_the_follow_up_ends_the_claim_and_cites_its_rules() -> None:
    paper = Paper("Tue 2026-11-24 09:00").unreachable()
    assert paper.events(EventKind.FOLLOW_UP_ENDED) == []
    paper.wait(timedelta(days=30))
    assert [entry.rules for entry in paper.events(EventKind.FOLLOW_UP_ENDED)] == [("R12", "R41")]
    assert paper.claim.over
