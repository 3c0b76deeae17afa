"""Filing a paper: once, whatever breaks off and wherever."""

import hashlib
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities import papers as filing
from activities.papers import PaperActivities
from claims.papers.requests import FiledPaper, PaperRequest, paper_attachment_id
from documents.rendering import PaperIncomplete
from records import attachments
from records.contents import Content, ContentStore
from records.database.engine import Records
from tests.support.claims.paper_samples import of_letter

REQUEST = of_letter()


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "attachments")


def file(records: Records, store: ContentStore, request: PaperRequest = REQUEST) -> FiledPaper:
    """As the worker runs it, with a payload that has been on the way."""
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
