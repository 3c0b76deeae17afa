"""One-time codes for a claim's enterprise: single use, short-lived, limited in number (R39)."""

from datetime import timedelta

import pytest

from claims.model.events import EventKind
from claims.model.journal import Notice, TransitionRecord
from claims.transition import ENTERPRISE
from records.access.tracking_codes import VALID_FOR, code_to_send, send_code, use_code
from records.claim_writer import write_step
from records.database.engine import Records
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import POWER
from tests.support.dates import beijing

NUMBER = "QH202611240001"
NOW = beijing("Tue 2026-11-24 09:00")

pytestmark = pytest.mark.rule("R39")


@pytest.fixture(autouse=True)
def recorded_claim(records: Records) -> None:
    paper = Paper().dispatched(POWER)
    write_step(records, TransitionRecord(claim=paper.claim, entries=tuple(paper.journal)))


def send(records: Records, code: str, minutes: float = 0) -> timedelta | None:
    at = NOW + timedelta(minutes=minutes)
    id = f"{NUMBER}/code/{code}"
    notice = Notice(id=id, at=at, kind=EventKind.TRACKING_CODE, unit=ENTERPRISE, text="办理验证码")
    return send_code(records, NUMBER, code, notice)


def use(records: Records, code: str, minutes: float = 1) -> bool:
    return use_code(records, NUMBER, code, NOW + timedelta(minutes=minutes))


def test_a_code_is_used_once(records: Records) -> None:
    send(records, "123456")
    assert [use(records, "123456"), use(records, "123456")] == [True, False]


def test_a_code_is_of_no_use_when_its_time_is_up(records: Records) -> None:
    send(records, "123456")
    late = VALID_FOR.total_seconds() / 60
    assert not use(records, "123456", late)
    assert code_to_send(records, f"{NUMBER}/code/123456", NOW + VALID_FOR) == ""


def test_a_new_code_ends_the_one_before(records: Records) -> None:
    send(records, "111111")
    send(records, "222222", 1)
    assert [use(records, "111111", 2), use(records, "222222", 2)] == [False, True]


def test_five_wrong_tries_end_a_code(records: Records) -> None:
    send(records, "123456")
    assert [use(records, f"00000{n}") for n in range(5)] == [False] * 5
    assert not use(records, "123456")


@pytest.mark.parametrize("given", ["", "12345", "1234567"])
def test_what_is_no_code_is_wrong(records: Records, given: str) -> None:
    send(records, "123456")
    assert not use(records, given)


def test_a_used_code_is_sent_no_more(records: Records) -> None:
    send(records, "123456")
    assert code_to_send(records, f"{NUMBER}/code/123456", NOW) == "123456"
    use(records, "123456")
    assert code_to_send(records, f"{NUMBER}/code/123456", NOW) == ""


def test_a_phone_is_sent_three_codes_an_hour_and_eight_a_day(records: Records) -> None:
    sent = [send(records, f"{n:06}", n) for n in range(4)]
    assert sent == [None, None, None, timedelta(minutes=57)]
    sent = [send(records, f"1{n:05}", 100 * n) for n in range(1, 7)]
    assert [wait is None for wait in sent] == [True] * 5 + [False]
