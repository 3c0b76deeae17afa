"""Which papers the procedure requests, and when."""

import pytest

from claims.model.journal import BackgroundTask
from claims.model.terms import Action, BackgroundTaskKind
from claims.papers.requests import PaperKind, PaperRequest
from documents.rendering import required_fields
from tests.support.claims.offline_claim import Paper
from tests.support.claims.paper_samples import completed
from tests.support.claims.people import ARBITER, HANDLER, HOUSING, POWER, SUPERVISOR


def papers(paper: Paper, kind: PaperKind) -> list[PaperRequest]:
    """Return the claim's requested papers of a kind."""
    sent = [PaperRequest.model_validate(errand.body) for errand in _errands(paper)]
    return [request for request in sent if request.kind is kind]


def _errands(paper: Paper) -> list[BackgroundTask]:
    return [errand for errand in paper.background_tasks if errand.kind is BackgroundTaskKind.FILE_PAPER]


@pytest.mark.rule("R14")
def test_every_dispatch_sends_a_dispatch_order_to_its_unit() -> None:
    paper = Paper().referred()
    paper.must(Action.ARBITRATE, ARBITER, unit=HOUSING)
    orders = papers(paper, PaperKind.DISPATCH_ORDER)
    assert [order.unit for order in orders] == [POWER, HOUSING]
    assert [order.fields["派单次数"] for order in orders] == ["1", "2"]


@pytest.mark.rule("R31")
def test_every_supervision_letter_is_sent_for_as_a_paper() -> None:
    paper = Paper().dispatched(POWER)
    paper.until("Fri 2026-12-11 09:00")
    letters = papers(paper, PaperKind.SUPERVISION_LETTER)
    assert [letter.at for letter in letters] == [letter.at for letter in paper.claim.letters]
    assert [letter.fields["时限"] for letter in letters] == ["核实时限", "答复时限", "解决时限"]


@pytest.mark.rule("R17")
def test_an_application_for_an_extension_is_sent_for_as_a_paper() -> None:
    paper = Paper().dispatched(POWER)
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    [application] = papers(paper, PaperKind.EXTENSION_APPLICATION)
    assert (application.fields["申请单位"], application.fields["负责人"]) == ("枣庄供电公司", "李主任")
    assert application.fields["原定期限"] == "2026-12-08 24:00"  # Tuesday


def test_what_is_refused_sends_for_nothing() -> None:
    paper = Paper().dispatched(POWER)
    before = len(_errands(paper))
    assert paper.do(Action.REQUEST_EXTENSION, HANDLER, reason="").status == "refused"
    assert len(_errands(paper)) == before


def test_every_paper_that_is_sent_for_has_all_that_its_template_asks_for() -> None:
    paper = Paper().dispatched(POWER)
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR)
    paper.until("Wed 2027-01-20 09:00")
    sent = [PaperRequest.model_validate(errand.body) for errand in _errands(paper)]
    assert {request.kind for request in sent} >= {
        PaperKind.DISPATCH_ORDER,
        PaperKind.SUPERVISION_LETTER,
        PaperKind.EXTENSION_APPLICATION,
    }
    for request in sent:
        assert required_fields(request.kind) - set(completed(request).fields) == {"文号", "成文日期"}


def test_no_paper_is_sent_for_twice() -> None:
    paper = Paper().before_leadership()
    paper.until("Wed 2027-01-20 09:00")
    ids = [errand.id for errand in _errands(paper)]
    assert len(set(ids)) == len(ids)
