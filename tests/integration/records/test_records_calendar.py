"""Arrangements in the records, the resulting calendars, and the open claims that they affect."""

import threading
from pathlib import Path
from time import monotonic

import pytest
from pydantic import JsonValue

from activities.calendars import CurrentCalendar
from calendar_rules import CalendarError
from calendar_rules.loader import load_calendar
from claims.model.journal import TransitionRecord
from records import calendars
from records.arrangements import (
    ArrangementRequest,
    RequestIdTaken,
    all_published,
    calendar_of,
    mark_finished,
    newest_revision,
    publish,
)
from records.calendars import Calendars, calendar_at
from records.claim_writer import write_step
from records.database.engine import Records
from records.errors import RecordsUnavailable
from records.queries.affected_claims import AffectedClaims
from tests.support.claims.calendars import NEW_YEAR, calendar_with, correction
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import COORDINATOR
from tests.support.dates import beijing
from tests.support.polling import PATIENCE

AT = beijing("Wed 2026-11-25 10:00")


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def wish(raw: dict[str, object], request_id: str = "r1") -> ArrangementRequest:
    fields: dict[str, JsonValue] = {}
    fields.update(raw)  # type: ignore[arg-type]
    return ArrangementRequest(request_id=request_id, raw=fields, document="att-1", actor=COORDINATOR, at=AT)


def keep(records: Records, paper: Paper, number: str) -> None:
    claim = paper.claim.model_copy(update={"number": number})
    write_step(records, TransitionRecord(claim=claim, entries=tuple(paper.journal)))


def touched(records: Records) -> list[str]:
    published = all_published(records)
    return list(AffectedClaims(records, published, calendar_of(published)).page().numbers)


@pytest.mark.rule("R1")
def test_an_arrangement_is_kept_with_who_when_and_why(records: Records) -> None:
    entered, is_new = publish(records, wish(NEW_YEAR))
    assert is_new
    assert all_published(records) == [entered]
    assert (entered.revision, entered.document, entered.actor, entered.entered_at) == (
        1,
        "att-1",
        COORDINATOR,
        AT,
    )
    assert entered.version == calendar_with(NEW_YEAR).version


@pytest.mark.rule("R1")
@pytest.mark.parametrize("request_id", ["r1", "r2"])
def test_the_same_arrangement_twice_is_one(records: Records, request_id: str) -> None:
    first, _ = publish(records, wish(NEW_YEAR))
    publish(records, wish(correction(off="2027-01-11"), "between"))
    assert publish(records, wish(NEW_YEAR, request_id)) == (first, False)
    assert newest_revision(records) == 2


def test_a_request_id_stands_for_one_arrangement(records: Records) -> None:
    publish(records, wish(NEW_YEAR))
    with pytest.raises(RequestIdTaken):
        publish(records, wish(correction(off="2027-01-11")))


def test_two_corrections_of_one_day_get_ids_of_their_own(records: Records) -> None:
    for n, day in enumerate(("2027-01-11", "2027-01-12", "2027-01-13")):
        publish(records, wish(correction(off=day), f"r{n}"))
    ids = [item.arrangement.id for item in all_published(records)]
    assert ids == ["days-2026-12-30", "days-2026-12-30-2", "days-2026-12-30-3"]


def test_what_the_calendar_refuses_leaves_no_trace(records: Records) -> None:
    with pytest.raises(CalendarError):
        publish(records, wish({**NEW_YEAR, "make_up_days": ["2027-02-06"], "days_off": ["2027-02-06"]}))
    assert newest_revision(records) == 0


@pytest.mark.rule("R1")
async def test_every_reader_has_the_newest_calendar_at_once(records: Records) -> None:
    api, worker = Calendars(), CurrentCalendar(records)
    assert api.current(records) is await worker.get() is load_calendar()
    publish(records, wish(NEW_YEAR))
    assert api.current(records) is await worker.get() is calendar_with(NEW_YEAR)


