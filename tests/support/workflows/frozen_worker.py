"""A worker in its own process that stops itself (SIGSTOP) around the completion of a workflow task.

The test continues it (SIGCONT) after the server has timed the task out.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Final

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from records.database.engine import open_records
from runtime.connection import connect
from runtime.settings import Settings
from tests.support.processes.forked_processes import begin
from worker import ACTIVITY_THREADS, build_worker
from workflows.execution import runner

SOON_AFTER: Final = (0.001, 0.003, 0.01, 0.03)
"""Seconds after the workflow's turn in which its completion is sent to the server."""
Activate = Callable[[runner._Instance, WorkflowActivation], WorkflowActivationCompletion]


def freeze() -> None:
    """Stop until somebody sends SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


def freezing(activate: Activate, random: Random, chance: float) -> Activate:
    """Return a runner that sometimes stops the process before, at, or soon after the end of a workflow's turn."""

    def activated(self: runner._Instance, act: WorkflowActivation) -> WorkflowActivationCompletion:
        is_replaying = act.is_replaying or not act.jobs or act.jobs[0].HasField("remove_from_cache")
        if is_replaying or random.random() >= chance:
            return activate(self, act)
        when = random.choice(("before", "at", *SOON_AFTER))
        if when == "before":
            freeze()
        completion = activate(self, act)
        if when == "at":
            freeze()
        elif not isinstance(when, str):
            threading.Timer(when, freeze).start()
        return completion

    return activated


def run_worker(settings: Settings, seed: int, chance: float) -> None:
    """Run the worker; its output goes into its log."""
    begin(log_of(settings))
    setattr(runner._Instance, "activate", freezing(runner._Instance.activate, Random(seed), chance))  # noqa: B010  a method
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    client = await connect(settings)
    with open_records(settings.records_url) as held, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, held, threads):
            await asyncio.Event().wait()


def log_of(settings: Settings) -> Path:
    """Return the path of its log."""
    return settings.home / "frozen-worker.log"


def is_stopped(pid: int) -> bool:
    """Return whether the process waits for SIGCONT."""
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "T"
