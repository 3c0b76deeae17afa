"""What is written down about an act begins a moment after the act.

Nearly every act is followed by the query for its answer. The record of the act is handed to the same worker at the same
instant (eager execution), and a paper soon after; their threads would take the interpreter from the query.
"""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.papers.filing import FILE_PAPER
from activities.records import RECORD_CHANGE

BEGINS_AFTER: Final[Mapping[str, float]] = MappingProxyType({RECORD_CHANGE: 0.05, FILE_PAPER: 0.1})
"""Seconds by activity: more than a query takes, and less than anybody notices."""


class AnswersFirst(Interceptor):
    """Lets records and papers begin after the answers. They hold their slots meanwhile, but no threads."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Stand before every activity."""
        return _Later(next)


class _Later(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        if pause := BEGINS_AFTER.get(activity.info().activity_type):
            await asyncio.sleep(pause)
        result: object = await super().execute_activity(input)
        return result
