"""What an assessment is made from, on both databases: claims that a span concerns, and units' accounts (R60)."""

import pytest

from assessment.periods import parse_period
from claims.model.terms import EventKind
from claims.model.unit_account import UnitAccount
from records.accounts import write_account
from records.database.engine import Records
from records.queries import assessment
from records.queries.assessment import Span, claims_touching, first_registration, unit_accounts
from tests.support.assessment.claim_stories import Play
from tests.support.dates import beijing
from tests.support.records.recorded_claims import keep

STORIES = {
    # closed in September, its resolve limit ends in October
    "01": "Mon 09-21 09:00 dispatch:GD sign | Tue 09-22 10:00 contact reply feedback | Wed 09-23 09:00 satisfied",
    # closed on the last day of October
    "02": "Mon 10-26 09:00 dispatch:GD sign | Tue 10-27 10:00 contact reply feedback | Fri 10-30 09:00 satisfied",
    # false feedback, a criticism in November
    "03": "Mon 11-09 09:00 dispatch:GD sign contact reply feedback | Tue 11-10 09:00 denied | Wed 11-11 09:00 false",
    # of December
    "04": "Tue 12-01 09:00 dispatch:GD sign",
}


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def span(period: str) -> Span:
    found = parse_period(period)
    return Span(first_day=found.first_day, starts_at=found.starts_at, ends_at=found.ends_at)


def numbers(records: Records, period: str) -> list[str]:
    return [found.claim.number for found in claims_touching(records, span(period), ())]


@pytest.fixture
def kept(records: Records) -> Records:
    for no, story in STORIES.items():
        keep(records, Play(no, "TZ", story).paper)
    return records


@pytest.mark.rule("R60")
def test_a_span_brings_the_claims_with_a_limit_or_a_line_in_it(kept: Records) -> None:
    assert numbers(kept, "2026-08") == []
    assert numbers(kept, "2026-09") == ["QH01"]
    assert numbers(kept, "2026-10") == ["QH01", "QH02"]
    assert numbers(kept, "2026-11") == ["QH02", "QH03"]
    assert numbers(kept, "2026-12") == ["QH04"]


@pytest.mark.rule("R60")
def test_pages_of_claims_leave_none_out(kept: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessment, "AT_ONCE", 1)
    assert numbers(kept, "2026-10") == ["QH01", "QH02"]


def test_claims_come_with_the_journal_lines_asked_for(kept: Records) -> None:
    found = {
        each.claim.number: [entry.kind for entry in each.entries]
        for each in claims_touching(kept, span("2026-11"), (EventKind.CRITICISED, EventKind.DISPATCHED))
    }
    assert found == {
        "QH02": [EventKind.DISPATCHED],
        "QH03": [EventKind.DISPATCHED, EventKind.CRITICISED],
    }


def test_the_first_registration_is_the_earliest(records: Records) -> None:
    assert first_registration(records) is None
    for no in ("02", "01"):
        keep(records, Play(no, "TZ", STORIES[no]).paper)
    assert first_registration(records) == beijing("Mon 2026-09-21 09:00")


def test_units_accounts_come_in_the_order_of_their_ids(records: Records) -> None:
    for unit in ("ZZ-SWJ", "ZZ-GD"):
        write_account(records, UnitAccount(unit=unit), ())
    assert [account.unit for account in unit_accounts(records)] == ["ZZ-GD", "ZZ-SWJ"]
