"""Records begin a moment after the act, papers and lights after the records, and everything else at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import cast

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
)

from activities import answers_first
from activities.answers_first import AFTER_RECORDS, RECORDS_AFTER, AnswersFirst
from activities.deadlines import FIX_DEADLINES
from activities.records import RECORD_CHANGE
from claims.model.terms import BackgroundTaskKind
from workflows.execution import slots as slots_module
from workflows.execution.slots import QUIET, SlotsAfterRecords

PAPER = BackgroundTaskKind.FILE_PAPER.value
LIGHT = BackgroundTaskKind.REPORT_LIGHT.value


class Running(ActivityInboundInterceptor):
    """An activity that runs until it is told to end."""

    def __init__(self) -> None:
        self.has_begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        self.has_begun.set()
        await self.may_end.wait()
        return None

    async def begins_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self.has_begun.wait()
        except TimeoutError:
            return False


@contextmanager
def started(kind: str, order: AnswersFirst) -> Iterator[Running]:
    running = Running()
    handler = order.intercept_activity(running)
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, activity_type=kind)
    call = ExecuteActivityInput(fn=lambda: None, args=[], executor=None, headers={})
    task = asyncio.ensure_future(environment.run(handler.execute_activity, call))
    yield running
    task.cancel()


async def test_a_record_lets_the_answer_go_first() -> None:
    with started(RECORD_CHANGE, AnswersFirst()) as record:
        assert not await record.begins_within(RECORDS_AFTER / 2)
        assert await record.begins_within(5)


async def test_deadlines_wait_for_nothing() -> None:
    order = AnswersFirst()
    with started(RECORD_CHANGE, order), started(FIX_DEADLINES, order) as deadlines:
        assert await deadlines.begins_within(RECORDS_AFTER / 2)


@pytest.mark.parametrize("kind", [PAPER, LIGHT])
async def test_papers_and_lights_come_after_every_record(kind: str) -> None:
    order = AnswersFirst()
    with (
        started(RECORD_CHANGE, order) as one,
        started(kind, order) as later,
        started(RECORD_CHANGE, order) as another,
    ):
        one.may_end.set()
        assert not await later.begins_within(0.5)
        another.may_end.set()
        assert await later.begins_within(5)


@pytest.mark.parametrize("kind", [PAPER, LIGHT])
async def test_records_without_end_hold_nothing_up(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers_first, "AFTER_RECORDS", {kind: 0.3})
    order = AnswersFirst()
    with started(RECORD_CHANGE, order), started(kind, order) as later:
        assert not await later.begins_within(0.2)
        assert await later.begins_within(5)


async def slot_of(supplier: SlotsAfterRecords, seconds: float) -> SlotPermit | None:
    """Return a slot if there is one within so many seconds. The suppliers do not look at the context."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await supplier.reserve_slot(cast("SlotReserveContext", None))
    return None


async def test_papers_are_not_asked_for_until_the_records_have_been_quiet() -> None:
    order = AnswersFirst()
    slots = SlotsAfterRecords(order, 1)
    with order.record():
        assert await slot_of(slots, 0.2) is None
    assert await slot_of(slots, QUIET / 2) is None
    with order.record():
        pass
    assert await slot_of(slots, QUIET * 0.8) is None
    assert await slot_of(slots, 5) is not None


async def test_in_virtual_time_papers_come_right_after_the_records() -> None:
    order = AnswersFirst()
    slots = SlotsAfterRecords(order, 1, quiet=0.0)
    with order.record():
        assert await slot_of(slots, 0.2) is None
    assert await slot_of(slots, QUIET / 2) is not None


async def test_records_without_end_delay_papers_by_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots_module, "SLOTS_AFTER_RECORDS", 0.3)
    order = AnswersFirst()
    with order.record():
        assert await slot_of(SlotsAfterRecords(order, 1), 0.2) is None
        assert await slot_of(SlotsAfterRecords(order, 1), 5) is not None


async def test_a_slot_is_free_again_once_its_task_has_ended() -> None:
    slots = SlotsAfterRecords(AnswersFirst(), 2)
    assert await slot_of(slots, 5) is not None
    assert await slot_of(slots, 5) is not None
    assert await slot_of(slots, 0.2) is None
    await asyncio.to_thread(slots.release_slot, cast("SlotReleaseContext", None))
    assert await slot_of(slots, 5) is not None
    assert await slot_of(slots, 0.2) is None


def test_a_wait_ends_long_before_its_activity_would_time_out() -> None:
    assert AFTER_RECORDS[PAPER] <= 20 / 2
    assert AFTER_RECORDS[LIGHT] <= 5 / 2
