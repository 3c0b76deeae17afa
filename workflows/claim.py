"""The procedure of one claim (办理流程, §二.三 to §二.六): one workflow from registration to its end."""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue

    from activities.delivery import DELIVER
    from claims import lifecycle, linked_claims, noted_messages, procedure
    from claims.deadlines import recalculation, scheduling
    from claims.deadlines.recalculation import NewCalendar, NewEdition, RecalculationResult
    from claims.model.claim import Claim
    from claims.model.claim_parts import Closure
    from claims.model.journal import Outcome
    from claims.model.linked_claims import MattersRegistered, TakeOver, TakeOverAnswer
    from claims.model.messages.unit_action_bodies import LightRevoked
    from claims.model.terms import Action, Grade, Stage
    from claims.model.values import is_console
    from claims.transition import Transition
    from claims.ui_summary import ui_summary
    from workflows.execution.cancellation import CANCELLED, Cancellation
    from workflows.execution.history_size import has_long_history
    from workflows.incoming import updates
    from workflows.incoming.action_signals import with_action_signals
    from workflows.incoming.authenticity import Authenticity
    from workflows.incoming.inbox import Inbox, PendingRecalculation, Received, TimerFired
    from workflows.incoming.message_contents import NO_ARGUMENT, content_of
    from workflows.incoming.numbered_signals import NumberedSignals
    from workflows.incoming.openings import is_known, is_ours, opening_in, require_known, require_registered
    from workflows.incoming.workflow_signals import with_workflow_signals
    from workflows.messages import AUTHENTIC, QUERY_STATE, ClaimState
    from workflows.outgoing.effects import Effects
    from workflows.outgoing.fixed_deadlines import fix_deadlines
    from workflows.outgoing.protocol_1 import WholeEffects
    from workflows.outgoing.timers import grace_for_late_arrivals
    from workflows.outgoing.visibility import Visibility
    from workflows.stages import PROCEDURE


