"""Filing a paper: exactly once, wherever it is interrupted."""

import hashlib
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.papers import filing
from activities.papers.fields import NotYetRecorded, PaperFields
from activities.papers.filing import PaperActivities
from claims.model.events import EventKind
from claims.model.terms import Action
from claims.papers import claim_papers
from claims.papers.requests import FiledPaper, PaperRequest, paper_attachment_id
from documents.rendering import PaperIncomplete
from records import attachments
from records.contents import Content, ContentStore
from records.database.engine import Records
from tests.support.claims.offline_claim import Paper
from tests.support.claims.paper_samples import of_letter, of_review, read
from tests.support.claims.people import HANDLER, POWER, ref
from tests.support.records.recorded_claims import keep

REQUEST = of_letter()


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "attachments")


def file(records: Records, store: ContentStore, request: PaperRequest = REQUEST) -> FiledPaper:
    """File a paper as the worker does, with a payload that was serialised."""
    arrived = PaperRequest.model_validate_json(request.model_dump_json())
    return ActivityEnvironment().run(PaperActivities(records, store).file_paper, arrived)


def test_a_paper_gets_a_number_an_attachment_and_its_file(records: Records, store: ContentStore) -> None:
    filed = file(records, store)
    assert (filed.attachment, filed.document_number) == (
        paper_attachment_id(REQUEST.id),
        "枣接诉督〔2026〕1号",
    )
    row = attachments.attachment(records, filed.attachment)
    assert row is not None
    assert (row.claim, row.kind, row.unit) == (REQUEST.number, REQUEST.kind, REQUEST.unit)
    assert (row.file_name, row.uploaded_at) == ("督办函 枣接诉督〔2026〕1号.docx", REQUEST.at)
    assert hashlib.sha256(store.get(row.sha256)).hexdigest() == filed.sha256 == row.sha256


def test_filed_again_it_is_the_same_paper(records: Records, store: ContentStore) -> None:
    assert file(records, store) == file(records, store)
    assert len(attachments.attachments_of(records, REQUEST.number)) == 1


@pytest.mark.parametrize("step", ["number_paper", "render", "put", "keep"])
@pytest.mark.parametrize("after", [False, True])
def test_a_worker_killed_anywhere_leaves_one_paper_with_one_number(
    records: Records, store: ContentStore, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    place = {"put": ContentStore, "keep": attachments}.get(step, filing)
    work = getattr(place, step)

    def dies(*args: object) -> object:
        if after:
            work(*args)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(place, step, dies)
        with pytest.raises(Killed):
            file(records, store)
    filed = file(records, store)
    assert filed.document_number == "枣接诉督〔2026〕1号"
    assert [row.id for row in attachments.attachments_of(records, REQUEST.number)] == [filed.attachment]
    other = file(records, store, REQUEST.model_copy(update={"id": "supervision-letter/another"}))
    assert other.document_number == "枣接诉督〔2026〕2号"


def test_a_retry_that_renders_otherwise_changes_nothing(
    records: Records, store: ContentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = file(records, store)
    monkeypatch.setattr(filing, "render", lambda _: b"a new template")
    assert file(records, store) == first


def test_what_lacks_a_field_is_not_filed_and_leaves_no_file(
    records: Records, store: ContentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> Content:
        raise AssertionError

    monkeypatch.setattr(ContentStore, "put", never)
    with pytest.raises(PaperIncomplete, match="缺少"):
        file(records, store, REQUEST.model_copy(update={"fields": {}}))
    assert attachments.attachments_of(records, REQUEST.number) == []


def content_of(records: Records, store: ContentStore, request: PaperRequest) -> str:
    row = attachments.attachment(records, file(records, store, request).attachment)
    assert row is not None
    return read(store.get(row.sha256))


@pytest.mark.rule("R31", "R38")
def test_a_letter_names_the_last_day_and_who_has_copies(records: Records, store: ContentStore) -> None:
    text = content_of(records, store, REQUEST)
    assert "于2026年11月27日24时前" in text  # dated Thursday 26 November, which is day 0
    assert "抄送：综合协调组，督导问效组。" in text
    assert "关于督促办理企业诉求工单的函" in text
    assert "2026-11" not in text


@pytest.mark.rule("R44")
def test_a_blank_form_has_no_number_and_uses_none_up(records: Records, store: ContentStore) -> None:
    paper = Paper().verifying()
    blank = claim_papers.review_form_paper(paper.claim, None, at=paper.now)
    filed = file(records, store, blank)
    assert filed.document_number == ""
    text = content_of(records, store, blank)
    assert "编号：" not in text
    assert "办理结果符合规定" not in text
    assert file(records, store, of_review()).document_number == "枣接诉审〔2026〕1号"


@pytest.mark.rule("R45")
def test_a_criticism_tells_the_facts_without_the_enterprise_and_rule_ids(
    records: Records, store: ContentStore
) -> None:
    paper = Paper().completing()
    paper.until("Fri 2026-12-18 09:00")
    request = claim_papers.criticism_paper(paper.claim, ref(POWER), paper.events(EventKind.CRITICISED)[0])
    with pytest.raises(NotYetRecorded):
        file(records, store, request)
    keep(records, paper)
    text = content_of(records, store, request)
    assert "（一）2026年11月24日" in text
    assert "中存在问题：未按责成的期限（2026年12月1日24时）办结。" in text
    assert paper.claim.order.enterprise not in text
    assert paper.claim.order.phone not in text
    assert "R45" not in text


@pytest.mark.rule("R45", "R54")
def test_a_notice_of_criticism_tells_everybody_facts_and_nothing_of_who_complained(records: Records) -> None:
    paper = Paper().dispatched(POWER)
    said = "已与王经理（13905550009）说明，拓岳公司的损失另行协商。"
    paper.must(Action.REPLY, HANDLER, text=said)
    paper.must(Action.PROGRESS, HANDLER, summary="已勘察")
    keep(records, paper)
    request = claim_papers.criticism_paper(paper.claim, ref(POWER), paper.journal[-1])
    facts = str(PaperFields(records, dict).of(request)["事实"])
    assert "说明" in facts
    assert not [mark for mark in ("王经理", "1390555", "拓岳") if mark in facts]
