"""The procedure of one claim (办理流程, §二.三 to §二.六): one workflow from registration to its end."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue

    from activities.deadlines import FIX_DEADLINES
    from claims import fixing, procedure
    from claims.journal import Outcome
    from claims.model import Claim, Closure, LimitSchedule
    from claims.page import page
    from claims.recomputation import NewCalendar
    from claims.step import Step
    from claims.terms import Action, Grade, Stage
    from claims.unit_actions import LightRevoked
    from workflows.errands import Errands
    from workflows.inbox import NOTHING, Inbox, Tick
    from workflows.messages import QUERY_LOOK, Look, Opening
    from workflows.recorder import Recorder
    from workflows.timers import Timers
    from workflows.visibility import Attribute, attributes_of


@workflow.defn(name="Claim")
class ClaimWorkflow:
    """One claim. `run` is the plan's 办理流程; signals are what people do; `claims/` decides."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        now = workflow.now()
        self._inbox = Inbox()
        self.recorder = Recorder()
        self._errands = Errands()
        self._timers = Timers(lambda: self.claim, self._inbox.ring)
        self._outcomes: dict[str, Outcome] = {}
        self._attributes: dict[str, Attribute] = {}
        self._cancellation_noted = False
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
            except asyncio.CancelledError:
                self._note_cancellation()
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
            self._adopt(procedure.pass_time(self.claim, now=max(now, item.at)))
        elif isinstance(item, NewCalendar):
            self._adopt(procedure.new_calendar(self.claim, item, now=now))
        elif isinstance(item, LightRevoked):
            self._adopt(procedure.revoke_light(self.claim, item, now=now))
        elif item.action is None:
            self._adopt(procedure.refuse_unknown(self.claim, item.name, now=now))
        elif str(item.envelope.body["request_id"]) not in self._outcomes:
            step, outcome = procedure.act(self.claim, item.action, item.envelope, now=now)
            self._outcomes[outcome.request_id] = outcome
            self._adopt(step, outcome)

    async def _fix_limits(self) -> None:
        """R6: due instants come from an activity, so that history holds them."""
        while wanted := fixing.limits_to_fix(self.claim):
            schedules = await workflow.execute_local_activity(
                FIX_DEADLINES,
                wanted,
                result_type=dict[str, LimitSchedule],
                start_to_close_timeout=timedelta(seconds=10),
                summary="确定时限：" + "、".join(request.limit_id for request in wanted),
            )
            self._adopt(procedure.fix_limits(self.claim, schedules, now=workflow.now()))

    def _adopt(self, step: Step, outcome: Outcome | None = None) -> None:
        """The step becomes the claim: timers, records and what administrators see follow it."""
        self.claim = step.claim
        self.recorder.add(step, outcome)
        self._errands.run(step.errands)
        self._timers.set()
        workflow.set_current_details(page(step.claim, workflow.now()))
        attributes = attributes_of(step.claim)
        if changed := [new for name, new in attributes.items() if new != self._attributes.get(name)]:
            workflow.upsert_search_attributes(changed)
            self._attributes = attributes
        for entry in step.entries:
            fields = {"claim": step.claim.number, "request_id": entry.request_id, "seq": entry.seq}
            workflow.logger.info(entry.kind.value, extra=fields)

    async def _file_away(self) -> None:
        """Nothing that has come stays unanswered, nothing written stays unrecorded."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        while not self._is_filed:
            while self._inbox:
                self._do_next()
            await workflow.wait_condition(lambda: bool(self._inbox) or self._is_filed)

    @property
    def _is_filed(self) -> bool:
        return not self._inbox and self.recorder.settled and self._errands.settled

    def _note_cancellation(self) -> None:
        """An administrator's; where there is none, the worker only puts the claim out of its memory."""
        if self._cancellation_noted or workflow.cancellation_reason() is None:
            raise asyncio.CancelledError
        self._cancellation_noted = True
        self._adopt(procedure.note_cancellation(self.claim, now=workflow.now()))

    @workflow.query(name=QUERY_LOOK, description="工单现状；附请求编号时一并返回该请求的结果")
    def look(self, request_id: str = "") -> Look:
        """The claim as it stands."""
        return Look(claim=self.claim, now=workflow.now(), outcome=self._outcomes.get(request_id))

    @workflow.signal(name="answer", description="即时答复（R12）")
    def on_answer(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("answer", Action.ANSWER, message)

    @workflow.signal(name="decline", description="不予受理（R13）")
    def on_decline(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("decline", Action.DECLINE, message)

    @workflow.signal(name="dispatch", description="派单（R14）")
    def on_dispatch(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("dispatch", Action.DISPATCH, message)

    @workflow.signal(name="sign_for", description="签收（R20）")
    def on_sign_for(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("sign_for", Action.SIGN_FOR, message)

    @workflow.signal(name="reject", description="退单（R15）")
    def on_reject(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("reject", Action.REJECT, message)

    @workflow.signal(name="redetermine", description="重新核定承办单位（R15）")
    def on_redetermine(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("redetermine", Action.REDETERMINE, message)

    @workflow.signal(name="refer", description="提请裁定（R15）")
    def on_refer(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("refer", Action.REFER, message)

    @workflow.signal(name="arbitrate", description="裁定承办单位（R16）")
    def on_arbitrate(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("arbitrate", Action.ARBITRATE, message)

    @workflow.signal(name="contact", description="登记核实联系（§二.四.1）")
    def on_contact(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("contact", Action.CONTACT, message)

    @workflow.signal(name="reply", description="答复企业（§二.四.2）")
    def on_reply(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("reply", Action.REPLY, message)

    @workflow.signal(name="feedback", description="反馈办理结果（R18）")
    def on_feedback(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("feedback", Action.FEEDBACK, message)

    @workflow.signal(name="progress", description="登记进展")
    def on_progress(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("progress", Action.PROGRESS, message)

    @workflow.signal(name="delegate", description="转下级办理（R21）")
    def on_delegate(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("delegate", Action.DELEGATE, message)

    @workflow.signal(name="request_extension", description="申请延期（R17）")
    def on_request_extension(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("request_extension", Action.REQUEST_EXTENSION, message)

    @workflow.signal(name="decide_extension", description="审核延期（R17）")
    def on_decide_extension(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("decide_extension", Action.DECIDE_EXTENSION, message)

    @workflow.signal(name="call_back", description="登记回访（R40）")
    def on_call_back(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("call_back", Action.CALL_BACK, message)

    @workflow.signal(name="review_form", description="报送不满意诉求审核反馈表（R44）")
    def on_review_form(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("review_form", Action.REVIEW_FORM, message)

    @workflow.signal(name="verify", description="核实（R18、R44、R45）")
    def on_verify(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("verify", Action.VERIFY, message)

    @workflow.signal(name="confirm_false_feedback", description="认定虚假反馈（R52）")
    def on_confirm_false_feedback(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("confirm_false_feedback", Action.CONFIRM_FALSE_FEEDBACK, message)

    @workflow.signal(name="merge", description="并案（R48）")
    def on_merge(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("merge", Action.MERGE, message)

    @workflow.signal(name="reopen", description="重新打开（R41）")
    def on_reopen(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("reopen", Action.REOPEN, message)

    @workflow.signal(name="remind", description="催办（R46）")
    def on_remind(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("remind", Action.REMIND, message)

    @workflow.signal(name="supplement", description="补充材料（R46）")
    def on_supplement(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("supplement", Action.SUPPLEMENT, message)

    @workflow.signal(name="withdraw", description="撤回诉求（R47）")
    def on_withdraw(self, message: RawValue = NOTHING) -> None:
        self._inbox.put("withdraw", Action.WITHDRAW, message)

    @workflow.signal(name="recompute_limits", description="日历有更新，重新计算时限（R1、R6）。可不带参数")
    def on_recompute_limits(self, message: RawValue = NOTHING) -> None:
        self._inbox.put_calendar(message)

    @workflow.signal(name="revoke_light", description="单位台账撤销一块亮牌（R37）；不由人工发送")
    def on_revoke_light(self, message: RawValue = NOTHING) -> None:
        self._inbox.put_revocation(message)

    @workflow.signal(name="approve_extension", description="同意延期（R17）。可不带参数；reason 填审核意见")
    def approve_extension(self, message: RawValue = NOTHING) -> None:
        """The plan's name for an approval, for an administrator in the Temporal UI."""
        self._inbox.put("approve_extension", Action.DECIDE_EXTENSION, message, {"approve": True})

    @workflow.signal(name="dissatisfied", description="回访不满意（R43、R44）。可不带参数；remark 填备注")
    def dissatisfied(self, message: RawValue = NOTHING) -> None:
        """The plan's name for a dissatisfied enterprise, for an administrator in the Temporal UI."""
        said: dict[str, JsonValue] = {"reached": True, "grade": Grade.DISSATISFIED.value}
        self._inbox.put("dissatisfied", Action.CALL_BACK, message, said)

    @workflow.signal(dynamic=True, description="不认识的信号：记入日志，不改变工单")
    def unknown(self, name: str, args: Sequence[RawValue]) -> None:
        """A mistyped signal is on record and changes nothing."""
        self._inbox.put(name, None, args[0] if args else NOTHING)
