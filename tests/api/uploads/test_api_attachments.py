"""Attachments over HTTP: who gets what, and how."""

import io
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest
from structlog.testing import capture_logs

from activities.papers.filing import PaperActivities
from claims.model.terms import Role
from claims.papers import claim_papers
from claims.papers.requests import paper_attachment_id
from claims.papers.unit_papers import Case, Interview, accountability_paper, interview_paper, material_of
from records.contact_readings import ReadFilter, Reading, contact_reads
from records.contents import ContentStore
from records.database.engine import Records
from runtime.settings import Settings
from tests.support.api import upload_files
from tests.support.api.api_caller import Caller
from tests.support.api.claim_uploads import NUMBER, filed, late_claim, on_disk, upload
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import ENTERPRISE, HOUSING, POWER, TENGZHOU, TENGZHOU_HOUSING, WATER
from tests.support.dates import beijing


@pytest.fixture
def late(records: Records) -> Paper:
    """A recorded claim with letters."""
    return late_claim(records)


async def test_it_is_always_a_download_with_its_chinese_name(api: Caller, late: Paper) -> None:
    id = (await upload(api, upload_files.PNG, "现场 照片(1).png")).json()["id"]
    headers = (await api.get(f"/attachments/{id}", Role.HANDLER, at=POWER)).headers
    disposition = headers["content-disposition"]
    assert disposition.startswith(f'attachment; filename="{id}.png"; ')
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == "现场 照片(1).png"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"] == "image/png"
    assert "sandbox" in headers["content-security-policy"]


async def test_another_units_claim_takes_nothing_and_shows_nothing(api: Caller, late: Paper) -> None:
    assert (await upload(api, at=HOUSING)).status_code == 404
    id = (await upload(api)).json()["id"]
    for path in (f"/attachments/{id}", f"/claims/{NUMBER}/attachments"):
        assert (await api.get(path, Role.HANDLER, at=HOUSING)).status_code == 404
        assert (await api.get(path, Role.HANDLER, at=WATER)).status_code == 200
        assert (await api.get(path, Role.INSPECTOR)).status_code == 200


async def test_an_enterprise_sees_only_what_it_sent_in_itself(api: Caller, late: Paper) -> None:
    theirs = (await upload(api)).json()["id"]
    own = await upload(api, role=Role.ENTERPRISE, at="", called=ENTERPRISE.name)
    assert (own.status_code, own.json()["id"] != theirs) == (201, True)
    other = await upload(api, role=Role.ENTERPRISE, at="", called="别的公司")
    assert other.status_code == 404
    for id, status in ((own.json()["id"], 200), (theirs, 404)):
        answer = await api.get(f"/attachments/{id}", Role.ENTERPRISE, called=ENTERPRISE.name)
        assert answer.status_code == status
    listed = await api.get(f"/claims/{NUMBER}/attachments", Role.ENTERPRISE, called=ENTERPRISE.name)
    assert [one["id"] for one in listed.json()["attachments"]] == [own.json()["id"]]


@pytest.mark.parametrize("id", ["nothing", "..%2f..%2frecords.db", "0" * 32, "a%00b"])
async def test_an_attachment_that_is_not_there_is_404(api: Caller, late: Paper, id: str) -> None:
    assert (await api.get(f"/attachments/{id}", Role.SUPERVISOR)).status_code == 404


async def test_damaged_contents_are_a_logged_problem_and_never_sent(api: Caller, late: Paper) -> None:
    id = (await upload(api)).json()["id"]
    for damage in (upload_files.PDF[:-1] + b"!", None):
        file = on_disk(api.settings)[0]
        file.write_bytes(damage) if damage else file.unlink()
        with capture_logs() as logs:
            answer = await api.get(f"/attachments/{id}", Role.SUPERVISOR)
        assert (answer.status_code, answer.json()["type"]) == (500, "urn:zaoying:problem:internal")
        assert "损坏" in answer.json()["detail"]
        assert [line["attachment"] for line in logs if line["event"] == "attachment-damaged"] == [id]


