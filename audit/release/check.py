"""Checks kept histories and those of open workflows against this code, one by one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from enum import StrEnum
from typing import Final, NamedTuple

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from audit.problems import AuditProblem, HistoryCorrupt, NeedsLaterVersion, WorkerFroze
from audit.release.comparison import CommandDiffers, compare_journals, compare_with_history
from audit.replay.replayer import ReplayResult, replay_runs
from claims.model.values import Value
from runtime.data_converter import DATA_CONVERTER

MOST_NAMED: Final = 20
"""Maximum differences listed per history; the others are counted."""
_RESET: Final = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW


class Subject(NamedTuple):
    """A history to check and its name: a workflow's id, or the name of a kept file."""

    name: str
    history: WorkflowHistory | AuditProblem


class Blame(StrEnum):
    """The cause of a finding."""

    NEW = "new"
    """This code decides differently from the history."""
    BEFORE = "before"
    """The history was damaged before; this code is not the cause."""


class ReleaseFinding(Value):
    """What is wrong with one history."""

    subject: str
    blame: Blame
    problem: str = ""
    """Why it does not replay; empty if it replays with differences."""
    differences: tuple[CommandDiffers, ...] = ()
    more: int = 0
    """The number of differences not listed."""

    @property
    def lines(self) -> Iterator[str]:
        """Return the finding as text."""
        said = "本版程序与历史不一致" if self.blame is Blame.NEW else "历史此前已有损坏，与本版程序无关"
        yield f"{self.subject}　{said}" + (f"：{self.problem}" if self.problem else "")
        yield from (f"　　{one.message}" for one in self.differences)
        if self.more:
            yield f"　　另有 {self.more} 处"

    @property
    def identity(self) -> str:
        """Return the key that identifies the finding in an earlier report."""
        first = self.differences[0].message if self.differences else ""
        return f"{self.subject}|{self.problem}|{first}"


class CheckedHistory(NamedTuple):
    """A checked history. `finding` is None if this code reproduces it."""

    subject: str
    finding: ReleaseFinding | None


async def check_histories(
    subjects: AsyncIterable[Subject],
    converter: DataConverter = DATA_CONVERTER,
    *,
    build: str = "",
    known: AbstractSet[str] = frozenset(),
) -> AsyncGenerator[CheckedHistory, None]:
    """Check histories in order, with one at a time in memory. `build` is this code's build id, if any;
    `known` holds identities of findings that the running build also has.
    """
    names: list[str] = []
    unreadable: list[CheckedHistory] = []
    async with aclosing(replay_runs(_readable(subjects, names, unreadable), converter)) as results:
        async for result in results:
            while unreadable:
                yield unreadable.pop(0)
            finding = await _finding(names.pop(0), result, converter, build)
            yield CheckedHistory(finding.subject, _judged(finding, known) if _is_bad(finding) else None)
    for one in unreadable:
        yield one


async def _readable(
    subjects: AsyncIterable[Subject], names: list[str], unreadable: list[CheckedHistory]
) -> AsyncIterator[WorkflowHistory]:
    async for name, history in subjects:
        if isinstance(history, AuditProblem):
            finding = ReleaseFinding(subject=name, blame=Blame.BEFORE, problem=str(history))
            unreadable.append(CheckedHistory(name, finding))
        else:
            names.append(name)
            yield history


def _is_bad(finding: ReleaseFinding) -> bool:
    return bool(finding.problem or finding.differences)


def _judged(finding: ReleaseFinding, known: AbstractSet[str]) -> ReleaseFinding:
    was_there = finding.identity in known
    return finding.model_copy(update={"blame": Blame.BEFORE}) if was_there else finding


async def _finding(name: str, result: ReplayResult, converter: DataConverter, build: str) -> ReleaseFinding:
    if result.replayed is not None:
        differences = await compare_with_history(result.history, result.replayed, converter)
    elif result.stopped is not None and not isinstance(result.problem, NeedsLaterVersion):
        differences = await compare_journals(result.history, result.stopped, result.failed_at, converter)
    else:
        differences = []
    return ReleaseFinding(
        subject=name,
        blame=_blame(result, differences, build),
        problem=str(result.problem) if result.problem else "",
        differences=tuple(differences[:MOST_NAMED]),
        more=max(0, len(differences) - MOST_NAMED),
    )


def _blame(result: ReplayResult, differences: list[CommandDiffers], build: str) -> Blame:
    """Return BEFORE for a damaged history, a frozen worker's, one that fails on the build that runs it, or
    one whose differing commands come from a build of this name.
    """
    if isinstance(result.problem, HistoryCorrupt | WorkerFroze):
        return Blame.BEFORE
    own = bool(build) and bool(differences) and all(one.build == build for one in differences)
    return Blame.BEFORE if own or _is_stalled(result.history) else Blame.NEW


def _is_stalled(history: WorkflowHistory) -> bool:
    """Return whether the last task failed on the build that runs the workflow."""
    for event in reversed(history.events):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return False
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            return event.workflow_task_failed_event_attributes.cause != _RESET
    return False


async def ahead(subjects: AsyncIterable[Subject], *, most: int = 4) -> AsyncGenerator[Subject, None]:
    """Yield the subjects, fetching some ahead while others are replayed."""
    waiting: asyncio.Queue[Subject | None] = asyncio.Queue(most)

    async def fill() -> None:
        try:
            async for subject in subjects:
                await waiting.put(subject)
        finally:
            await waiting.put(None)

    filling = asyncio.create_task(fill())
    try:
        while (subject := await waiting.get()) is not None:
            yield subject
        await filling
    finally:
        filling.cancel()
