"""The doors of a claim: one signal for each action, and those that come from elsewhere.

A signal only puts what came into the inbox; the claim takes one thing after the other. No exception ever
leaves a handler.
"""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue

    from claims.deadlines.recalculation import NewCalendar, RecalculationResult
    from claims.model.terms import Action, Grade
    from workflows.execution.inbox import NOTHING, Inbox


class ClaimSignals:
    """What can be said to a claim. Bodies are `claims.model.action_bodies`; the names are the API's, with underscores."""

    _inbox: Inbox

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

    @workflow.update(
        name="retime", description="按新的工作日历核对时限，交出须写入台账的内容（R6）；不由人工发送"
    )
    async def on_retime(self, news: NewCalendar) -> RecalculationResult:
        told = self._inbox.put_told(news)
        await workflow.wait_condition(lambda: told.done)
        return RecalculationResult(record=told.record)

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
