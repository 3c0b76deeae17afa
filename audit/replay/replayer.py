"""Replays histories on this code with Temporal's Replayer.

Needs no server, no database and no settings. One worker replays any number of histories, one after the other. What
the workflows do is recorded by `audit.replay.recorder`.
"""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowReplayResult,
)
from temporalio.workflow import NondeterminismError

from audit.histories.parsing import run_of
from audit.problems import AuditProblem, DoesNotReplay, HistoryCorrupt
from audit.replay.recorder import ReplayRecorder
from audit.replay.replayed_run import ReplayedRun
from runtime.data_converter import DATA_CONVERTER
from workflows.calendar_update import CalendarUpdateWorkflow
from workflows.claim import ClaimWorkflow
from workflows.edition_update import EditionUpdateWorkflow
from workflows.unit import UnitWorkflow

WORKFLOWS: Final = (ClaimWorkflow, UnitWorkflow, CalendarUpdateWorkflow, EditionUpdateWorkflow)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The outcome for one history: the replayed run, or the problem with the history."""

    history: WorkflowHistory
    replayed: ReplayedRun | None = None
    problem: AuditProblem | None = None


async def replay_run(history: WorkflowHistory, data_converter: DataConverter = DATA_CONVERTER) -> ReplayedRun:
    """Replay one history. Raises HistoryCorrupt, DoesNotReplay."""
    async with aclosing(replay_runs([history], data_converter)) as results:
        result = await anext(results)
    if result.replayed is None:
        raise result.problem or DoesNotReplay(f"{history.workflow_id} 的历史没有重演")
    return result.replayed


async def replay_runs(
    histories: Iterable[WorkflowHistory] | AsyncIterable[WorkflowHistory],
    data_converter: DataConverter = DATA_CONVERTER,
) -> AsyncGenerator[ReplayResult, None]:
    """Replay histories in order; memory holds one at a time.

    Close the generator (`aclosing`) unless it is read to its end.
    """
    recorder, feed = ReplayRecorder(), _HistoryFeed()
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter,
        interceptors=[recorder],
        runtime=_quiet_runtime(),
        build_id="replay",  # otherwise the SDK hashes the code of all modules
    )
    async with replayer.workflow_replay_iterator(feed.histories()) as results:
        async for history in _each(histories):
            try:
                replayed = ReplayedRun(run_of(history))
            except HistoryCorrupt as problem:
                yield ReplayResult(history, problem=problem)
                continue
            recorder.start(replayed)
            feed.history = history
            result = await anext(results)
            recorder.finish()
            yield _result(replayed, result)


def _result(replayed: ReplayedRun, result: WorkflowReplayResult) -> ReplayResult:
    name, failure = replayed.run.workflow_id, result.replay_failure
    if failure is not None:
        why = "与程序的办理流程不符" if isinstance(failure, NondeterminismError) else "重演中断"
        problem = DoesNotReplay(f"{name} 的历史{why}，历史或程序曾被改动（{_short(failure)}）")
        return ReplayResult(result.history, problem=problem)
    return ReplayResult(result.history, replayed=replayed)


def _short(failure: Exception) -> str:
    return str(failure).split("\n", 1)[0][:300]


async def _each(
    histories: Iterable[WorkflowHistory] | AsyncIterable[WorkflowHistory],
) -> AsyncIterator[WorkflowHistory]:
    if isinstance(histories, AsyncIterable):
        async for history in histories:
            yield history
    else:
        for history in histories:
            yield history


class _HistoryFeed:
    """Gives the Replayer the next history whenever it asks for one."""

    def __init__(self) -> None:
        self.history = WorkflowHistory("", [])

    async def histories(self) -> AsyncIterator[WorkflowHistory]:
        while True:
            yield self.history


@lru_cache(maxsize=1)
def _quiet_runtime() -> Runtime:
    """Logs nothing: a failed replay is reported in the result."""
    return Runtime(telemetry=TelemetryConfig(logging=None))
