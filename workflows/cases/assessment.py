"""A period's assessment (R62): `assessment-<period>`, from the period's end to its published edition and beyond."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from activities import priorities
    from activities.assessment.messages import (
        DRAFT_ASSESSMENT,
        MAKE_EDITION,
        DraftMade,
        DraftRequest,
        EditionMade,
        EditionNote,
        EditionRequest,
    )
    from activities.task_queues import ActivityQueue
    from activities.workflow_ids import assessment_workflow_id
    from assessment.cadence import procedure
    from assessment.cadence.actions import PeriodAction
    from assessment.cadence.model import STAGE_NAMES, PeriodStage, PeriodState
    from assessment.cadence.ui_summary import period_ui_summary
    from assessment.cases.model import CaseEnvelope, CaseKind, CaseSnapshot
    from assessment.cases.step import CaseStep
    from assessment.editions.composition import Drawn
    from assessment.periods import longer_periods
    from claims.model.journal import Outcome
    from claims.model.labels import end_of
    from workflows.cases.assessment_edition import note_edition
    from workflows.cases.case_runner import QUERY_STATE, CaseOpening, CaseRunner
    from workflows.execution.cancellation import CANCELLED, Cancellation
    from workflows.incoming.message_contents import NO_ARGUMENT
    from workflows.outgoing import retry_policies
    from workflows.outgoing.ended_activities import until_done
    from workflows.outgoing.task_queues import beside_own
    from workflows.search_attributes import ASSESSMENT_STAGE

Made = TypeVar("Made", DraftMade, EditionMade)

ASSESSMENT: Final = "Assessment"
MONTH_PUBLISHED: Final = "month_published"
TRY_AGAIN: Final = timedelta(days=1)
"""How long until an incomplete draft is tried again."""
CORRECTABLE_FOR: Final = timedelta(days=400)
"""How long a period can be corrected after its last edition: until after the year's appraisal."""
MAKING_WITHIN: Final = timedelta(minutes=30)
SIGN_OF_LIFE_WITHIN: Final = timedelta(seconds=30)