@pytest.mark.rule("R1")
async def test_a_worker_keeps_the_last_calendar_while_the_records_are_away(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = CurrentCalendar(records)
    publish(records, wish(NEW_YEAR))
    known = await current.get()

    def away(_: Records) -> int:
        raise RecordsUnavailable("away")

    monkeypatch.setattr(calendars, "newest_revision", away)
    for _ in range(2):
        assert await current.get() is known


@pytest.mark.rule("R1")
async def test_records_that_hang_hold_no_worker_up(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    current, hanging = CurrentCalendar(records), threading.Event()
    # When it is released it finds nothing new, and so leaves the closed records alone.
    monkeypatch.setattr(calendars, "newest_revision", lambda _: 0 if hanging.wait(PATIENCE) else 1)
    began = monotonic()
    for _ in range(10):
        assert await current.get() is load_calendar()
    assert monotonic() - began < PATIENCE / 4
    hanging.set()


def test_the_command_line_reads_the_records_where_there_are_any(
    records: Records, records_url: str, tmp_path: Path
) -> None:
    publish(records, wish(NEW_YEAR))
    assert calendar_at(records_url).version == calendar_with(NEW_YEAR).version
    assert calendar_at(f"sqlite:///{tmp_path / 'none.db'}") is load_calendar()
    assert not (tmp_path / "none.db").exists()


@pytest.mark.rule("R1", "R6")
def test_only_claims_that_run_into_the_changed_days_are_touched(records: Records) -> None:
    keep(records, Paper("Tue 2026-11-24 09:00").dispatched(), "QH1")
    keep(records, Paper("Thu 2026-12-24 09:00").dispatched(), "QH2")
    over = Paper("Thu 2026-12-24 09:00").fed_back()
    keep(records, over, "QH3")
    assert touched(records) == []
    publish(records, wish(NEW_YEAR))
    assert touched(records) == ["QH2"]


@pytest.mark.rule("R6")
def test_a_claim_that_was_told_is_touched_no_more(records: Records) -> None:
    publish(records, wish(NEW_YEAR))
    paper = Paper("Thu 2026-12-24 09:00").dispatched()
    keep(records, paper, "QH1")
    assert touched(records) == ["QH1"]
    paper.recalculate(calendar_with(NEW_YEAR))
    keep(records, paper, "QH1")
    assert touched(records) == []


@pytest.mark.rule("R6")
def test_a_claim_is_held_against_the_calendar_that_it_has_not_against_the_last(records: Records) -> None:
    keep(records, Paper("Thu 2026-12-24 09:00").dispatched(), "QH1")
    publish(records, wish(NEW_YEAR, "r1"))
    publish(records, wish(correction(off="2027-06-01"), "r2"))  # does not affect it; the first one does
    assert touched(records) == ["QH1"]


@pytest.mark.rule("R6")
def test_a_claim_counted_with_a_calendar_that_nobody_knows_is_touched(records: Records) -> None:
    strange = calendar_with(correction(off="2031-06-03"))  # as if the library had included it
    keep(records, Paper("Tue 2026-11-24 09:00", calendar=strange).dispatched(), "QH1")
    assert touched(records) == ["QH1"]


def test_pages_hold_every_touched_claim_once(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.queries.affected_claims._ROWS", 7)
    publish(records, wish(NEW_YEAR))
    paper = Paper("Thu 2026-12-24 09:00").dispatched()
    numbers = [f"QH{n:02}" for n in range(20)]
    for number in numbers:
        keep(records, paper, number)
    published = all_published(records)
    touch = AffectedClaims(records, published, calendar_of(published))
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = touch.page(after)
        found += page.numbers
        after = page.after
    assert found == numbers
    assert touch.count() == 20


def test_an_end_is_noted_once(records: Records) -> None:
    entered, _ = publish(records, wish(NEW_YEAR))
    for hour in (3, 4):
        mark_finished(records, entered.version, AT.replace(hour=hour))
    assert all_published(records)[0].finished_at == AT.replace(hour=3)
