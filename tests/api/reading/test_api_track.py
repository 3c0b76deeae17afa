"""The enterprise's own page: by number and last digits of the phone, with only its own data (R39)."""

import pytest

from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Role
from records.claim_writer import write_step
from records.database.engine import Records
from service_layer.clock import now
from service_layer.enquiries import tracking
from tests.support.api.api_caller import Caller
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import HANDLER, POWER
from tests.support.dates import iso

NUMBER = "QH202611240001"
PATH = f"/track/{NUMBER}"

pytestmark = pytest.mark.rule("R39")


@pytest.fixture(autouse=True)
def late_claim(records: Records) -> Paper:
    """A late claim in progress."""
    paper = Paper().dispatched(POWER)
    paper.must(Action.SIGN_FOR, HANDLER)
    paper.must(Action.CONTACT, HANDLER, summary="约定上门")
    paper.must(Action.PROGRESS, HANDLER, summary="内部情况：张科长出差")
    paper.until("Fri 2026-12-11 09:00")
    write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))
    return paper


@pytest.mark.parametrize("phone", ["0004", "550004", "06325550004", "0632-5550004", "０００４"])
async def test_the_last_digits_of_the_phone_open_it(api: Caller, phone: str) -> None:
    answer = await api.get(PATH, phone=phone)
    assert answer.status_code == 200
    page = answer.json()
    assert (page["stage_name"], page["unit_name"]) == ("办理中", "枣庄供电公司")
    assert [event["text"] for event in page["events"]] == [
        "诉求已登记",
        "第1次派单，送达枣庄供电公司（首接单位）",
        "承办单位已签收",
        "承办单位已与企业联系核实",
    ]
    assert [(limit["kind"], limit["last_day"]) for limit in page["limits"]] == [
        ("contact", iso("Wed 2026-11-25")),
        ("reply", iso("Thu 2026-11-26")),
        ("resolve", iso("Tue 2026-12-08")),
    ]


async def test_a_number_typed_in_full_width_is_that_number(api: Caller) -> None:
    wide = NUMBER.translate({ord(char): ord(char) + 0xFEE0 for char in NUMBER})
    assert (await api.get(f"/track/{wide}", phone="０００４")).json()["number"] == NUMBER
    assert (await api.get(f"/claims/{wide}", Role.SUPERVISOR)).json()["number"] == NUMBER
    for found in (f"/claims?number={wide}", f"/claims?text={wide}"):
        listed = (await api.get(found, Role.SUPERVISOR)).json()
        assert [line["number"] for line in listed["claims"]] == [NUMBER]


@pytest.mark.parametrize("phone", ["", "004", "0005", "abcd", "000400040004000400", "55500040"])
async def test_wrong_digits_look_like_an_unknown_number(api: Caller, phone: str) -> None:
    wrong = await api.get(PATH, phone=phone)
    unknown = await api.get("/track/QH202611249999", phone=phone)
    assert wrong.status_code == unknown.status_code == 404
    assert {**wrong.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}


async def test_nothing_internal_is_shown(api: Caller, late_claim: Paper) -> None:
    text = (await api.get(PATH, phone="0004")).text
    order = late_claim.claim.order
    for secret in (
        "张科长",
        HANDLER.name,
        "督办",
        "黄灯",
        "红灯",
        order.contact,
        order.phone,
        order.enterprise,
    ):
        assert secret not in text


async def test_too_many_wrong_tries_are_429(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    at = now()
    monkeypatch.setattr(tracking, "now", lambda: at)
    tries = [(await api.get(PATH, phone="9999")).status_code for _ in range(12)]
    assert tries == [404] * 10 + [429] * 2
    answer = await api.get(PATH, phone="0004")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert (await api.get("/track/QH202611249999", phone="0004")).status_code == 404


async def test_whoever_knows_the_phone_may_look_often(api: Caller) -> None:
    assert {(await api.get(PATH, phone="0004")).status_code for _ in range(30)} == {200}
