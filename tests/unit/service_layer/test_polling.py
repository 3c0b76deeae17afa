"""When the query of a message is sent, and what becomes of one that came too early."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from service_layer.polling import SendingTime, send_and_poll
from service_layer.temporal_errors import NoAnswer, NotRunning

SENDING = 0.2
"""Seconds that a message takes here."""


class Workflow:
    """A workflow that has taken a message in after half of the time that its sender waits."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.acknowledged = False
        self.log: list[str] = []

    async def send(self) -> None:
        await asyncio.sleep(SENDING / 2)
        self.arrived.set()
        await asyncio.sleep(SENDING / 2)
        self.acknowledged = True

    async def query(self, _left: float) -> bool:
        self.log.append("after" if self.acknowledged else "before")
        return self.arrived.is_set()


def known(head_start: float) -> SendingTime:
    return SendingTime(head_start=head_start, usual=SENDING)


async def sent(
    workflow: Workflow,
    time: SendingTime,
    query: Callable[[float], Awaitable[bool]] | None = None,
    within: float = 5,
) -> bool | None:
    return await send_and_poll(
        workflow.send, query or workflow.query, lambda is_there: is_there, within=within, time=time
    )


async def test_the_first_query_waits_for_the_answer() -> None:
    workflow, time = Workflow(), SendingTime(head_start=0.5)
    assert time.head_start is None
    assert await sent(workflow, time)
    assert workflow.log == ["after"]
    assert time.head_start == pytest.approx(SENDING / 2, rel=0.3)


async def test_the_next_one_is_sent_before() -> None:
    workflow = Workflow()
    assert await sent(workflow, known(0.75))
    assert workflow.log == ["before"]


async def test_a_query_that_came_too_early_is_repeated() -> None:
    workflow = Workflow()
    assert await sent(workflow, known(0.1))
    assert workflow.log == ["before", "after"]


async def test_a_message_that_is_faster_than_usual_is_not_waited_for() -> None:
    workflow, time = Workflow(), SendingTime(head_start=0.9, usual=100.0)
    async with asyncio.timeout(5):
        assert await sent(workflow, time)
    assert workflow.log == ["after"]


@pytest.mark.parametrize("error", [NotRunning("claim"), NoAnswer("failed")])
async def test_an_early_query_that_fails_is_repeated(error: Exception) -> None:
    workflow = Workflow()

    async def query(left: float) -> bool:
        if not workflow.acknowledged:
            workflow.log.append("failed")
            raise error
        return await workflow.query(left)

    assert await sent(workflow, known(0.1), query)
    assert workflow.log == ["failed", "after"]


async def test_a_message_that_fails_ends_the_query_and_does_not_count() -> None:
    workflow, time, ended = Workflow(), known(0.1), asyncio.Event()

    async def send() -> None:
        await asyncio.sleep(SENDING)
        raise NotRunning("claim")

    async def query(_left: float) -> bool:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return True

    with pytest.raises(NotRunning):
        await send_and_poll(send, query, bool, within=5, time=time)
    async with asyncio.timeout(5):
        await ended.wait()
    assert time.head_start == pytest.approx(SENDING * 0.1)
    assert workflow.log == []


async def test_the_time_ends_as_if_the_query_had_been_sent_after() -> None:
    """A query that is never answered uses up the time of all."""
    workflow = Workflow()

    async def query(left: float) -> bool:
        workflow.log.append("asked")
        await asyncio.sleep(left)
        raise NoAnswer("no answer in time")

    began = asyncio.get_running_loop().time()
    assert await sent(workflow, known(0.75), query, within=1) is None
    assert asyncio.get_running_loop().time() - began < SENDING + 1.5
    assert len(workflow.log) <= 2


async def test_a_query_that_waits_keeps_its_place_until_the_time_is_up() -> None:
    """On a busy system a repeated one would have to wait behind all others again."""
    asked: list[float] = []

    async def query(left: float) -> bool:
        asked.append(left)
        await asyncio.sleep(min(left, 1.5))
        if left < 1.5:
            raise NoAnswer("no answer in time")
        return True

    time = SendingTime(head_start=0.1, usual=1.0)
    assert await send_and_poll(lambda: asyncio.sleep(1), query, bool, within=1, time=time)
    assert len(asked) == 1
