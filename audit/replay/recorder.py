"""Records a workflow's effects during a replay."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from pydantic import ValidationError
from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleUpdateInput,
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from activities.lights import AccountRecord
from assessment.cases.model import CaseRecord
from audit.replay.replayed_run import Paper, ReplayedRun, ScheduleRequest, State, Taken
from claims.deadlines.recalculation import NewCalendar, NewEdition, RecalculationResult
from claims.deadlines.scheduling import LimitRequest
from claims.model.journal import TransitionRecord
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.terms import BackgroundTaskKind
from claims.papers.requests import FiledPaper, PaperRequest
from claims.recording.change import ClaimChange, opened
from claims.transition import Transition
from workflows.claim import ClaimWorkflow
from workflows.unit import UnitWorkflow


class ReplayRecorder(Interceptor):
    """Fills a `ReplayedRun` with the workflow's activity arguments and state changes."""

    def __init__(self) -> None:
        self._replayed: ReplayedRun | None = None
        self._instance: object = None

    def start(self, replayed: ReplayedRun) -> None:
        """Record the next replay into `replayed`."""
        self._replayed = replayed

    def finish(self) -> None:
        """Store a unit's final account and stop recording."""
        if self._replayed is not None and isinstance(self._instance, UnitWorkflow):
            self._replayed.account = self._instance.account
        self._replayed = self._instance = None

    def workflow_interceptor_class(
        self,
        _input: WorkflowInterceptorClassInput,
    ) -> type[WorkflowInboundInterceptor]:
        recorder = self

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                self._replayed = recorder._replayed
                super().init(_Outbound(outbound, self._replayed) if self._replayed is not None else outbound)

            async def execute_workflow(self, input: ExecuteWorkflowInput) -> object:
                recorder._instance = workflow.instance()
                if self._replayed is not None:
                    _follow_claim(recorder._instance, self._replayed)
                return await super().execute_workflow(input)

            async def handle_update_handler(self, input: HandleUpdateInput) -> object:
                answer = await super().handle_update_handler(input)
                if (
                    self._replayed is not None
                    and isinstance(answer, RecalculationResult)
                    and answer.record is not None
                ):
                    _record_recalculation(self._replayed, answer.record, input.args)
                return answer

        return Inbound


class _Outbound(WorkflowOutboundInterceptor):
    """Records the arguments of activities."""

    def __init__(self, next: WorkflowOutboundInterceptor, replayed: ReplayedRun) -> None:
        super().__init__(next)
        self._replayed = replayed

    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[object]:
        _record_arguments(self._replayed, input.args)
        return self.next.start_local_activity(input)

    def start_activity(self, input: StartActivityInput) -> ActivityHandle[object]:
        _record_arguments(self._replayed, input.args)
        handle = self.next.start_activity(input)
        if input.activity == BackgroundTaskKind.FILE_PAPER:
            _record_paper(self._replayed, PaperRequest.model_validate(input.args[0]), handle)
        return handle


def _record_arguments(replayed: ReplayedRun, arguments: Sequence[object]) -> None:
    for argument in arguments:
        match argument:
            case TransitionRecord():
                # The same record is sent again if the database did not answer.
                if not replayed.steps or replayed.steps[-1] is not argument:
                    replayed.steps.append(argument)
            case ClaimChange():
                _record_change(replayed, argument)
            case AccountRecord():
                replayed.accounts.append(argument)
            case CaseRecord():
                replayed.cases.append(argument)
            case LightRevoked():
                replayed.revocations.append(argument)
            case list():
                requests = [request for request in argument if isinstance(request, LimitRequest)]
                replayed.schedule_requests += [
                    ScheduleRequest(workflow.now(), request) for request in requests
                ]


def _record_change(replayed: ReplayedRun, change: ClaimChange) -> None:
    """Record a change: apply it to the claim that the records held before."""
    last = replayed.steps[-1].claim if replayed.steps else None
    if last is None and change.has_base and replayed.claim is None:
        replayed.before_run.append(change)
        return
    if last is None and replayed.claim is not None:
        last = opened(replayed.claim)
    claim = change.claim or (change.after(last) if last and change.has_base else last)
    if claim is not None:
        lines = TransitionRecord(
            claim=claim, entries=change.entries, outcomes=change.outcomes, notices=change.notices
        )
        replayed.steps.append(lines)


def _record_recalculation(
    replayed: ReplayedRun, record: TransitionRecord, arguments: Sequence[object]
) -> None:
    """Record a claim's answer to an update of the calendar or the policy, which brought the schedules (R6)."""
    replayed.steps.append(record)
    for argument in arguments:
        if isinstance(argument, NewCalendar | NewEdition):
            replayed.schedule_requests += [
                ScheduleRequest(workflow.now(), answer.request) for answer in argument.answers
            ]


def _record_paper(replayed: ReplayedRun, request: PaperRequest, handle: ActivityHandle[object]) -> None:
    place = len(replayed.papers)
    replayed.papers.append(Paper(request))

    def record(done: asyncio.Future[object]) -> None:
        if not done.cancelled() and done.exception() is None:
            with suppress(ValidationError):  # an altered result proves nothing: the paper counts as not filed
                replayed.papers[place] = Paper(request, FiledPaper.model_validate(done.result()))

    handle.add_done_callback(record)


def _follow_claim(instance: object, replayed: ReplayedRun) -> None:
    """Record a claim's states from its registration on."""
    if not isinstance(instance, ClaimWorkflow):
        return
    instance.effects.recorder.witness = lambda step: _record_step(replayed, step)
    instance.inbox.witness = lambda item: replayed.taken.append(Taken(workflow.now(), item))
    replayed.opening, replayed.claim = instance.opening, instance.claim
    replayed.states.append(State(workflow.now(), instance.claim))
    for change in replayed.before_run:
        _record_change(replayed, change)


def _record_step(replayed: ReplayedRun, step: Transition) -> None:
    replayed.claim = step.claim
    replayed.states.append(State(workflow.now(), step.claim))
    replayed.written += step.entries
