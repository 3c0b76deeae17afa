"""Public enquiries: digits are in no address, counted per claim and caller, locked with a notice to the
hotline (R39).
"""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select
from starlette.requests import Request

from api.http.requests.client_address import client_address
from claims.model.journal import TransitionRecord
from claims.model.terms import Channel, Role
from records.access.tracking_tries import give_back, take_try
from records.claim_writer import write_step
from records.contact_readings import ContactRead, Reading, record_contact_reads
from records.database.engine import Records
from records.intake import register_intake
from records.tables import NOTICE, TRACKING_TRY
from tests.support.api.api_caller import Caller
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER
from tests.support.dates import beijing

NUMBER = "QH202611240001"
PATH = f"/track/{NUMBER}"
NOW = beijing("Tue 2026-11-24 09:00")

pytestmark = pytest.mark.rule("R39")


@pytest.fixture(autouse=True)
def recorded_claim(records: Records) -> Paper:
    paper = Paper().dispatched(POWER)
    write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))
    return paper


async def enquire(api: Caller, phone: str, **headers: str) -> httpx.Response:
    return await api.http.post(PATH, json={"phone": phone}, headers=headers)


async def test_the_digits_stand_in_the_body(api: Caller) -> None:
    answer = await enquire(api, "０００４")
    assert (answer.status_code, answer.json()["number"]) == (200, NUMBER)
    assert (await enquire(api, "9999")).status_code == 404
    assert (await api.http.post(PATH, json={"phon": "0004"})).status_code == 422
    assert (await api.http.post(PATH, content=b"phone=0004")).status_code == 415


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
async def test_a_forged_address_brings_no_more_tries(api: Caller, header: str) -> None:
    tries = [(await enquire(api, "9999", **{header: f"198.51.100.{n}"})).status_code for n in range(14)]
    assert tries == [404] * 10 + [429] * 4
    assert (await enquire(api, "0004")).status_code == 429


async def test_a_caller_who_tries_many_claims_is_slowed_too(api: Caller) -> None:
    tries = [
        (await api.http.post(f"/track/QH2026112500{n:02}", json={"phone": "9999"})).status_code
        for n in range(32)
    ]
    assert tries == [404] * 30 + [429] * 2


def tries_at(records: Records, *minutes: float) -> list[bool]:
    """Return whether each try was allowed."""
    return [take_try(records, NUMBER, NOW + timedelta(minutes=at)) is None for at in minutes]


def test_wrong_tries_for_a_claim_are_slowed_and_then_locked_for_a_day(records: Records) -> None:
    assert tries_at(records, *([0.0] * 11)) == [True] * 10 + [False]
    assert tries_at(records, *([2.0] * 11)) == [True] * 10 + [False]
    assert tries_at(records, 10.0, 59.0) == [False, False]  # twenty within the hour
    assert tries_at(records, *([63.0] * 11)) == [True] * 10 + [False]
    assert tries_at(records, 200.0, 1439.0) == [False, False]  # thirty within the day
    with records.reading() as connection:
        (notice,) = connection.execute(select(NOTICE).where(NOTICE.c.kind == "tracking-locked")).mappings()
    assert (notice["unit"], notice["number"]) == ("PF", NUMBER)
    assert tries_at(records, 1441.0) == [True]


def test_right_tries_are_given_back(records: Records) -> None:
    for second in range(100):
        at = NOW + timedelta(seconds=second)
        assert take_try(records, NUMBER, at) is None
        give_back(records, NUMBER, at)
    with records.reading() as connection:
        assert connection.execute(select(TRACKING_TRY)).all() == []


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("203.0.113.5", "198.51.100.1", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "10.0.0.0/8", "203.0.113.5"),
        ("10.0.0.7", "198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.7", "1.2.3.4, 198.51.100.1", "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.7", "198.51.100.1, 10.0.0.8", "10.0.0.0/8, 192.0.2.1", "198.51.100.1"),
        ("10.0.0.7", "made up", "10.0.0.7", "10.0.0.7"),
        ("10.0.0.7", "", "10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "2001:db8:1:2:3::9", "10.0.0.7", "2001:db8:1:2::/64"),
        ("testclient", "198.51.100.1", "10.0.0.0/8", "testclient"),
    ],
)
def test_only_named_proxies_are_believed(peer: str, forwarded: str, trusted: str, address: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    request = Request({"type": "http", "headers": headers, "client": (peer, 1)})
    assert client_address(request, trusted) == address


@pytest.mark.rule("R70")
async def test_every_kind_of_reading_is_exported_by_its_name(api: Caller, records: Records) -> None:
    said = {"number": NUMBER, "sub": "x", "name": "", "roles": (), "unit": "", "route": "", "request_id": ""}
    record_contact_reads(records, [ContactRead(at=NOW, what=what, **said) for what in Reading])
    for format in ("csv", "xlsx"):
        answer = await api.get("/exports/contact-reads", Role.AUDITOR, format=format)
        assert answer.status_code == 200
        assert format == "xlsx" or all(what.label in answer.text for what in Reading)


@pytest.mark.rule("R10")
async def test_a_channel_is_told_what_became_of_its_claim(api: Caller, records: Records) -> None:
    taken = register_intake(
        records, day=NOW.date(), channel="mayor", external_id="信-7", payload={}, received_at=NOW
    )
    assert taken.number == NUMBER
    paper = Paper().dispatched(POWER)
    paper.claim.order = paper.claim.order.model_copy(update={"channel": Channel.MAYOR})
    paper.claim.seq += 1
    write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))
    found = (await api.get("/channels/mayor/outcomes", Role.CHANNEL)).json()
    (one,) = found["outcomes"]
    assert (one["external_id"], one["number"], one["stage_name"]) == ("信-7", NUMBER, "办理中")
    assert one["events"][0]["text"] == "诉求已登记"
    assert found["next_cursor"] is None
    assert paper.claim.order.enterprise not in str(found)
    later = await api.get("/channels/mayor/outcomes", Role.CHANNEL, since="2031-01-01T00:00:00+08:00")
    assert later.json()["outcomes"] == []
