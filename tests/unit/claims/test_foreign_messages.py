"""Journal lines about messages that are no actions: cancellations, and names and ids too long to quote."""

import pytest

from claims import noted_messages
from claims.model.events import EventKind
from claims.model.policy import DEFAULT_POLICY
from claims.transition import Transition
from tests.support.claims.offline_claim import Paper

LONG = "x" * 63 + "yz"
QUOTED = "x" * 63 + "y"
"""The first 64 characters."""


def line(step: Transition) -> tuple[EventKind, tuple[str, ...], str]:
    (entry,) = step.entries
    return entry.kind, entry.rules, entry.text


@pytest.mark.rule("R10")
def test_a_request_to_cancel_is_refused_in_the_journal_and_the_claim_goes_on() -> None:
    paper = Paper()
    step = noted_messages.note_cancellation(paper.claim, now=paper.now)
    kind, rules, text = line(step)
    assert (kind, rules) == (EventKind.REFUSED, ("R10",))
    assert "不予取消" in text
    assert (step.claim.stage, step.claim.closed) == (paper.claim.stage, None)


def test_at_most_64_characters_of_a_name_or_an_id_are_quoted() -> None:
    paper = Paper()
    unknown = noted_messages.refuse_unknown(paper.claim, LONG, now=paper.now, request_id="r")
    steps = [
        unknown,
        noted_messages.refuse_unreadable(paper.claim, LONG, now=paper.now),
        noted_messages.refuse_strangers(paper.claim, LONG, now=paper.now),
        noted_messages.refuse_reused_id(paper.claim, LONG, now=paper.now),
    ]
    for kind, rules, text in map(line, steps):
        assert (kind, rules) == (EventKind.REFUSED, ("§1",))
        assert f"“{QUOTED}”" in text
    (outcome,) = unknown.outcomes
    assert (outcome.request_id, outcome.action, outcome.status, outcome.rule) == (
        "r",
        QUOTED,
        "refused",
        "§1",
    )
    assert outcome.seq == unknown.entries[0].seq


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    ("request_id", "answers", "outcomes"), [("r", True, 1), ("", True, 0), ("r", False, 0), ("", False, 0)]
)
def test_an_unknown_request_has_an_outcome_where_it_has_an_id_and_the_policy_knows_of_it(
    request_id: str, outcomes: int, *, answers: bool
) -> None:
    """Under an earlier policy an unknown signal only gets a journal line."""
    paper = Paper(policy=DEFAULT_POLICY.model_copy(update={"records_unreadable_signals": answers}))
    step = noted_messages.refuse_unknown(paper.claim, "visit", now=paper.now, request_id=request_id)
    assert len(step.outcomes) == outcomes
    assert line(step)[:2] == (EventKind.REFUSED, ("§1",))
