"""The procedure of one claim (办理流程, §二.三 to §二.六): one workflow from registration to its end."""

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.deadlines import FIX_DEADLINES
    from claims import procedure
    from claims.deadlines import recalculation, scheduling
    from claims.deadlines.recalculation import NewCalendar
    from claims.model.claim import Claim, Closure
    from claims.model.journal import Outcome
    from claims.model.limit import LimitSchedule
    from claims.model.terms import Stage
    from claims.model.unit_action_bodies import LightRevoked
    from claims.step import Step
    from claims.ui_summary import page
    from workflows.execution.background_tasks import Errands
    from workflows.execution.cancellation import CANCELLED, Cancellation
    from workflows.execution.inbox import Inbox, Tick, Told
    from workflows.execution.recorder import Recorder
    from workflows.execution.signals import ClaimSignals
    from workflows.execution.timers import Timers, on_the_way
    from workflows.messages import QUERY_STATE, ClaimState, Opening
    from workflows.patches import SEARCHABLE_CLOSING
    from workflows.search_attributes import CLOSED, Attribute, attributes_of, closing_of


@workflow.defn(name="Claim")
class ClaimWorkflow(ClaimSignals):
    """One claim. `run` is the plan's 办理流程; `ClaimSignals` is what people do; `claims/` decides."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        now = workflow.now()
        self._inbox = Inbox()
        self.recorder = Recorder()
        self._errands = Errands()
        self._timers = Timers(lambda: self.claim, self._inbox.ring)
        self._outcomes: dict[str, Outcome] = {}
        self._attributes: dict[str, Attribute] = {}
        self._cancellation = Cancellation()
        self.claim: Claim
        self._adopt(
            procedure.register(
                opening.number,
                opening.order,
                actor=opening.actor,
                at=min(opening.received_at or now, now),
                recorded_at=now,
                policy=opening.policy,
            )
        )

    @workflow.run
    async def run(self, opening: Opening) -> Closure | None:  # noqa: ARG002  taken by __init__
        """Create the work order, dispose of it, handle it within the limits, ask the enterprise, close it."""
        records = asyncio.create_task(self.recorder.keep())
        while not (self.claim.over and self._is_filed):
            try:
                await (self._file_away() if self.claim.over else self._next_stage())
            except CANCELLED as error:
                self._cancellation.take(error)
                self._adopt(procedure.note_cancellation(self.claim, now=workflow.now()))
        records.cancel()
        return self.claim.closed

    async def _next_stage(self) -> None:
        match self.claim.stage:
            case Stage.REGISTERED:
                await self._answer_decline_or_dispatch()
            case Stage.ANSWERED:
                await self._ask_whether_the_answer_satisfies()
            case Stage.HANDLING:
                await self._have_it_handled_within_the_limits()
            case Stage.REDETERMINATION:
                await self._redetermine_the_unit()
            case Stage.ARBITRATION:
                await self._have_the_unit_arbitrated()
            case Stage.CALL_BACK:
                await self._call_the_enterprise_back()
            case Stage.REDO:
                await self._have_it_handled_once_more()
            case Stage.REVIEW | Stage.VERIFICATION | Stage.COMPLETION | Stage.LEADERSHIP:
                await self._review_the_dissatisfaction()
            case Stage.CLOSED:
                await self._hear_what_may_still_come()

    async def _answer_decline_or_dispatch(self) -> None:
        """分类处置 §二.三.2: the platform has a working day to answer, decline or dispatch."""
        await self._act_while(Stage.REGISTERED)

    async def _ask_whether_the_answer_satisfies(self) -> None:
        """R12: closed as answered, but a dissatisfied enterprise has it dispatched."""
        await self._act_while(Stage.ANSWERED)

    async def _have_it_handled_within_the_limits(self) -> None:
        """限期办理 §二.四: contact within 1, reply within 2, resolve within 10 working days, 25 if extended;
        missed limits light up by themselves (§二.五.2)."""
        await self._act_while(Stage.HANDLING)

    async def _redetermine_the_unit(self) -> None:
        """退单 §二.三.2: the unit's clocks stand still while the platform decides."""
        await self._act_while(Stage.REDETERMINATION)

    async def _have_the_unit_arbitrated(self) -> None:
        """§二.三.2: 市委编办 with 市司法局 rules within a working day, finally."""
        await self._act_while(Stage.ARBITRATION)

    async def _call_the_enterprise_back(self) -> None:
        """回访评价 §二.五.3: satisfied, it is closed; dissatisfied, it goes back to the unit the same day."""
        await self._act_while(Stage.CALL_BACK)

    async def _have_it_handled_once_more(self) -> None:
        """重办 §二.五.3: within 5 working days."""
        await self._act_while(Stage.REDO)

    async def _review_the_dissatisfaction(self) -> None:
        """办结核查 §二.六: the signed and sealed form, its verification, completion by order."""
        await self._act_while(self.claim.stage)

    async def _hear_what_may_still_come(self) -> None:
        """R41, R44, R52: reopening, the unit's further explanation, a disputed contact."""
        await self._act_while(Stage.CLOSED)

    async def _act_while(self, stage: Stage) -> None:
        """Fix the limits that the stage starts; then do what comes, one thing after the other."""
        await self._fix_limits()
        while self.claim.stage is stage and not self.claim.over:
            await workflow.wait_condition(lambda: bool(self._inbox))
            self._do_next()
            await self._fix_limits()

    def _do_next(self) -> None:
        item = self._inbox.take()
        now = workflow.now()
        if isinstance(item, Tick):
            passed = max(now - on_the_way(self.claim), item.at)
            self._adopt(procedure.pass_time(self.claim, now=max(now, item.at), until=passed))
        elif isinstance(item, NewCalendar):
            self.recorder.take_back()
            self._adopt(procedure.new_calendar(self.claim, item, now=now))
        elif isinstance(item, Told):
            self._retime(item)
        elif isinstance(item, LightRevoked):
            self._adopt(procedure.revoke_light(self.claim, item, now=now))
        elif item.action is None:
            self._adopt(procedure.refuse_unknown(self.claim, item.name, now=now))
        elif str(item.envelope.body["request_id"]) not in self._outcomes:
            step, outcome = procedure.act(self.claim, item.action, item.envelope, now=now)
            self._outcomes[outcome.request_id] = outcome
            self._adopt(step, outcome)

    def _retime(self, told: Told) -> None:
        """R6: the answers that came with the word are in the history as an activity's would be. Where they are not
        to what the claim asks now, it asks for itself."""
        now = workflow.now()
        asked = procedure.new_calendar(self.claim, told.news, now=now)
        schedules = recalculation.answered(asked.claim, told.news, now)
        if asked.entries or not schedules:
            self._adopt(asked)
        if schedules:
            step = procedure.fix_limits(asked.claim, schedules, now=now)
            self.recorder.hand_over(step)
            self._follow(step)
        told.record, told.done = self.recorder.handed_over, True

    async def _fix_limits(self) -> None:
        """R6: due instants come from an activity, so that history holds them."""
        while wanted := scheduling.limits_to_fix(self.claim):
            schedules = await workflow.execute_activity(
                FIX_DEADLINES,
                wanted,
                result_type=dict[str, LimitSchedule],
                start_to_close_timeout=timedelta(seconds=10),
                summary="确定时限：" + "、".join(request.limit_id for request in wanted),
            )
            self._adopt(procedure.fix_limits(self.claim, schedules, now=workflow.now()))

    def _adopt(self, step: Step, outcome: Outcome | None = None) -> None:
        """The step becomes the claim, and its record is written."""
        self.recorder.add(step, outcome)
        self._follow(step)

    def _follow(self, step: Step) -> None:
        """The step becomes the claim: timers and what administrators see follow it."""
        self.claim = step.claim
        self._errands.run(step.errands)
        self._timers.set()
        workflow.set_current_details(page(step.claim, workflow.now()))
        attributes = self._attributes_of(step.claim)
        if changed := [new for name, new in attributes.items() if new != self._attributes.get(name)]:
            workflow.upsert_search_attributes(changed)
            self._attributes = attributes
        for entry in step.entries:
            fields = {"claim": step.claim.number, "request_id": entry.request_id, "seq": entry.seq}
            workflow.logger.info(entry.kind.value, extra=fields)

    def _attributes_of(self, claim: Claim) -> dict[str, Attribute]:
        attributes = attributes_of(claim)
        if CLOSED.name in self._attributes or (claim.closed and workflow.patched(SEARCHABLE_CLOSING)):
            attributes |= closing_of(claim)
        return attributes

    async def _file_away(self) -> None:
        """Nothing that has come stays unanswered, nothing written stays unrecorded."""
        while not self._is_filed:
            while self._inbox:
                self._do_next()
            await workflow.wait_condition(lambda: bool(self._inbox) or self._is_filed)

    @property
    def _is_filed(self) -> bool:
        written = self.recorder.settled and self._errands.settled
        return not self._inbox and written and workflow.all_handlers_finished()

    @workflow.query(name=QUERY_STATE, description="工单现状；附请求编号时一并返回该请求的结果")
    def state(self, request_id: str = "") -> ClaimState:
        """The claim as it stands."""
        return ClaimState(claim=self.claim, now=workflow.now(), outcome=self._outcomes.get(request_id))
