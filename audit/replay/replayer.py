"""Replays histories on this code with Temporal's Replayer.

Needs no server, database or settings. One worker replays any number of histories one after the other.
`audit.replay.recorder` records the workflows' effects.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from audit.histories.parsing import Run, run_of
from audit.problems import AuditProblem, DoesNotReplay, HistoryCorrupt, NeedsLaterVersion, WorkerFroze
from audit.replay.captured_commands import CommandRecorder
from audit.replay.lost_completions import Cuts, Origins, failing_event, next_cut, worker_froze_text
from audit.replay.recorder import ReplayRecorder
from audit.replay.replayed_run import ReplayedRun
from runtime.data_converter import DATA_CONVERTER
from workflows.execution import later_messages
from workflows.registered import WORKFLOWS

_SENTENCE: Final = re.compile(r'message: "(\[TMPRL[^"]+)"')
_DEADLOCK: Final = "TMPRL1101"
"""The workflow did not yield within two seconds, which the SDK calls a potential deadlock."""
_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The result for one history: the replayed run, or the problem. `stopped` is the partial run of a failed
    replay; `failed_at` is the event where it stopped, if the SDK names one.
    """

    history: WorkflowHistory
    replayed: ReplayedRun | None = None
    problem: AuditProblem | None = None
    stopped: ReplayedRun | None = None
    failed_at: int = 0


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
    """Replay histories in order, with one at a time in memory.

    Close the generator (`aclosing`) unless it is read to its end.
    """
    replays = _Replays(data_converter)
    async with replays:
        async for history in _each(histories):
            yield await replays.replay(history)


class _Replays:
    """One Replayer's worker, which replays histories one after the other."""

    def __init__(self, data_converter: DataConverter) -> None:
        self._recorder, self._commands, self._feed = ReplayRecorder(), CommandRecorder(), _HistoryFeed()
        replayer = Replayer(
            workflows=WORKFLOWS,
            workflow_runner=self._commands,
            data_converter=data_converter,
            interceptors=[self._recorder],
            runtime=_quiet_runtime(),
            debug_mode=True,  # on a busy machine a long history is no deadlock
            build_id="replay",  # otherwise the SDK hashes the code of all modules
        )
        self._running = replayer.workflow_replay_iterator(self._feed.histories())

    async def __aenter__(self) -> Self:
        self._results = await self._running.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._running.__aexit__(kind, error, trace)

    async def replay(self, history: WorkflowHistory) -> ReplayResult:
        """Replay a history; if it does not match, retry with a cut at each possible lost completion."""
        try:
            run = run_of(history)
        except HistoryCorrupt as problem:
            return ReplayResult(history, problem=problem)
        origins = Origins(history.events)
        cuts: Cuts | None = Cuts(origins)
        first: DoesNotReplay | None = None
        stopped: ReplayedRun | None = None
        failed_at = 0
        while cuts is not None:
            replayed, failure = await self._replay_cut(history, run, cuts)
            if failure is None:
                return ReplayResult(history, replayed=replayed)
            first = first or _problem(run, failure, origins)
            stopped, failed_at = replayed, failing_event(str(failure))
            cuts = next_cut(cuts, origins, str(failure))
        return ReplayResult(history, problem=first, stopped=stopped, failed_at=failed_at)

    async def _replay_cut(
        self, history: WorkflowHistory, run: Run, cuts: Cuts
    ) -> tuple[ReplayedRun, Exception | None]:
        """Replay a history; retry if a busy machine caused a false deadlock."""
        tries = 0
        while True:
            tries += 1
            replayed = ReplayedRun(run, lost=[one.started for one in cuts.lost])
            failure = await self._replay_once(history, replayed, cuts)
            if failure is None or _DEADLOCK not in str(failure) or tries == _TRIES:
                return replayed, failure

    async def _replay_once(
        self, history: WorkflowHistory, replayed: ReplayedRun, cuts: Cuts
    ) -> Exception | None:
        self._recorder.start(replayed)
        self._commands.start(replayed.commands, cuts)
        self._feed.history = history
        result = await anext(self._results)
        self._recorder.finish()
        return result.replay_failure


def _problem(run: Run, failure: Exception, origins: Origins) -> DoesNotReplay:
    if later := later_messages.REFUSAL.search(str(failure)):
        sent, known = later.groups()
        return NeedsLaterVersion(
            f"{run.workflow_id} 的历史含有更高版本的程序所发的消息（第{sent}版，本程序只认识到第{known}版），"
            "不等于历史曾被改动；请用较新的程序核对"
        )
    if isinstance(failure, NondeterminismError) and (
        lost := origins.lost_before(failing_event(str(failure)))
    ):
        return WorkerFroze(worker_froze_text(run.workflow_id, origins, lost, str(failure)))
    why = "与程序的办理流程不符" if isinstance(failure, NondeterminismError) else "重演中断"
    return DoesNotReplay(f"{run.workflow_id} 的历史{why}，历史或程序曾被改动（{_short(failure)}）")


def _short(failure: Exception) -> str:
    """Return the SDK's own sentence from a longer text."""
    text = str(failure).split("\n", 1)[0]
    found = _SENTENCE.search(text)
    return found[1][:300] if found else text[:300]


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
    """Feeds histories to the Replayer one by one."""

    def __init__(self) -> None:
        self.history = WorkflowHistory("", [])

    async def histories(self) -> AsyncIterator[WorkflowHistory]:
        while True:
            yield self.history


@lru_cache(maxsize=1)
def _quiet_runtime() -> Runtime:
    """A runtime without logs: a failed replay is reported in its result."""
    return Runtime(telemetry=TelemetryConfig(logging=None))