@workflow.defn(name=ASSESSMENT)
class AssessmentWorkflow:
    """One period. Signals bring people's acts, which are decided at once by the rules of `assessment.cadence`."""

    @workflow.init
    def __init__(self, opening: CaseOpening) -> None:
        state = PeriodState.model_validate({"period": opening.id, **opening.state})
        self._runner = CaseRunner(CaseKind.ASSESSMENT, opening, state, self._act, procedure.RULE)
        self._has_news = False
        self._cancellation = Cancellation()
        self._show()

    @workflow.run
    async def run(self, _opening: CaseOpening) -> str:
        """Gather, draft, hear objections, publish, correct; then the hash of the edition in force."""
        recording = self._runner.begin()
        while not (self._is_over and self._runner.is_settled):
            try:
                await self._go_on()
            except CANCELLED as error:
                self._cancellation.take(error)
                said = "收到取消工作流的请求，不予取消"
                self._adopt(procedure.note_problem(self._state, said, now=workflow.now()))
        recording.cancel()
        return self._state.newest.hash if self._state.newest else ""

    @property
    def _state(self) -> PeriodState:
        return self._runner.state

    @property
    def _is_over(self) -> bool:
        newest = self._state.newest
        if newest is None or self._state.stage is not PeriodStage.PUBLISHED:
            return False
        return workflow.now() >= newest.published_at + CORRECTABLE_FOR

    async def _go_on(self) -> None:
        """Do what the stage requires until it changes; in the last stage, until everything is recorded or somebody corrects."""
        if self._is_over:
            await workflow.wait_condition(lambda: self._runner.is_settled or not self._is_over)
            return
        match self._state.stage:
            case PeriodStage.WAITING:
                await self._wait_for_its_end()
                await self._make_draft()
            case PeriodStage.ASKING:
                await self._wait(lambda: self._state.is_answered, None, "")
                await self._make_draft()
            case PeriodStage.DRAFT:
                await self._hear_objections()
            case PeriodStage.PUBLISHING:
                await self._publish()
            case PeriodStage.PUBLISHED:
                await self._stay_correctable()
        if workflow.info().is_continue_as_new_suggested() and self._runner.is_recorded:
            workflow.continue_as_new(self._runner.opening())

    async def _wait_for_its_end(self) -> None:
        ends_at = self._state.of.ends_at
        if workflow.now() < ends_at:
            await self._wait(lambda: False, ends_at, f"{self._state.period}结束")

    async def _make_draft(self) -> None:
        """Make a draft; if something is missing, ask people for it or try again when a month is published."""
        state = self._state
        request = DraftRequest(
            period=state.period,
            scheme=state.scheme,
            at=workflow.now(),
            answers=state.sampled_answers,
            points=tuple(one.points for one in state.points),
        )
        self._has_news = False
        made: DraftMade = await self._make(DRAFT_ASSESSMENT, request, DraftMade, "归集数据，形成草案")
        if made.draft is not None:
            self._adopt(procedure.adopt_draft(self._state, made.draft, now=workflow.now()))
        elif made.wanted is not None:
            self._adopt(procedure.ask(self._state, made.wanted, now=workflow.now()))
        else:
            self._adopt(procedure.note_problem(self._state, made.problem, now=workflow.now()))
            again_at = workflow.now() + TRY_AGAIN
            await self._wait(lambda: self._has_news, again_at, "再次归集")

    async def _hear_objections(self) -> None:
        draft = self._state.draft
        due_at = draft.publication_due_at if draft and not self._state.overdue else None
        summary = f"公布期限 {end_of(draft.publication_day, draft.publication_due_at)}" if draft else ""
        if await self._wait(lambda: self._state.stage is not PeriodStage.DRAFT, due_at, summary):
            return
        self._adopt(procedure.note_overdue(self._state, now=workflow.now()))

    async def _publish(self) -> None:
        """R62: the edition is frozen; its hash goes into this history, the records and the archive's chain."""
        request = self._edition_request()
        made: EditionMade = await self._make(MAKE_EDITION, request, EditionMade, "形成通报")
        if made.edition is None:
            self._adopt(procedure.note_problem(self._state, made.problem, now=workflow.now()))
            return
        step = procedure.adopt_edition(self._state, made.edition, made.units, now=workflow.now())
        self._adopt(step)
        note = EditionNote(
            period=self._state.period,
            published=step.state.published[-1],
            upheld=request.upheld,
            answers=request.answers,
            points=request.points,
            drawn=request.drawn,
        )
        await note_edition(note)
        for longer in longer_periods(self._state.of):
            await self._tell(str(longer))

    def _edition_request(self) -> EditionRequest:
        state = self._state
        if state.draft is None:
            raise LookupError(f"{state.period} has no draft")
        wanted = state.wanted
        return EditionRequest(
            period=state.period,
            scheme=state.scheme,
            at=workflow.now(),
            edition=len(state.published) + 1,
            draft=state.draft,
            recount=state.is_to_be_recounted,
            upheld=state.upheld_exclusions,
            before=state.newest,
            answers=state.sampled_answers,
            points=tuple(one.points for one in state.points),
            drawn=Drawn(seed=wanted.seed, sample=wanted.sample) if wanted.seed else None,
        )

    async def _tell(self, period: str) -> None:
        """Tell longer periods that may wait for this month; most of them have not begun."""
        try:
            await workflow.get_external_workflow_handle(assessment_workflow_id(period)).signal(
                MONTH_PUBLISHED
            )
        except FailureError:
            return

    async def _stay_correctable(self) -> None:
        newest = self._state.newest
        until = newest.published_at + CORRECTABLE_FOR if newest else None
        await self._wait(lambda: self._state.stage is not PeriodStage.PUBLISHED, until, "更正期满")

    async def _wait(self, comes: Callable[[], bool], until: datetime | None, summary: str) -> bool:
        """Wait until something comes; False where an instant was reached first."""
        left = max(until - workflow.now(), timedelta()) if until else None
        try:
            await workflow.wait_condition(
                lambda: comes() or self._runner.ends_run, timeout=left, timeout_summary=summary or None
            )
        except TimeoutError:
            return False
        if not comes():
            self._runner.continue_if_due()
        return True

    async def _make(
        self, activity: str, request: DraftRequest | EditionRequest, kind: type[Made], summary: str
    ) -> Made:
        made: Made = await until_done(
            lambda: workflow.execute_activity(
                activity,
                request,
                result_type=kind,
                task_queue=beside_own(ActivityQueue.LONG),
                start_to_close_timeout=MAKING_WITHIN,
                heartbeat_timeout=SIGN_OF_LIFE_WITHIN,
                retry_policy=retry_policies.RECORDS,
                priority=priorities.PAPERS,
                summary=summary,
            )
        )
        return made

    def _act(
        self, state: PeriodState, action: StrEnum, envelope: CaseEnvelope
    ) -> tuple[CaseStep[PeriodState], Outcome]:
        return procedure.perform(state, PeriodAction(action), envelope, now=workflow.now())

    def _receive(self, action: PeriodAction, message: RawValue) -> None:
        self._runner.receive(action, message)
        self._show()

    def _adopt(self, step: CaseStep[PeriodState]) -> None:
        self._runner.adopt(step)
        self._show()

    def _show(self) -> None:
        """Write the search attributes that have changed."""
        name = STAGE_NAMES[self._state.stage]
        if workflow.info().typed_search_attributes.get(ASSESSMENT_STAGE) != name:
            workflow.upsert_search_attributes([ASSESSMENT_STAGE.value_set(name)])

    def current_details(self) -> str:
        """For `workflows.execution.current_details`."""
        return period_ui_summary(self._state)

    @workflow.query(name=QUERY_STATE, description="考核周期现状；附请求编号时一并返回该请求的结果")
    def snapshot(self, request_id: str = "") -> CaseSnapshot:
        """The period as it stands."""
        return self._runner.snapshot(request_id)

    @workflow.signal(name="object", description="单位对草案提出异议（R62）")
    def on_object(self, message: RawValue = NO_ARGUMENT) -> None:
        """A unit objects."""
        self._receive(PeriodAction.OBJECT, message)

    @workflow.signal(name="decide_objection", description="核定一项异议（R62）")
    def on_decide_objection(self, message: RawValue = NO_ARGUMENT) -> None:
        """A coordinator decides an objection."""
        self._receive(PeriodAction.DECIDE_OBJECTION, message)

    @workflow.signal(name="publish", description="公布（R62）；由综合协调组经接口办理")
    def on_publish(self, message: RawValue = NO_ARGUMENT) -> None:
        """A coordinator publishes."""
        self._receive(PeriodAction.PUBLISH, message)

    @workflow.signal(name="correct", description="更正已公布的一期（R62）")
    def on_correct(self, message: RawValue = NO_ARGUMENT) -> None:
        """A coordinator corrects."""
        self._receive(PeriodAction.CORRECT, message)

    @workflow.signal(name="record_reinterviews", description="登记再回访结果（R62）")
    def on_record_reinterviews(self, message: RawValue = NO_ARGUMENT) -> None:
        """The hotline records answers."""
        self._receive(PeriodAction.RECORD_REINTERVIEWS, message)

    @workflow.signal(name="give_organisation_points", description="组织领导评分（R62）")
    def on_give_organisation_points(self, message: RawValue = NO_ARGUMENT) -> None:
        """A coordinator gives points."""
        self._receive(PeriodAction.GIVE_ORGANISATION_POINTS, message)

    @workflow.signal(name=MONTH_PUBLISHED, description="某月通报已公布；不由人工发送")
    def on_month_published(self, _message: RawValue = NO_ARGUMENT) -> None:
        """A month of this period is published. Whoever says so: the records are asked whether it is."""
        self._runner.count_news()
        self._has_news = True

    @workflow.signal(dynamic=True, description="不认识的信号：记入日志，不改变考核")
    def on_unknown(self, name: str, _args: Sequence[RawValue]) -> None:
        """A mistyped signal is recorded and changes nothing."""
        self._runner.note_unreadable(name)
