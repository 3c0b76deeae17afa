"""Every reading of contact data is recorded before the data are returned; old phone numbers are masked (R70)."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Role
from claims.papers import claim_papers
from records.claim_writer import write_step
from records.database.engine import Records
from tests.support.api.api_caller import Caller
from tests.support.api.claim_uploads import filed, upload
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, ENTERPRISE, HANDLER, POWER
from tests.support.records.sqlite_lock import locked

NUMBER = "QH202611240001"
PATH = f"/claims/{NUMBER}"
READS = "/audit/contact-reads"

pytestmark = pytest.mark.rule("R70")


def keep(records: Records, paper: Paper) -> None:
    write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))


@pytest.fixture
def late_claim(records: Records) -> Paper:
    paper = Paper().dispatched(POWER)
    keep(records, paper)
    return paper


@pytest.fixture
def old(records: Records) -> Paper:
    """A claim closed years ago, with the phone number in every text."""
    paper = Paper("Wed 2016-06-01 09:00")
    paper.claim.order = paper.claim.order.model_copy(update={"matter": "停电，请打 13800001234 找王经理"})
    paper.dispatched(POWER)
    paper.must(Action.CONTACT, HANDLER, summary="已拨打0632-5550004")
    paper.must(Action.REPLY, HANDLER, text="已致电13800001234")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.CALL_BACK, CALLER, remark="回访 0632 5550004")
    keep(records, paper)
    return paper


async def ask(api: Caller, search: Mapping[str, object]) -> httpx.Response:
    params = {name: str(value) for name, value in search.items()}
    return await api.http.get(READS, params=params, headers=api.headers(Role.AUDITOR))


async def reads(api: Caller, **search: object) -> list[dict[str, object]]:
    answer = await ask(api, search)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["reads"]
    return found


async def test_a_reading_says_who_read_what_of_which_claim_when_and_how(
    api: Caller, late_claim: Paper
) -> None:
    headers = {**api.headers(Role.HANDLER, POWER, "王科长"), "X-Request-ID": "req-7"}
    assert (await api.http.get(PATH, headers=headers)).status_code == 200
    (read,) = await reads(api)
    assert {name: read[name] for name in read if name not in ("id", "at", "sub")} == {
        "number": NUMBER,
        "what": "claim",
        "what_name": "工单",
        "attachment": "",
        "name": "王科长",
        "roles": ["handler"],
        "role_names": ["承办经办人"],
        "unit": POWER,
        "route": "GET /claims/{number}",
        "request_id": "req-7",
    }
    assert read["sub"]
    assert str(read["at"]).endswith("Z")
    for secret in (late_claim.claim.order.phone, late_claim.claim.order.contact):
        assert secret not in str(read)


async def test_the_registration_itself_is_a_reading(api: Caller) -> None:
    number = (await api.register()).json()["number"]
    assert [(read["number"], read["route"]) for read in await reads(api)] == [(number, "POST /claims")]


async def test_papers_that_hold_contact_data_or_may_are_readings(
    api: Caller, records: Records, late_claim: Paper
) -> None:
    order = filed(api, records, claim_papers.dispatch_paper(late_claim.claim, late_claim.claim.dispatches[0]))
    letter = (await upload(api)).json()["id"]
    for id in (order, letter):
        assert (await api.get(f"/attachments/{id}", Role.SUPERVISOR)).status_code == 200
    found = [(read["what"], read["attachment"]) for read in await reads(api)]
    assert found == [("upload", letter), ("dispatch-order", order)]


async def test_what_holds_no_contact_data_is_no_reading(api: Caller, late_claim: Paper) -> None:
    for path in ("/claims", f"{PATH}/attachments", f"{PATH}/outcomes/r1", "/units"):
        answer = await api.get(path, Role.SUPERVISOR)
        assert answer.status_code in (200, 202)
        assert late_claim.claim.order.phone not in answer.text
        assert late_claim.claim.order.contact not in answer.text
    assert await reads(api) == []


async def test_an_enquiry_and_the_journal_are_readings(api: Caller, late_claim: Paper) -> None:
    assert (await api.get(f"/track/{NUMBER}", phone="0004")).status_code == 200
    assert (await api.get(f"{PATH}/journal", Role.SUPERVISOR)).status_code == 200
    assert (await api.get(f"{PATH}/journal", Role.COORDINATOR)).status_code == 200
    found = [(read["what"], read["sub"], read["route"]) for read in await reads(api)]
    assert found == [
        ("journal", "supervisor", "GET /claims/{number}/journal"),
        ("track", "track", "GET /track/{number}"),
    ]


async def test_contact_data_are_not_given_where_the_reading_cannot_be_written_down(
    api: Caller, tmp_path: Path, late_claim: Paper
) -> None:
    async with locked(tmp_path / "records.db"):
        answer = await api.get(PATH, Role.SUPERVISOR)
        masked = await api.get(PATH, Role.ARBITER)
    assert answer.status_code == 503
    assert late_claim.claim.order.phone not in answer.text
    assert (masked.status_code, masked.json()["masked"]) == (200, True)
    assert await reads(api) == []


async def test_readings_are_found_by_claim_reader_and_time_page_by_page(
    api: Caller, records: Records, late_claim: Paper
) -> None:
    other = late_claim.claim.model_copy(update={"number": "QH202611240002"})
    write_step(records, TransitionRecord(claim=other))
    for number, name in ((NUMBER, "甲"), (NUMBER, "乙"), (other.number, "甲")):
        await api.get(f"/claims/{number}", Role.SUPERVISOR, called=name)
    newest, middle, oldest = await reads(api)
    assert await reads(api, number=NUMBER) == [middle, oldest]
    assert await reads(api, by="甲") == [newest, oldest]
    assert await reads(api, by=middle["sub"], number=NUMBER, limit=1) == [middle]
    assert await reads(api, since=newest["at"]) == [newest]
    assert await reads(api, since="2099-01-01T00:00:00Z") == []
    first = (await api.get(READS, Role.AUDITOR, limit=2)).json()
    await api.get(PATH, Role.SUPERVISOR, called="丙")
    second = (await api.get(READS, Role.AUDITOR, limit=2, cursor=first["next_cursor"])).json()
    assert (first["reads"], second["reads"], second["next_cursor"]) == ([newest, middle], [oldest], None)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.AUDITOR, Role.CONSOLE)])
async def test_only_auditors_see_who_read_what(api: Caller, role: Role) -> None:
    assert (await api.get(READS, role, at=POWER)).status_code == 403


@pytest.mark.parametrize("search", [{"cursor": "x"}, {"limit": 0}, {"since": "2026-01-01"}, {"phone": "1"}])
async def test_a_search_for_readings_that_cannot_be_understood_is_422(
    api: Caller, search: dict[str, object]
) -> None:
    assert (await ask(api, search)).status_code == 422


async def test_phone_numbers_of_claims_closed_long_ago_are_masked_for_everybody(
    api: Caller, records: Records, old: Paper
) -> None:
    for role, name in ((Role.SUPERVISOR, ""), (Role.AUDITOR, ""), (Role.ENTERPRISE, ENTERPRISE.name)):
        answer = await api.get(PATH, role, called=name)
        view = answer.json()
        assert (view["phone"], view["phone_hidden"], view["masked"]) == ("063****", True, False)
        assert view["contact"] == old.claim.order.contact
        for page in (answer.text, (await api.get(f"{PATH}/journal", role, called=name)).text):
            assert "5550004" not in page
            assert "13800001234" not in page
    listed = await api.get("/claims", Role.SUPERVISOR)
    assert "13800001234" not in listed.text
    assert "停电" in listed.text


async def test_the_dispatch_order_of_a_claim_closed_long_ago_is_for_auditors(
    api: Caller, records: Records, old: Paper
) -> None:
    id = filed(api, records, claim_papers.dispatch_paper(old.claim, old.claim.dispatches[0]))
    for role, status in ((Role.SUPERVISOR, 404), (Role.AUDITOR, 200)):
        assert (await api.get(f"/attachments/{id}", role)).status_code == status
        listed = (await api.get(f"{PATH}/attachments", role)).json()["attachments"]
        assert bool(listed) is (status == 200)


async def test_the_enterprise_still_tracks_an_old_claim_with_its_number(api: Caller, old: Paper) -> None:
    assert (await api.get(f"/track/{NUMBER}", phone="0004")).status_code == 200
