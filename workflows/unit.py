"""A unit's account (R34-R37): one workflow for each accountable unit, for as long as there are lights."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from activities.updates.calendar_updates import RECOMPUTE_INTERVIEWS
    from activities.updates.edition_updates import ADOPT_EDITION
    from claims.deadlines.recalculation import NewCalendar, NewEdition
    from claims.model.events import EventKind
    from claims.model.journal import Outcome
    from claims.model.labels import end_of
    from claims.model.messages.known_fields import fields_beside
    from claims.model.messages.unit_action_bodies import LightRevoked, UnitEnvelope
    from claims.model.unit_account import AccountLight, Cause, UnitAccount
    from claims.model.values import CONSOLE, is_console
    from claims.units import procedure
    from claims.units.interviews import (
        adopt_edition,
        interviews_to_schedule,
        mark_for_recalculation,
        next_interview,
        pass_time,
        schedule_interviews,
    )
    from claims.units.transition import UnitTransition, update_measures
    from claims.units.ui_summary import unit_ui_summary
    from workflows.execution.cancellation import CANCELLED, Cancellation
    from workflows.incoming.authenticity import Authenticity, sender_of
    from workflows.incoming.message_contents import (
        LONGEST_ID,
        MOST_SIGNALS,
        NO_ARGUMENT,
        content_of,
        has_possible_id,
        read_as,
    )
    from workflows.outgoing.fixed_deadlines import fix_deadlines
    from workflows.outgoing.unit_outbox import UnitOutbox
    from workflows.patches import BOUNDED_ACCOUNTS, REUSED_IDS
    from workflows.unit_messages import QUERY_STATE, UnitSnapshot, UnitState

_GATHERING = timedelta(seconds=2)
"""Limits end at midnight, so lights arrive together; the account waits for all of them before it looks for pairs."""

MOST_OUTCOMES: Final = 500
"""Outcomes that a run hands to the next: the newest."""

Message = TypeVar("Message", bound=BaseModel)


@workflow.defn(name="Unit")
class UnitWorkflow:
    """Counts lights, opens interviews and accountability files, and holds the interviews' limit."""

    @workflow.init
    def __init__(self, state: UnitState) -> None:
        self.account: UnitAccount = state.account
        self._outcomes: dict[str, Outcome] = state.outcomes
        self._outbox = UnitOutbox(unrecorded=state.unrecorded, to_revoke=state.to_revoke)
        self._authenticity = Authenticity(workflow.info().workflow_id, is_strict=state.is_strict)
        self._waiting: deque[AccountLight | Cause | UnitEnvelope] = deque(state.waiting)
        self._recount_at: datetime | None = None
        self._news: NewCalendar | None = None
        self._edition: NewEdition | None = None
        self._signals = 0
        self._unreadable: list[str] = []
        self._cancellation = Cancellation()

    def current_details(self) -> str:
        """For `workflows.execution.current_details`."""
        return unit_ui_summary(self.account)

    @workflow.run
    async def run(self, _state: UnitState) -> None:
        """Process one item after the other until the run ends; then continue as new with the same state."""
        telling = asyncio.create_task(self._outbox.send(lambda: self.account))
        while not self._ends_run:
            try:
                await self._wait_for_work()
                await self._do_what_came()
            except CANCELLED as error:
                self._cancellation.take(error)
                self._note_cancellation()
        telling.cancel()
        workflow.continue_as_new(self._state())

    @property
    def _has_long_history(self) -> bool:
        """The server takes no more signals than it allows for one run; each new run takes as many again."""
        suggested = workflow.info().is_continue_as_new_suggested()
        return suggested or (self._signals >= MOST_SIGNALS and workflow.patched(BOUNDED_ACCOUNTS))

    @property
    def _is_settled(self) -> bool:
        has_news = self._news is not None or self._edition is not None
        is_idle = not (has_news or self._waiting or self._unreadable) and self._recount_at is None
        return is_idle and self._outbox.is_empty

    @property
    def _ends_run(self) -> bool:
        """The history is long; or it alone knows of a revocation of a claim that had ended, and the archive takes runs
        that are over (R37)."""
        return (self._outbox.told_an_ended_claim or self._has_long_history) and self._is_settled

    @property
    def _has_something_to_do(self) -> bool:
        return bool(
            self._waiting
            or self._unreadable
            or self._news
            or self._edition
            or interviews_to_schedule(self.account)
        )

    def _note_cancellation(self) -> None:
        """Note a cancellation; the account continues."""
        transition = UnitTransition(self.account, at=workflow.now(), actor=CONSOLE)
        transition.write(EventKind.REFUSED, "R34", text="收到取消工作流的请求：亮牌须持续记录，不予取消")
        self._adopt(transition)

    def _state(self) -> UnitState:
        kept = [(id, outcome) for id, outcome in self._outcomes.items() if len(id) <= LONGEST_ID]
        outcomes = dict(kept[-MOST_OUTCOMES:])
        return UnitState(
            account=self.account,
            outcomes=outcomes,
            waiting=list(self._waiting),
            is_strict=self._authenticity.is_strict,
        )

    async def _wait_for_work(self) -> None:
        """Wait for a signal, for the next instant, or for the end of the run."""
        at, summary = self._next_instant()
        try:
            await workflow.wait_condition(
                lambda: self._has_something_to_do or self._ends_run,
                timeout=max(at - workflow.now(), timedelta()) if at else None,
                timeout_summary=summary,
            )
        except TimeoutError:
            return

    def _next_instant(self) -> tuple[datetime | None, str | None]:
        """Return the next instant, and its timer's name."""
        interview = next_interview(self.account)
        ends = interview.schedule if interview else None
        if self._recount_at is not None and (ends is None or self._recount_at < ends.due_at):
            return self._recount_at, "汇集同一时刻的亮牌"
        if ends is not None:
            return ends.due_at, f"约谈时限 {end_of(ends.last_day, ends.due_at)}"
        return None, None

    async def _do_what_came(self) -> None:
        while self._waiting:
            self._do(self._waiting.popleft())
        self._note_unreadable()
        transition = UnitTransition(self.account, at=workflow.now())
        if self._recount_at is not None and self._recount_at <= workflow.now():
            self._recount_at = None
            update_measures(transition)
        pass_time(transition, workflow.now())
        if self._edition is not None:
            adopt_edition(transition, self._edition)
            self._edition = None
        if self._news is not None:
            mark_for_recalculation(transition, self._news)
            self._news = None
        self._adopt(transition)
        while wanted := interviews_to_schedule(self.account):
            schedules = await fix_deadlines(wanted, summary="确定约谈时限")
            transition = UnitTransition(self.account, at=workflow.now())
            schedule_interviews(transition, schedules)
            self._adopt(transition)

    def _do(self, item: AccountLight | Cause | UnitEnvelope) -> None:
        if isinstance(item, UnitEnvelope):
            self._act(item)
            return
        if isinstance(item, AccountLight):
            self._recount_at = self._recount_at or workflow.now() + _GATHERING
        self._adopt(procedure.post(self.account, item, now=workflow.now()))

    def _note_unreadable(self) -> None:
        names, self._unreadable = self._unreadable, []
        if names and workflow.patched(BOUNDED_ACCOUNTS):
            text = f"信号“{names[0][:64]}”等{len(names)}个的内容无法读取"
            self._adopt(procedure.refuse(self.account, text, rule="§1", now=workflow.now()))

    def _act(self, envelope: UnitEnvelope) -> None:
        request_id = str(envelope.body.get("request_id") or workflow.uuid4())
        if (known := self._outcomes.get(request_id)) is not None:
            self._note_reused(known, envelope)
            return
        transition, outcome, revoked = procedure.act(self.account, envelope, now=workflow.now())
        self._outcomes[request_id] = outcome
        self._adopt(transition)
        if revoked is not None:
            reason = str(envelope.body.get("reason", ""))
            at = revoked.revocation.at if revoked.revocation else None
            word = LightRevoked(
                number=revoked.number, light=revoked.id, reason=reason, actor=envelope.actor, at=at
            )
            self._outbox.revoke(word)

    def _note_reused(self, known: Outcome, envelope: UnitEnvelope) -> None:
        """Note a typed signal whose request id was used for something else; the API answers its callers itself."""
        is_other = known.fingerprint not in ("", envelope.fingerprint)
        if is_console(envelope.actor) and is_other and workflow.patched(REUSED_IDS):
            text = f"请求编号“{known.request_id[:64]}”已用于其他操作，本次操作未办理"
            self._adopt(procedure.refuse(self.account, text, rule="§1", now=workflow.now()))

    def _adopt(self, transition: UnitTransition) -> None:
        self.account = transition.account
        self._outbox.take(transition)

    @workflow.query(name=QUERY_STATE, description="单位台账现状；附请求编号时一并返回该请求的结果")
    def snapshot(self, request_id: str = "") -> UnitSnapshot:
        """Return the account as it stands."""
        return UnitSnapshot(account=self.account, outcome=self._outcomes.get(request_id))

    @workflow.signal(name="post_light", description="计入一块亮牌（R33）")
    def on_light(self, message: RawValue = NO_ARGUMENT) -> None:
        self._receive("post_light", AccountLight, message)

    @workflow.signal(name="post_cause", description="计入一项问责事由（R45、R52）")
    def on_cause(self, message: RawValue = NO_ARGUMENT) -> None:
        self._receive("post_cause", Cause, message)

    @workflow.signal(name="act", description="登记约谈、问责进展，撤销亮牌（R35、R36、R37）")
    def on_act(self, message: RawValue = NO_ARGUMENT) -> None:
        envelope = self._read("act", UnitEnvelope, message, only_ours=False)
        if envelope is not None and not has_possible_id(envelope.body):
            self._unreadable.append("act")
        elif envelope is not None:
            self._waiting.append(self._as_sent(envelope, message))

    def _as_sent(self, envelope: UnitEnvelope, message: RawValue) -> UnitEnvelope:
        """A message that the API did not encrypt for this account counts as an administrator's."""
        authenticity = self._authenticity
        if authenticity.is_ours(message) and authenticity.is_for(envelope.addressee, "act"):
            return envelope
        beside = fields_beside(content_of(message), UnitEnvelope)
        return UnitEnvelope(
            action=envelope.action, actor=sender_of(message), body=envelope.body, beside=beside
        )

    @workflow.signal(name=RECOMPUTE_INTERVIEWS, description="日历有更新，重新计算约谈时限（R1、R6）")
    def on_new_calendar(self, message: RawValue = NO_ARGUMENT) -> None:
        self._news = self._read(RECOMPUTE_INTERVIEWS, NewCalendar, message) or self._news

    @workflow.signal(name=ADOPT_EDITION, description="采用新的规定版本（R7）")
    def on_new_edition(self, message: RawValue = NO_ARGUMENT) -> None:
        news, waiting = self._read(ADOPT_EDITION, NewEdition, message), self._edition
        if news is not None and (waiting is None or news.policy.is_later_than(waiting.policy)):
            self._edition = news

    @workflow.signal(dynamic=True, description="不认识的信号：记入日志，不改变台账")
    def on_unknown(self, name: str, _args: Sequence[RawValue]) -> None:
        self._signals += 1
        self._unreadable.append(name)

    def _receive(self, name: str, kind: type[AccountLight | Cause | UnitEnvelope], message: RawValue) -> None:
        item = self._read(name, kind, message)
        if item is not None:
            self._waiting.append(item)

    def _read(
        self, name: str, kind: type[Message], message: RawValue, *, only_ours: bool = True
    ) -> Message | None:
        """Return the content of a signal; None if it cannot be read, or if its sender may not send it. Never
        raises.
        """
        self._signals += 1
        self._authenticity.note(message)
        try:
            if only_ours and not self._authenticity.is_ours(message):
                raise ValueError(name)
            return read_as(kind, content_of(message, is_typed=not self._authenticity.is_ours(message)))
        except ValueError:
            self._unreadable.append(name)
            return None
