"""Signed and sealed papers of an action: scans of this claim, uploaded by the unit; otherwise 422 with the rule."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from activities.papers.filing import PaperActivities
from claims.editions.edition import built_in_policy
from claims.model.messages.action_bodies import BODIES
from claims.model.terms import Action, Role
from claims.papers.claim_papers import review_form_paper
from records.contents import ContentStore
from records.database.engine import Records
from runtime.settings import Settings
from tests.support.api import upload_files
from tests.support.api.api_caller import Caller, calling
from tests.support.api.claim_uploads import NUMBER, upload
from tests.support.api.seal_authority import Authority
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ENTERPRISE,
    HOUSING,
    POWER,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    person,
    usual,
)
from tests.support.records.recorded_claims import keep

OTHER = "QH202611240002"
TAKEN = 503
"""Temporal is down in these tests: accepted actions cannot be delivered."""


async def act(
    api: Caller, paper: Paper, action: Action, fields: Mapping[str, object], at: str = POWER
) -> httpx.Response:
    """Return the form; by default signed and sealed on the same scan."""
    signed = {"head": "李主任", "paper": fields.get("seal", "")}
    body = {"request_id": "r1", **usual(action, paper.now), "signature": signed, **fields}
    return await api.post(f"/claims/{NUMBER}/{action}", body, Role.HANDLER, at=at)


async def view(api: Caller) -> dict[str, object]:
    """Return the view without the time of day."""
    shown: dict[str, object] = (await api.get(f"/claims/{NUMBER}", Role.SUPERVISOR)).json()
    return {name: value for name, value in shown.items() if name != "now"}


@pytest.fixture
def in_review(records: Records) -> Paper:
    """Dissatisfied twice; a second claim is with the same unit."""
    paper, other = Paper().in_review(), Paper().dispatched(POWER)
    other.claim.number = OTHER
    keep(records, other)
    keep(records, paper)
    return paper


async def refused(api: Caller, paper: Paper, seal: str, says: str) -> None:
    """Check that the form with this seal gets 422 and changes nothing."""
    before = await view(api)
    answer = await act(api, paper, Action.REVIEW_FORM, {"seal": seal})
    problem = answer.json()
    assert (answer.status_code, problem["rule"], says in problem["detail"]) == (422, "R44", True), problem
    assert "扫描件" in problem["instead"]
    assert await view(api) == before


@pytest.mark.rule("R44")
@pytest.mark.parametrize(
    "data", [upload_files.PDF, upload_files.PNG, upload_files.JPEG], ids=["pdf", "png", "jpeg"]
)
async def test_a_scan_of_the_unit_is_a_seal(api: Caller, in_review: Paper, data: bytes) -> None:
    seal = (await upload(api, data)).json()["id"]
    assert (await act(api, in_review, Action.REVIEW_FORM, {"seal": seal})).status_code == TAKEN


@pytest.mark.rule("R44")
async def test_a_word_file_is_no_seal_whatever_it_is_called(api: Caller, in_review: Paper) -> None:
    seal = (await upload(api, upload_files.docx(), "盖章件.pdf")).json()["id"]
    await refused(api, in_review, seal, "不是扫描件")


@pytest.mark.rule("R44")
async def test_the_blank_form_that_the_platform_made_is_no_seal(
    api: Caller, records: Records, in_review: Paper
) -> None:
    papers = PaperActivities(records, ContentStore(api.settings.attachments))
    form = papers.file_paper(review_form_paper(in_review.claim, at=in_review.now))
    await refused(api, in_review, form.attachment, "不是")


@pytest.mark.rule("R44")
async def test_a_seal_of_another_claim_is_refused(api: Caller, in_review: Paper) -> None:
    seal = (await upload(api, claim=OTHER)).json()["id"]
    await refused(api, in_review, seal, "工单没有编号为")


@pytest.mark.rule("R44")
async def test_a_seal_that_another_uploaded_is_refused_and_the_units_own_copy_taken(
    api: Caller, records: Records
) -> None:
    paper = Paper().dispatched(POWER, co_units=[WATER])
    keep(records, paper)
    for role, at, called in (
        (Role.HANDLER, WATER, ""),
        (Role.SUPERVISOR, "", ""),
        (Role.ENTERPRISE, "", ENTERPRISE.name),
    ):
        seal = (await upload(api, role=role, at=at, called=called)).json()["id"]
        await refused(api, paper, seal, "不是本单位上传的")
    own = (await upload(api)).json()["id"]
    assert (await act(api, paper, Action.REVIEW_FORM, {"seal": own})).status_code == TAKEN


@pytest.mark.rule("R21", "R44")
async def test_the_delegate_and_the_district_above_it_seal_alike(api: Caller, records: Records) -> None:
    paper = Paper().dispatched(TENGZHOU)
    acting = paper.claim.dispatches[0]
    acting.delegate = paper.claim.dispatches[0].unit.model_copy(
        update={"id": TENGZHOU_HOUSING, "path": (TENGZHOU_HOUSING, *acting.unit.path)}
    )
    keep(records, paper)
    for unit in (TENGZHOU, TENGZHOU_HOUSING):
        seal = (await upload(api, at=unit)).json()["id"]
        answer = await act(api, paper, Action.REVIEW_FORM, {"seal": seal}, at=TENGZHOU)
        assert answer.status_code == TAKEN, answer.text


@pytest.mark.rule("R15", "R17", "R44")
@pytest.mark.parametrize(
    ("action", "rule"),
    [(Action.REJECT, "R15"), (Action.REQUEST_EXTENSION, "R17"), (Action.REVIEW_FORM, "R44")],
)
async def test_a_signed_paper_is_a_scan_of_this_claim_that_the_unit_uploaded(
    api: Caller, in_review: Paper, action: Action, rule: str
) -> None:
    scan = (await upload(api)).json()["id"]
    typed = (await upload(api, upload_files.docx())).json()["id"]
    foreign = (await upload(api, upload_files.PNG, claim=OTHER)).json()["id"]
    platforms = (await upload(api, upload_files.JPEG, role=Role.SUPERVISOR, at="")).json()["id"]
    refused = ((paper, 422) for paper in (typed, foreign, platforms, "档案室2026-17", "x"))
    for paper, status in (*refused, (scan, TAKEN)):
        fields = {"signature": {"head": "李主任", "paper": paper}, "seal": scan, "suggested_unit": HOUSING}
        fields = {name: value for name, value in fields.items() if name in BODIES[action].model_fields}
        answer = await act(api, in_review, action, fields)
        assert answer.status_code == status, answer.text
        assert status == TAKEN or answer.json()["rule"] == rule


@pytest.mark.rule("R15", "R17")
@pytest.mark.parametrize(("action", "rule"), [(Action.REJECT, "R15"), (Action.REQUEST_EXTENSION, "R17")])
async def test_a_return_and_an_extension_are_signed_on_a_scan_of_the_lead_not_of_its_delegate(
    api: Caller, records: Records, action: Action, rule: str
) -> None:
    paper = Paper().dispatched(TENGZHOU)
    paper.must(Action.DELEGATE, person(Role.HANDLER, TENGZHOU), unit=TENGZHOU_HOUSING)
    keep(records, paper)
    bureaus, districts = [(await upload(api, at=unit)).json()["id"] for unit in (TENGZHOU_HOUSING, TENGZHOU)]
    for scan, status in ((bureaus, 422), (districts, TAKEN)):
        answer = await act(api, paper, action, {"signature": {"head": "李区长", "paper": scan}}, at=TENGZHOU)
        assert answer.status_code == status, answer.text
        assert status == TAKEN or answer.json()["rule"] == rule


@pytest.mark.rule("R15")
async def test_a_claim_of_the_plan_alone_keeps_its_signed_paper_elsewhere(
    api: Caller, records: Records
) -> None:
    paper = Paper(policy=built_in_policy(1)).dispatched()
    keep(records, paper)
    answer = await act(api, paper, Action.REJECT, {"signature": {"head": "李主任", "paper": "档案室2026-17"}})
    assert answer.status_code == TAKEN


@pytest.mark.rule("R44")
async def test_an_electronic_seal_counts_where_the_city_trusts_its_authority(
    settings: Settings, records: Records, in_review: Paper, tmp_path: Path
) -> None:
    city, other = Authority(), Authority()
    (tmp_path / "city.pem").write_bytes(city.certificate.public_bytes(Encoding.PEM))
    async with calling(settings.model_copy(update={"seal_trust": tmp_path / "city.pem"})) as api:
        sealed = {
            name: await upload(api, data=await asyncio.to_thread(one.seal))
            for name, one in (("ours", city), ("theirs", other))
        }
        ids = {name: answer.json()["id"] for name, answer in sealed.items()}
        assert (await act(api, in_review, Action.REVIEW_FORM, {"seal": ids["ours"]})).status_code == TAKEN
        await refused(api, in_review, ids["theirs"], "信任清单")


@pytest.mark.rule("R44")
async def test_without_a_trust_list_a_sealed_file_is_a_scan_like_others(
    api: Caller, in_review: Paper
) -> None:
    sealed = await upload(api, data=await asyncio.to_thread(Authority().seal))
    answer = await act(api, in_review, Action.REVIEW_FORM, {"seal": sealed.json()["id"]})
    assert answer.status_code == TAKEN


@pytest.mark.rule("R44")
async def test_a_seal_that_is_typed_or_drawn_is_none(api: Caller, in_review: Paper) -> None:
    drawn = upload_files.PDF.replace(b"/Subtype /Image", b"/Subtype /Form ")
    await refused(api, in_review, (await upload(api, data=drawn)).json()["id"], "没有扫描的图像")


@pytest.mark.rule("R44")
@pytest.mark.parametrize("size", [(60, 80), (1800, 610)])
async def test_a_picture_that_is_no_page_is_no_seal(
    api: Caller, in_review: Paper, size: tuple[int, int]
) -> None:
    seal = (await upload(api, upload_files.picture("PNG", size))).json()["id"]
    await refused(api, in_review, seal, "整页")
