"""What is written down begins a moment after the act, everything else at once."""

import asyncio
from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.answers_first import BEGINS_AFTER, AnswersFirst
from activities.deadlines import FIX_DEADLINES
from activities.papers.filing import FILE_PAPER
from activities.records import RECORD_CHANGE


class Noting(ActivityInboundInterceptor):
    def __init__(self) -> None:
        self.has_begun = False

    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        self.has_begun = True
        return None


async def has_begun(kind: str, after: float) -> bool:
    """Whether an activity of this type has begun after so many seconds."""
    noting = Noting()
    handler = AnswersFirst().intercept_activity(noting)
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, activity_type=kind)
    call = ExecuteActivityInput(fn=lambda: None, args=[], executor=None, headers={})
    running = asyncio.ensure_future(environment.run(handler.execute_activity, call))
    await asyncio.sleep(after)
    begun = noting.has_begun
    await running
    assert noting.has_begun
    return begun


@pytest.mark.parametrize("kind", [RECORD_CHANGE, FILE_PAPER])
async def test_records_and_papers_let_the_answer_go_first(kind: str) -> None:
    assert not await has_begun(kind, BEGINS_AFTER[kind] / 2)


async def test_deadlines_wait_for_nothing() -> None:
    assert await has_begun(FIX_DEADLINES, 0.01)