@workflow.defn(name="Claim")
@with_action_signals
@with_workflow_signals
class ClaimWorkflow:
    """One claim. Signals bring people's actions, timers the ends of limits; `claims/` decides what follows."""

    @workflow.init
    def __init__(self, message: RawValue) -> None:
        opening = opening_in(message)
        is_strict = opening.protocol >= AUTHENTIC
        authenticity = Authenticity(workflow.info().workflow_id, is_strict=is_strict)
        self.inbox = Inbox(opening.number, authenticity)
        on_timer = self.inbox.enqueue_timer
        self.effects: Effects = (
            WholeEffects(on_timer)
            if opening.protocol == 1
            else Effects.of_claim(on_timer, protocol=opening.protocol)
        )
        self._outcomes: dict[str, Outcome] = {}
        self._numbered = NumberedSignals()
        self._recalculations = 0
        self._visibility = Visibility(protocol=opening.protocol)
        self._cancellation = Cancellation()
        self.opening = opening
        self._changed_at = workflow.now()
        self._registered = opening.registered(workflow.now())
        self.claim: Claim = self._registered.claim
        if opening.is_on_record:
            self.effects.recorder.build_on(self.claim)
        self._is_ours = is_ours(message, opening)
        if self._is_ours and is_known(opening):
            self._adopt(self._registered)

    @workflow.run
    async def run(self, _message: RawValue) -> Closure | None:
        """From registration through each stage of the procedure to the claim's end.

        A cancellation from the Temporal UI is noted and not obeyed (R10: nothing received is ever lost).
        """
        if not self._is_ours:
            await require_registered(self.opening)
            self._adopt(self._registered)
        require_known(self.opening)
        self.effects.begin()
        while not (self.claim.over and self._is_settled):
            try:
                if self.claim.over:
                    await self._settle()
                else:
                    await self._complete(self.claim.stage)
            except CANCELLED as error:
                self._cancellation.take(error)
                self._adopt(noted_messages.note_cancellation(self.claim, now=workflow.now()))
        self.effects.end()
        return self.claim.closed

    async def _complete(self, stage: Stage) -> None:
        """Schedule the limits that the stage starts; then process one item after the other until the claim leaves the stage."""
        clause, name = PROCEDURE[stage]
        fields = {"claim": self.claim.number, "stage": stage.value, "clause": clause}
        workflow.logger.info(name, extra=fields)
        await self._schedule_limits()
        while self.claim.stage is stage and not self.claim.over:
            await workflow.wait_condition(lambda: bool(self.inbox))
            self._take_next()
            await self._schedule_limits()
            await self.effects.pause()

    async def _settle(self) -> None:
        """Answer everything that has come, and wait until everything is recorded."""
        while not self._is_settled:
            while self.inbox:
                self._take_next()
                await self.effects.pause()
            await workflow.wait_condition(lambda: bool(self.inbox) or self._is_settled)

    @property
    def _is_settled(self) -> bool:
        return not self.inbox and self.effects.settled and workflow.all_handlers_finished()

    def _take_next(self) -> None:
        """Process the next item of the inbox: an action, a timer, or a message from another workflow."""
        now = workflow.now()
        match self.inbox.take():
            case TimerFired(at=at):
                until = max(now - grace_for_late_arrivals(self.claim), at)
                self._adopt(procedure.pass_time(self.claim, now=max(now, at), until=until))
            case NewCalendar() | NewEdition() as news:
                self.effects.recorder.take_back()
                self._adopt(procedure.take_news(self.claim, news, now=now))
            case PendingRecalculation() as pending:
                self._recalculate(pending)
            case LightRevoked() as message:
                self._adopt(procedure.revoke_light(self.claim, message, now=now))
            case TakeOver() | TakeOverAnswer() | MattersRegistered() as message:
                self._adopt(linked_claims.take_message(self.claim, message, now=now))
            case Received(name=name, is_ours=False):
                self._adopt(noted_messages.refuse_strangers(self.claim, name, now=now))
            case Received(name=name, action=action) as received if not lifecycle.knows(
                self.claim.policy, action
            ):
                id = received.own_id
                request_id = "" if id in self._outcomes else id
                transition = noted_messages.refuse_unknown(self.claim, name, now=now, request_id=request_id)
                self._adopt(transition)
            case Received(name=name, readable=False) if self.claim.policy.records_unreadable_signals:
                self._adopt(noted_messages.refuse_unreadable(self.claim, name, now=now))
            case Received(action=Action() as action) as received:
                self._act(action, received)

    def _act(self, action: Action, received: Received) -> None:
        """Perform a request once. A request with a used id and other content is not performed; if it was typed in
        the Temporal UI, it is noted."""
        now = workflow.now()
        envelope = self._numbered.envelope_of(received, self.claim.policy, self._outcomes)
        request_id = str(envelope.body["request_id"])
        if self.claim.awaits_answer_to(request_id):
            return
        known = self._outcomes.get(request_id)
        if known is None:
            is_long = has_long_history() and bool(self.claim.policy.repeats_per_round)
            transition, outcome = procedure.act(self.claim, action, envelope, now=now, long_history=is_long)
            if not is_console(envelope.actor):
                transition = procedure.with_prepared_schedules(transition, envelope.schedules, now=now)
            self._adopt_act(transition, outcome)
        elif is_console(envelope.actor) and known.fingerprint not in ("", envelope.fingerprint(action)):
            self._adopt(noted_messages.refuse_reused_id(self.claim, known.request_id, now=now))

    def _adopt_act(self, transition: Transition, outcome: Outcome) -> None:
        """Adopt the transition of an action, and its outcome unless that waits for another claim's answer (R48)."""
        if transition.claim.awaits_answer_to(outcome.request_id):
            self._adopt(transition)
            return
        self._outcomes[outcome.request_id] = outcome
        self._adopt(transition, outcome if transition.entries else None)

    def _recalculate(self, pending: PendingRecalculation) -> None:
        """R6: use the calendar's answers that came with the message; the history holds them as it holds an
        activity's result. If they do not answer what the claim asks now, the claim asks itself and writes its own record."""
        now = workflow.now()
        asked = procedure.take_news(self.claim, pending.news, now=now)
        schedules = recalculation.prepared_schedules(asked.claim, pending.news, now)
        if schedules and self.opening.protocol >= AUTHENTIC:
            self._hand_over(asked)
        elif asked.entries or not schedules:
            self._adopt(asked)
        if schedules:
            self._hand_over(procedure.schedule_limits(asked.claim, schedules, now=now))
        pending.record, pending.done = self.effects.recorder.handed_over, True

    def _hand_over(self, transition: Transition) -> None:
        """Adopt a transition that the sender records. If the claim recorded a part of it, the sender could not see after
        a crash that the rest is missing."""
        self.effects.recorder.hand_over(transition)
        self._follow(transition)

    async def _schedule_limits(self) -> None:
        """Get the instants of the limits that have none yet (R6)."""
        while wanted := scheduling.limits_to_schedule(self.claim):
            limits = "、".join(request.limit_id for request in wanted)
            schedules = await fix_deadlines(wanted, summary=f"确定时限：{limits}")
            self._adopt(procedure.schedule_limits(self.claim, schedules, now=workflow.now()))

    def _adopt(self, transition: Transition, outcome: Outcome | None = None) -> None:
        """Adopt a transition and record it."""
        self.effects.record(transition, outcome)
        self._follow(transition)

    def _follow(self, transition: Transition) -> None:
        """Adopt a transition: start its effects and update the search attributes."""
        self.claim = transition.claim
        self._outcomes |= {outcome.request_id: outcome for outcome in transition.outcomes}
        self.effects.follow(transition)
        self._changed_at = workflow.now()
        self._visibility.show(transition.claim)
        for entry in transition.entries:
            fields = {"claim": transition.claim.number, "request_id": entry.request_id, "seq": entry.seq}
            workflow.logger.info(entry.kind.value, extra=fields)

    def current_details(self) -> str:
        """For `workflows.execution.current_details`."""
        return ui_summary(self.claim, self._changed_at)

    @workflow.query(name=QUERY_STATE, description="工单现状；附请求编号时一并返回该请求的结果")
    def state(self, request_id: str = "") -> ClaimState:
        """Return the claim as it stands."""
        return ClaimState(claim=self.claim, now=workflow.now(), outcome=self._outcomes.get(request_id))

    @workflow.update(
        name="retime", description="按新的工作日历核对时限，交出须写入台账的内容（R6）；不由人工发送"
    )
    async def on_retime(self, message: RawValue) -> RecalculationResult:
        """Take a new calendar; its sender waits and writes the record."""
        return await self._recalculated(NewCalendar, message)

    @workflow.update(
        name="take_edition", description="采用新的规定版本，交出须写入台账的内容（R7）；不由人工发送"
    )
    async def on_take_edition(self, message: RawValue) -> RecalculationResult:
        """Take a new edition; its sender waits and writes the record."""
        return await self._recalculated(NewEdition, message)

    @on_retime.validator
    def _check_calendar(self, message: RawValue) -> None:
        self._check_news(NewCalendar, message)

    @on_take_edition.validator
    def _check_edition(self, message: RawValue) -> None:
        self._check_news(NewEdition, message)

    def _check_news(self, kind: type[NewCalendar | NewEdition], message: RawValue) -> None:
        updates.check_recalculation(self.inbox.authenticity, kind, message, self._recalculations)

    async def _recalculated(
        self, kind: type[NewCalendar | NewEdition], message: RawValue
    ) -> RecalculationResult:
        self._recalculations += 1
        self.inbox.authenticity.note(message)
        pending = self.inbox.enqueue_update(kind.model_validate(content_of(message)))
        await workflow.wait_condition(lambda: pending.done)
        return RecalculationResult(record=pending.record)

    @workflow.update(name=DELIVER, description="信号已达上限时代替信号送达；不由人工发送")
    def on_delivery(self, message: RawValue) -> None:
        """A message that would have been a signal."""
        self.inbox.enqueue_delivery(message)

    @on_delivery.validator
    def _check_delivery(self, message: RawValue) -> None:
        authenticity = self.inbox.authenticity
        updates.check_delivery(self.claim, authenticity, self._outcomes, message, now=workflow.now())

    @workflow.signal(name="approve_extension", description="同意延期（R17）。可不带参数；reason 填审核意见")
    def on_approve_extension(self, message: RawValue = NO_ARGUMENT) -> None:
        """The plan's name for an approval, for an administrator in the Temporal UI."""
        self.inbox.enqueue_action("approve_extension", Action.DECIDE_EXTENSION, message, {"approve": True})

    @workflow.signal(name="dissatisfied", description="回访不满意（R43、R44）。可不带参数；remark 填备注")
    def on_dissatisfied(self, message: RawValue = NO_ARGUMENT) -> None:
        """The plan's name for a dissatisfied enterprise, for an administrator in the Temporal UI."""
        said: dict[str, JsonValue] = {"reached": True, "grade": Grade.DISSATISFIED.value}
        self.inbox.enqueue_action("dissatisfied", Action.CALL_BACK, message, said)

    @workflow.signal(dynamic=True, description="不认识的信号：记入日志，不改变工单")
    def on_unknown(self, name: str, args: Sequence[RawValue]) -> None:
        """A mistyped signal is recorded and changes nothing."""
        self.inbox.enqueue_action(name, None, args[0] if args else NO_ARGUMENT)
