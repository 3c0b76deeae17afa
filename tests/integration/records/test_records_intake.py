"""Claim numbers, and that a repeated registration is one claim."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from claims.model.journal import TransitionRecord
from claims.recording.change import BaseLost, ClaimChange, claim_changes, opened
from records.claim_writer import write_change, write_step
from records.database.engine import Records, open_records
from records.intake import (
    OF_A_FORM,
    FiledBy,
    Intake,
    IntakeRecord,
    intake_of,
    mark_started,
    register_intake,
    restore_intake,
    unstarted,
)
from records.queries.claims import journal, snapshot
from records.reconciliation.comparison import compare_claim
from records.reconciliation.repair import rewrite_claim
from records.tables import INTAKE, LIMIT, NUMBER_SEQUENCE
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import OPERATOR
from tests.support.dates import day
from tests.support.polling import come_again
from tests.support.records.sample_steps import WEDNESDAY, at_once
from workflows.messages import Opening

DAY = day("Wed 2026-11-25")


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def take(
    records: Records,
    external_id: str = "",
    *,
    channel: str = "12345",
    day: date = DAY,
    received_at: datetime = WEDNESDAY,
) -> Intake:
    return register_intake(
        records,
        day=day,
        channel=channel,
        external_id=external_id,
        payload=lambda number: {"number": number, "matter": "电压不稳"},
        received_at=received_at,
    )


@pytest.mark.rule("R10")
def test_numbers_count_up_within_a_day_and_begin_anew_on_the_next(records: Records) -> None:
    taken = [take(records), take(records), take(records, day=day("Thu 2026-11-26")), take(records)]
    assert [intake.number for intake in taken] == [
        "QH202611250001",
        "QH202611250002",
        "QH202611260001",
        "QH202611250003",
    ]
    assert all(intake.first for intake in taken)


@pytest.mark.rule("R10")
def test_the_count_grows_past_four_digits(records: Records) -> None:
    with records.writing() as connection:
        connection.execute(NUMBER_SEQUENCE.insert().values(day=DAY, last=9999))
    assert take(records).number == "QH2026112510000"


@pytest.mark.rule("R10")
@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (("12345", "A-1"), ("12345", "A-1"), True),
        (("12345", "A-1"), ("12345", "A-2"), False),
        (("12345", "A-1"), ("app", "A-1"), False),
        (("12345", "A-1"), ("12345", "a-1"), False),
        (("desk", ""), ("desk", ""), False),
    ],
)
def test_the_same_channel_number_sent_twice_is_one_claim(
    records: Records, first: tuple[str, str], second: tuple[str, str], *, same: bool
) -> None:
    one = take(records, first[1], channel=first[0])
    two = take(records, second[1], channel=second[0], day=day("Mon 2026-11-30"))
    assert (two.number == one.number) is same
    assert (one.first, two.first) == (True, not same)


@pytest.mark.rule("R10")
@pytest.mark.parametrize("first", FiledBy)
def test_a_systems_number_and_peoples_are_two_and_are_restored_as_two(
    records: Records, first: FiledBy
) -> None:
    roles = {FiledBy.SYSTEM: ["channel"], FiledBy.PEOPLE: ["operator"]}

    def line(filer: FiledBy) -> Intake:
        return register_intake(
            records,
            day=DAY,
            channel="mayor",
            external_id="M-1",
            payload={"actor": {"roles": [*roles[filer]]}},
            received_at=WEDNESDAY,
            filed_by=filer,
        )

    second = FiledBy.PEOPLE if first is FiledBy.SYSTEM else FiledBy.SYSTEM
    one, other = line(first), line(second)
    assert (one.first, other.first, one.number != other.number) == (True, True, True)
    kept = [intake_of(records, number) for number in (other.number, one.number)]
    with records.writing() as connection:
        connection.execute(INTAKE.delete())
    for found in kept:
        assert found is not None
        restore_intake(records, found.model_copy(update={"external_id": "M-1"}))
    assert [line(first).number, line(second).number] == [one.number, other.number]


@pytest.mark.rule("R10")
def test_the_line_keeps_what_came_in_first(records: Records) -> None:
    number = take(records, "A-1").number
    register_intake(
        records, day=DAY, channel="12345", external_id="A-1", payload={"other": True}, received_at=WEDNESDAY
    )
    line = intake_of(records, number)
    assert line is not None
    assert line.payload == {"number": number, "matter": "电压不稳"}
    assert (line.channel, line.external_id, line.received_at) == ("12345", "A-1", WEDNESDAY)
    assert line.received_at.tzinfo is UTC
    assert line.started_at is None
    assert intake_of(records, "QH202611259999") is None


def test_a_reception_without_a_time_zone_is_refused_and_takes_no_number(records: Records) -> None:
    with pytest.raises(StatementError, match="without its time zone"):
        take(records, received_at=datetime.fromisoformat("2026-11-25 09:30"))
    assert take(records).number == "QH202611250001"


@pytest.mark.rule("R10")
def test_what_was_taken_in_and_never_started_is_found_oldest_first(records: Records) -> None:
    later, sooner, started, fresh = (
        take(records, received_at=WEDNESDAY + timedelta(minutes=minutes)).number for minutes in (2, 1, 0, 9)
    )
    mark_started(records, started, WEDNESDAY)
    waiting = unstarted(records, WEDNESDAY + timedelta(minutes=9))
    assert [line.number for line in waiting] == [sooner, later]
    assert [line.number for line in unstarted(records, WEDNESDAY + timedelta(days=1), limit=1)] == [sooner]
    assert fresh not in {line.number for line in waiting}


def test_the_first_instant_of_a_start_stays(records: Records) -> None:
    number = take(records).number
    for minutes in (1, 2):
        mark_started(records, number, WEDNESDAY + timedelta(minutes=minutes))
    line = intake_of(records, number)
    assert line is not None
    assert line.started_at == WEDNESDAY + timedelta(minutes=1)


def take_many(url: str, process: int, count: int) -> list[str]:
    with open_records(url) as records:
        return [come_again(partial(take, records, f"{process}-{index}")).number for index in range(count)]


@pytest.mark.rule("R10")
def test_many_processes_never_give_the_same_number(records_url: str) -> None:
    given = at_once(take_many, [(records_url, process, 40) for process in range(4)])
    numbers = sorted(number for answers in given for number in answers)
    assert numbers == [f"QH20261125{count:04d}" for count in range(1, 161)]
    assert all(answers == sorted(answers) for answers in given)


def take_same(url: str, count: int) -> list[tuple[str, bool]]:
    with open_records(url) as records:
        taken = [come_again(partial(take, records, f"A-{index}")) for index in range(count)]
    return [(intake.number, intake.first) for intake in taken]


@pytest.mark.rule("R10")
def test_the_same_channel_number_at_the_same_instant_is_one_claim(records_url: str) -> None:
    given = at_once(take_same, [(records_url, 20)] * 3)
    for answers in zip(*given, strict=True):
        assert len({number for number, _ in answers}) == 1
        assert [first for _, first in answers].count(True) == 1
        assert re.fullmatch(r"QH20261125\d{4}", answers[0][0])


def first_record(paper: Paper) -> ClaimChange:
    changed, removed = claim_changes(opened(paper.claim), paper.claim)
    return ClaimChange(
        number=paper.claim.number,
        seq=paper.claim.seq,
        changed=changed,
        removed=tuple(removed),
        entries=tuple(paper.journal),
    )


def take_paper(records: Records, paper: Paper, received_at: datetime | None) -> None:
    opening = Opening(
        number=paper.claim.number,
        order=paper.claim.order,
        actor=OPERATOR,
        received_at=received_at,
        policy=paper.claim.policy,
    )
    line = IntakeRecord(
        number=paper.claim.number,
        channel="12345",
        external_id="",
        payload=opening.model_dump(mode="json"),
        received_at=WEDNESDAY,
        started_at=None,
    )
    restore_intake(records, line)


@pytest.mark.rule("R10")
def test_the_first_record_builds_on_what_was_taken_in(records: Records) -> None:
    paper = Paper()
    change = ClaimChange.model_validate_json(first_record(paper).model_dump_json())
    with pytest.raises(BaseLost):
        write_change(records, change)
    take_paper(records, paper, paper.claim.registered_at)
    for _ in range(2):
        write_change(records, change)
        assert snapshot(records, paper.claim.number) == paper.claim
    assert [entry.seq for entry in journal(records, paper.claim.number)] == [1, 2]


@pytest.mark.rule("R10")
def test_a_first_record_does_not_build_on_another_claim_of_its_number(records: Records) -> None:
    paper = Paper()
    take_paper(records, paper, paper.claim.registered_at + timedelta(seconds=1))
    with pytest.raises(BaseLost):
        write_change(records, first_record(paper))
    assert snapshot(records, paper.claim.number) is None
    write_change(records, first_record(paper).model_copy(update={"claim": paper.claim, "changed": {}}))
    assert snapshot(records, paper.claim.number) == paper.claim


@pytest.mark.rule("R6")
def test_a_later_record_writes_what_is_another_now(records: Records) -> None:
    paper = Paper()
    take_paper(records, paper, paper.claim.registered_at)
    write_change(records, first_record(paper))
    before, lines = paper.claim, len(paper.journal)
    paper.fed_back()
    changed, removed = claim_changes(before, paper.claim)
    later = ClaimChange(
        number=before.number,
        seq=paper.claim.seq,
        base=before.seq,
        changed=changed,
        removed=tuple(removed),
        entries=tuple(paper.journal[lines:]),
    )
    write_change(records, later)
    assert snapshot(records, before.number) == paper.claim
    with records.reading() as connection:
        rows = connection.execute(select(LIMIT.c.id, LIMIT.c.status).where(LIMIT.c.number == before.number))
        assert {row.id: row.status for row in rows} == {x.id: x.status for x in paper.claim.limits}


@pytest.mark.rule("R10")
@pytest.mark.parametrize(
    ("known", "rebuilt", "differs", "kept"),
    [
        (f"{OF_A_FORM}someone:web-1", "", False, f"{OF_A_FORM}someone:web-1"),
        ("HOT-9", "", True, ""),
        ("HOT-9", "HOT-1", True, "HOT-1"),
    ],
)
def test_the_key_of_a_form_is_no_difference_from_its_history_and_stays(
    records: Records, tmp_path: Path, known: str, rebuilt: str, differs: bool, kept: str
) -> None:
    paper = Paper()
    number = take(records, known, day=day("Tue 2026-11-24")).number
    assert number == paper.claim.number
    write_step(records, TransitionRecord(claim=paper.claim))
    line = intake_of(records, number)
    assert line is not None
    with open_records(f"sqlite:///{tmp_path}/rebuilt.db") as expected:
        write_step(expected, TransitionRecord(claim=paper.claim))
        restore_intake(expected, line.model_copy(update={"external_id": rebuilt}))
        assert bool(list(compare_claim(records, expected, number))) is differs
        assert rewrite_claim(records, expected, number, seen=paper.claim.seq)
        assert list(compare_claim(records, expected, number)) == []
    line = intake_of(records, number)
    assert line is not None
    assert line.external_id == kept
    assert take(records, known, day=day("Tue 2026-11-24")).first is differs