@pytest.mark.rule("R31")
async def test_a_letter_in_the_view_leads_to_its_paper(api: Caller, records: Records, late: Paper) -> None:
    letter = late.claim.letters[0]
    id = filed(api, records, claim_papers.letter_paper(late.claim, letter))
    shown = (await api.get(f"/claims/{NUMBER}", Role.HANDLER, at=POWER)).json()["letters"][0]
    assert shown["paper"] == id
    listed = (await api.get(f"/claims/{NUMBER}/attachments", Role.HANDLER, at=POWER)).json()
    row = listed["attachments"][0]
    assert (row["kind"], row["kind_name"]) == ("supervision-letter", "督办函")
    assert (row["document_number"], row["at"]) == ("枣接诉督〔2026〕1号", "2026-11-25T16:00:00Z")
    back = await api.get(f"/attachments/{id}", Role.HANDLER, at=POWER)
    assert io.BytesIO(back.content).read(2) == b"PK"
    assert "%E7%9D%A3%E5%8A%9E%E5%87%BD" in back.headers["content-disposition"]


@pytest.mark.rule("R70")
async def test_a_dispatch_order_goes_to_those_who_need_contact_data_and_reading_it_is_logged(
    api: Caller, records: Records, late: Paper
) -> None:
    id = filed(api, records, claim_papers.dispatch_paper(late.claim, late.claim.dispatches[0]))
    for role in (Role.COORDINATOR, Role.INSPECTOR, Role.ARBITER, Role.ADMIN):
        assert (await api.get(f"/attachments/{id}", role)).status_code == 404, role
        listed = (await api.get(f"/claims/{NUMBER}/attachments", role)).json()
        assert listed["attachments"] == []
    assert (await api.get(f"/attachments/{id}", Role.HANDLER, at=POWER)).status_code == 200
    (read,) = contact_reads(records, ReadFilter())
    assert (read.number, read.what, read.attachment, read.unit) == (NUMBER, Reading.DISPATCH_ORDER, id, POWER)


@pytest.mark.rule("R36")
async def test_an_accountability_file_is_not_shown_to_the_unit_that_it_is_about(
    api: Caller, records: Records, late: Paper
) -> None:
    case = Case(measure="1", unit=POWER, unit_name="枣庄供电公司", at=late.now, reason="未按期办结")
    request = accountability_paper(case, material_of(case, [(late.claim, late.journal)]))
    id = filed(api, records, request)
    assert (await api.get(f"/attachments/{id}", Role.HEAD, at=POWER)).status_code == 404
    assert (await api.get(f"/attachments/{id}", Role.INSPECTOR)).status_code == 200


@pytest.mark.rule("R35")
async def test_a_paper_without_a_claim_is_shown_to_its_unit_and_those_above(
    api: Caller, records: Records
) -> None:
    interview = Interview(
        unit=TENGZHOU_HOUSING,
        unit_name="滕州市住建局",
        at=beijing("Tue 2026-11-24 09:00"),
        interviewer="甲",
        interviewee="乙",
        reason="两次黄灯",
        content="已约谈",
    )
    request = interview_paper("x", interview)
    assert filed(api, records, request) == paper_attachment_id(request.id)
    path = f"/attachments/{paper_attachment_id(request.id)}"
    for unit, status in ((TENGZHOU_HOUSING, 200), (TENGZHOU, 200), (POWER, 404)):
        assert (await api.get(path, Role.HEAD, at=unit)).status_code == status
    assert (await api.get(path, Role.COORDINATOR)).status_code == 200
    assert (await api.get(path, Role.ENTERPRISE, called=ENTERPRISE.name)).status_code == 404


def test_a_paper_filed_twice_at_once_is_one(records: Records, settings: Settings, late: Paper) -> None:
    papers = PaperActivities(records, ContentStore(settings.attachments))
    request = claim_papers.letter_paper(late.claim, late.claim.letters[0])
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(papers.file_paper, [request] * 8))
    assert len({answer.model_dump_json() for answer in answers}) == 1
