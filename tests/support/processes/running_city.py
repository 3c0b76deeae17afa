"""Runs the whole system as real processes: Temporal server, worker and API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from runtime.local_stack import LocalStack
from runtime.settings import Settings
from tests.support.processes.forked_program import fork_programs


@asynccontextmanager
async def running_city(home: Path, temporal_cli: Path, *, action_timeout: float) -> AsyncIterator[LocalStack]:
    """Run a system on files, with free ports and movable clocks."""
    settings = Settings(
        home=home,
        temporal_cli=temporal_cli,
        api_port=0,
        temporal_port=0,
        ui_port=0,
        virtual_time=True,
        action_timeout=action_timeout,
    )
    async with fork_programs(LocalStack(settings, say=print)) as running:
        yield running
