"""Replaying histories with Temporal's own Replayer on this code, and keeping every step that they take.

Needs no server, no database and no settings. One worker replays any number of histories, one after the other.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pydantic import ValidationError
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleUpdateInput,
    Interceptor,
    Replayer,
    StartActivityInput,
    StartLocalActivityInput,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
    WorkflowReplayResult,
)
from temporalio.workflow import ActivityHandle, NondeterminismError

from activities.lights import AccountRecord
from audit.histories.parsing import run_of
from audit.problems import AuditProblem, DoesNotReplay, HistoryCorrupt
from audit.replay.replayed_run import Fixing, Life, Paper, State
from claims.deadlines.recalculation import NewCalendar, Retimed
from claims.deadlines.scheduling import LimitRequest
from claims.model.change import ClaimChange, patched
from claims.model.journal import StepRecord
from claims.model.terms import ErrandKind
from claims.model.unit_action_bodies import LightRevoked
from claims.papers.requests import FiledPaper, PaperRequest
from claims.step import Step
from workflows.calendar_update import CalendarUpdateWorkflow
from workflows.claim import ClaimWorkflow
from workflows.unit import UnitWorkflow

WORKFLOWS: Final = (ClaimWorkflow, UnitWorkflow, CalendarUpdateWorkflow)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one history: a life, or the problem that it has."""

    history: WorkflowHistory
    life: Life | None = None
    problem: AuditProblem | None = None


async def replay_life(
    history: WorkflowHistory, data_converter: DataConverter = pydantic_data_converter
) -> Life:
    """The life that one history holds. Raises HistoryCorrupt, DoesNotReplay."""
    async with aclosing(replay_all([history], data_converter)) as all_replayed:
        replayed = await anext(all_replayed)
    if replayed.life is None:
        raise replayed.problem or DoesNotReplay(f"{history.workflow_id} 的历史没有重演")
    return replayed.life


async def replay_all(
    histories: Iterable[WorkflowHistory] | AsyncIterable[WorkflowHistory],
    data_converter: DataConverter = pydantic_data_converter,
) -> AsyncGenerator[Replayed, None]:
    """Each history's life or problem, in order; memory holds one at a time. Close it (`aclosing`) where it is
    not read to its end."""
    witness, following = _Witness(), _Following()
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=data_converter,
        interceptors=[witness],
        runtime=_quiet_runtime(),
        build_id="replay",  # else the SDK reads the code of all modules to make one up
    )
    async with replayer.workflow_replay_iterator(following.histories()) as results:
        async for history in _each(histories):
            try:
                life = Life(run_of(history))
            except HistoryCorrupt as problem:
                yield Replayed(history, problem=problem)
                continue
            witness.life, following.history = life, history
            result = await anext(results)
            if isinstance(witness.instance, UnitWorkflow):
                life.account = witness.instance.account
            witness.life = witness.instance = None
            yield _replayed(life, result)


def _replayed(life: Life, result: WorkflowReplayResult) -> Replayed:
    name, failure = life.run.workflow_id, result.replay_failure
    if failure is not None:
        why = "与程序的办理流程不符" if isinstance(failure, NondeterminismError) else "重演中断"
        problem = DoesNotReplay(f"{name} 的历史{why}，历史或程序曾被改动（{_short(failure)}）")
        return Replayed(result.history, problem=problem)
    return Replayed(result.history, life=life)


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


class _Following:
    """Feeds the Replayer with what follows, for as long as it is asked."""

    def __init__(self) -> None:
        self.history = WorkflowHistory("", [])

    async def histories(self) -> AsyncIterator[WorkflowHistory]:
        while True:
            yield self.history


class _Witness(Interceptor):
    """Writes down into `life` what the workflow does that is being replayed."""

    def __init__(self) -> None:
        self.life: Life | None = None
        self.instance: object = None

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: ARG002
    ) -> type[WorkflowInboundInterceptor]:
        witness = self

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                self._life = witness.life
                super().init(_Outbound(outbound, self._life) if self._life is not None else outbound)

            async def execute_workflow(self, input: ExecuteWorkflowInput) -> object:
                witness.instance = workflow.instance()
                if self._life is not None:
                    _watch(witness.instance, self._life)
                return await super().execute_workflow(input)

            async def handle_update_handler(self, input: HandleUpdateInput) -> object:
                answer = await super().handle_update_handler(input)
                if self._life is not None and isinstance(answer, Retimed) and answer.record is not None:
                    _note_retimed(self._life, answer.record, input.args)
                return answer

        return Inbound


class _Outbound(WorkflowOutboundInterceptor):
    """Takes note of what a workflow hands to its activities."""

    def __init__(self, next: WorkflowOutboundInterceptor, life: Life) -> None:
        super().__init__(next)
        self._life = life

    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[object]:
        _note(self._life, input.args)
        return self.next.start_local_activity(input)

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[object]:
        _note(self._life, input.args)
        handle = self.next.start_activity(input)
        if input.activity == ErrandKind.FILE_PAPER:
            _await_paper(self._life, PaperRequest.model_validate(input.args[0]), handle)
        return handle


def _note(life: Life, args: Sequence[object]) -> None:
    for handed in args:
        match handed:
            case StepRecord():
                # Where the database does not answer, the same record is handed over once more.
                if not life.steps or life.steps[-1] is not handed:
                    life.steps.append(handed)
            case ClaimChange():
                _note_change(life, handed)
            case AccountRecord():
                life.accounts.append(handed)
            case LightRevoked():
                life.revocations.append(handed)
            case list():
                requests = [request for request in handed if isinstance(request, LimitRequest)]
                life.fixings += [Fixing(workflow.now(), request) for request in requests]


def _note_change(life: Life, change: ClaimChange) -> None:
    """What the records hold after a change: the claim that they held before, patched."""
    last = life.steps[-1].claim if life.steps else None
    claim = change.claim or (patched(last, change.patch) if last and change.patch is not None else last)
    if claim is not None:
        fields = change.model_dump(include={"entries", "outcomes", "notices"})
        life.steps.append(StepRecord.model_validate({"claim": claim, **fields}))


def _note_retimed(life: Life, record: StepRecord, args: Sequence[object]) -> None:
    """What a claim handed over to be put on record; the answers that it took came with the word (R6)."""
    life.steps.append(record)
    for news in args:
        if isinstance(news, NewCalendar):
            life.fixings += [Fixing(workflow.now(), answer.request) for answer in news.answers]


def _await_paper(life: Life, request: PaperRequest, handle: ActivityHandle[object]) -> None:
    place = len(life.papers)
    life.papers.append(Paper(request))

    def note(done: asyncio.Future[object]) -> None:
        if not done.cancelled() and done.exception() is None:
            with suppress(ValidationError):  # an altered result says nothing: the paper counts as not filed
                life.papers[place] = Paper(request, FiledPaper.model_validate(done.result()))

    handle.add_done_callback(note)


def _watch(instance: object, life: Life) -> None:
    """A claim from its registration on, which was before anybody could look."""
    if not isinstance(instance, ClaimWorkflow):
        return
    instance.effects.recorder.witness = lambda step: _keep_state(life, step)
    life.claim = instance.claim
    life.states.append(State(workflow.now(), instance.claim))


def _keep_state(life: Life, step: Step) -> None:
    life.claim = step.claim
    life.states.append(State(workflow.now(), step.claim))
    life.written += step.entries


@lru_cache(maxsize=1)
def _quiet_runtime() -> Runtime:
    """What does not replay is told once, by us."""
    return Runtime(telemetry=TelemetryConfig(logging=None))
