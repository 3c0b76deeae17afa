"""The records after a step, written once, twice, late or out of order."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, select
from sqlalchemy.exc import StatementError

from claims.model.journal import TransitionRecord
from claims.model.terms import Action, Colour, Stage
from claims.recording.change import BaseLost, ClaimChange, claim_changes
from records import tables
from records.claim_writer import write_change, write_step
from records.database.engine import Records, open_records
from records.queries import claims, units
from tests.support.claims.offline_claim import Paper
from tests.support.polling import come_again
from tests.support.records.sample_steps import (
    BUREAU,
    OPERATOR,
    POWER,
    TOWN,
    WATER,
    WEDNESDAY,
    act,
    at_once,
    dispatched,
    fixed,
    head_of,
    registered,
    story,
)

NUMBER = "QH202611250001"


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def write(records: Records, *steps: TransitionRecord) -> None:
    for step in steps:
        write_step(records, step)


def rows(records: Records, table: Table) -> list[dict[str, object]]:
    with records.reading() as connection:
        found = connection.execute(select(table).order_by(*table.primary_key)).mappings()
        return [dict(row) for row in found]


def everything(records: Records) -> dict[str, list[dict[str, object]]]:
    return {table.name: rows(records, table) for table in tables.METADATA.sorted_tables}


def test_the_snapshot_is_the_whole_claim(records: Records) -> None:
    write(records, *story())
    assert claims.snapshot(records, NUMBER) == story()[-1].claim
    assert claims.snapshot(records, "QH202611259999") is None


def test_the_journal_is_every_entry_in_order(records: Records) -> None:
    write(records, *story())
    entries = [entry for step in story() for entry in step.entries]
    assert claims.journal(records, NUMBER) == entries
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert claims.journal(records, "QH202611259999") == []


def test_every_instant_comes_back_aware_and_in_utc(records: Records) -> None:
    beijing = timezone(timedelta(hours=8))
    write(records, registered(NUMBER, WEDNESDAY.astimezone(beijing)))
    entry, row = claims.journal(records, NUMBER)[0], claims.find_claims(records).rows[0]
    assert entry.at == row.registered_at == row.updated_at == WEDNESDAY
    assert entry.at.tzinfo is row.registered_at.tzinfo is UTC


def test_an_instant_without_a_time_zone_is_refused_and_nothing_is_written(records: Records) -> None:
    step = registered(NUMBER)
    naive = step.entries[0].model_copy(update={"at": datetime.fromisoformat("2026-11-25 09:30")})
    with pytest.raises(StatementError, match="without its time zone"):
        write_step(records, step.model_copy(update={"entries": (naive,)}))
    assert claims.snapshot(records, NUMBER) is None


def test_writing_every_step_twice_changes_nothing(records: Records) -> None:
    write(records, *story())
    once = everything(records)
    write(records, *story())
    assert everything(records) == once
    assert all(once[table] for table in ("journal", "outcome", "limit_record", "light", "letter", "notice"))


def test_an_older_step_after_a_newer_one_takes_nothing_back(records: Records) -> None:
    steps = story()
    write(records, *steps)
    newest = everything(records)
    write(records, steps[1])
    assert everything(records) == newest


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4))
def test_steps_in_any_order_any_number_of_times_leave_the_same(
    blank_records: Path, order: list[int], again: list[int]
) -> None:
    steps = story()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("straight.db", "any.db"):
            shutil.copyfile(blank_records, f"{folder}/{name}")
        with open_records(f"sqlite:///{folder}/straight.db") as straight:
            write(straight, *steps)
            expected = everything(straight)
        with open_records(f"sqlite:///{folder}/any.db") as mixed:
            write(mixed, *(steps[index] for index in [*order, *again]))
            assert everything(mixed) == expected


def test_a_later_attempt_of_the_same_entry_overwrites_it(records: Records) -> None:
    step = registered(NUMBER)
    later = step.entries[0].model_copy(update={"text": "重新执行后的登记"})
    write(records, step, step.model_copy(update={"entries": (later,)}))
    assert [entry.text for entry in claims.journal(records, NUMBER)] == ["重新执行后的登记"]


def test_the_first_outcome_of_a_request_stays(records: Records) -> None:
    step = story()[-1]
    first = step.outcomes[0]
    other = first.model_copy(update={"reason": "另一个理由"})
    write(records, step, step.model_copy(update={"outcomes": (other,)}))
    assert claims.outcome(records, NUMBER, first.request_id) == first
    assert claims.outcome(records, NUMBER, "unknown") is None
    assert claims.outcome(records, "QH202611259999", first.request_id) is None


def test_an_answer_without_a_request_id_is_nobodys_outcome(records: Records) -> None:
    step = story()[-1]
    nameless = step.outcomes[0].model_copy(update={"request_id": ""})
    write(records, step.model_copy(update={"outcomes": (nameless,)}))
    assert rows(records, tables.OUTCOME) == []


def test_a_step_with_outcomes_alone_leaves_the_time_of_the_last_change(records: Records) -> None:
    steps = story()
    write(records, *steps)
    before = claims.find_claims(records).rows
    write(records, TransitionRecord(claim=steps[-1].claim, outcomes=steps[-1].outcomes))
    assert claims.find_claims(records).rows == before


def test_a_notice_comes_once(records: Records) -> None:
    step = dispatched(NUMBER, POWER, BUREAU)
    write(records, step, step)
    notices = rows(records, tables.NOTICE)
    assert {(notice["unit"], notice["number"]) for notice in notices} == {
        (POWER.id, NUMBER),
        (BUREAU.id, NUMBER),
    }


def test_the_row_says_where_the_claim_stands(records: Records) -> None:
    write(records, *story())
    row = claims.find_claims(records).rows[0]
    assert (row.number, row.stage, row.unit, row.unit_name) == (NUMBER, Stage.HANDLING, POWER.id, POWER.name)
    assert (row.light, row.closed) == (Colour.RED, None)
    assert row.updated_at == story()[-1].entries[-1].recorded_at


def test_a_limit_is_kept_with_its_instants(records: Records) -> None:
    step = fixed(dispatched(NUMBER, POWER).claim, days=2)
    write(records, step)
    resolve = next(row for row in rows(records, tables.LIMIT) if row["kind"] == "resolve")
    assert resolve["due_at"] == WEDNESDAY + timedelta(days=2, hours=1)
    assert (resolve["unit"], resolve["status"], resolve["provisional"]) == (POWER.id, "running", True)
    assert (resolve["working_days"], resolve["calendar_version"]) == (1, "2026.1")
    assert claims.find_claims(records).rows[0].next_due == resolve["due_at"]


@pytest.mark.rule("R47")
def test_a_closed_claim_shows_how_and_when(records: Records) -> None:
    step = registered(NUMBER)
    at = WEDNESDAY + timedelta(hours=1)
    closing = act(step.claim, Action.WITHDRAW, OPERATOR, at, reason="已解决", confirmed_by_call=True)
    write(records, step, closing)
    row = claims.find_claims(records).rows[0]
    assert (row.stage, row.next_due) == (Stage.CLOSED, None)
    assert row.closed == closing.claim.closed


@pytest.mark.rule("R31", "R32", "R33")
def test_a_units_lights_come_with_their_claims_in_the_order_of_their_instants(records: Records) -> None:
    write(records, *story(), *story("QH202611250002"))
    lights = units.unit_lights(records, POWER.id)
    assert [light.at for light in lights] == sorted(light.at for light in lights)
    assert {light.number for light in lights} == {NUMBER, "QH202611250002"}
    assert len(lights) == 2 * len(story()[-1].claim.lights)
    assert units.unit_lights(records, WATER.id) == []


def test_a_revoked_light_no_longer_colours_the_claim_but_stays_on_record(records: Records) -> None:
    step = story()[-1]
    claim = step.claim.model_copy(deep=True)
    claim.lights = [light.model_copy(update={"revoked": light.colour == "red"}) for light in claim.lights]
    write(records, step, TransitionRecord(claim=claim))
    assert claims.find_claims(records).rows[0].light is Colour.YELLOW
    assert [light.revoked for light in units.unit_lights(records, POWER.id)].count(True) == 3
    assert units.counts_by_unit(records)[POWER.id].red == 0


def test_units_count_the_claims_led_by_them_or_below(records: Records) -> None:
    write(records, dispatched("QH202611250001", TOWN), dispatched("QH202611250002", BUREAU, POWER))
    last = story("QH202611250003")[-1]
    write(records, last)
    counts = units.counts_by_unit(records)
    assert (counts["TZ"].open, counts[TOWN.id].open, counts["ZZ"].open) == (2, 1, 3)
    assert counts[POWER.id] == units.UnitCounts(open=1, closed=0, yellow=3, red=3)
    assert WATER.id not in counts


def write_many(url: str, first: int) -> int:
    with open_records(url) as records:
        for index in range(first, first + 15):
            for step in story(f"QH20261125{index:04d}"):
                come_again(partial(write_step, records, step))
    return first


def test_two_processes_write_at_once_and_nothing_is_lost(records: Records, records_url: str) -> None:
    assert sorted(at_once(write_many, [(records_url, 100), (records_url, 200)])) == [100, 200]
    assert len(rows(records, tables.CLAIM)) == 30
    assert len(rows(records, tables.JOURNAL)) == 30 * sum(len(step.entries) for step in story())


def test_the_head_of_the_sample_is_refused_for_a_rule(records: Records) -> None:
    late = act(story()[2].claim, Action.REJECT, head_of(POWER), WEDNESDAY + timedelta(days=3))
    write(records, late)
    found = claims.outcome(records, NUMBER, late.outcomes[0].request_id)
    assert found is not None
    assert (found.status, found.rule) == ("refused", "R15")


@pytest.mark.rule("R70")
def test_what_is_read_in_one_transaction_is_of_one_instant(records: Records) -> None:
    counted = select(func.count()).select_from(tables.CLAIM)
    with records.reading() as connection:
        assert connection.scalar(counted) == 0
        write(records, TransitionRecord(claim=Paper().claim))
        assert connection.scalar(counted) == 0
    with records.reading() as connection:
        assert connection.scalar(counted) == 1


def changed(before: TransitionRecord, after: TransitionRecord) -> ClaimChange:
    changes, removed = claim_changes(before.claim, after.claim)
    return ClaimChange(
        number=after.claim.number,
        seq=after.claim.seq,
        base=before.claim.seq,
        changed=changes,
        removed=tuple(removed),
        entries=after.entries,
        outcomes=after.outcomes,
        notices=after.notices,
    )


def damage(records: Records, **cells: object) -> None:
    with records.writing() as connection:
        connection.execute(tables.CLAIM.update().values(**cells))


@pytest.mark.rule("R10")
@pytest.mark.parametrize("above", [0, 1, 100_000])
@pytest.mark.parametrize("door", ["change", "whole"])
def test_a_row_that_counts_lines_nobody_wrote_stops_no_later_record(
    records: Records, above: int, door: str
) -> None:
    """Edited by hand to the number of lines that the next record has, or to a later one."""
    *before, last = story()
    write(records, *before)
    damage(records, seq=last.claim.seq + above)
    if door == "change":
        with pytest.raises(BaseLost):
            write_change(records, changed(before[-1], last))
        assert claims.journal(records, last.claim.number)[-1].seq == before[-1].claim.seq
    write(records, last)
    expected = last.claim.number, last.claim.seq
    assert claims.snapshot(records, last.claim.number) == last.claim
    assert claims.seqs(records, [last.claim.number]) == dict([expected])


@pytest.mark.rule("R10")
def test_a_record_that_comes_twice_or_late_is_no_sign_of_damage(records: Records) -> None:
    *_, before, last = story()
    write(records, *story())
    held = everything(records)
    for late in (changed(before, last), changed(story()[-3], before)):
        write_change(records, late)
    assert everything(records) == held


@pytest.mark.rule("R10")
def test_a_claim_on_record_that_nobody_can_read_is_asked_for_as_a_whole(records: Records) -> None:
    *before, last = story()
    write(records, *before)
    damage(records, snapshot="nonsense")
    with pytest.raises(BaseLost):
        write_change(records, changed(before[-1], last))
    write(records, last)
    assert claims.snapshot(records, last.claim.number) == last.claim
