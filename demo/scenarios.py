"""What happens to a claim in each story, action by action.

Times are relative to the claim's own limits, so a scenario runs the same on any day of the year.
"""

from pydantic import JsonValue

from claims.model.terms import Role
from demo.acts import (
    DAYS,
    HOURS,
    arbitrate,
    call_back,
    contact,
    dispatch,
    feed_back,
    finish,
    reply,
    sign_and_contact,
)
from demo.case import Case


async def answered(case: Case) -> None:
    """R12: answered from the knowledge base; the enterprise is satisfied."""
    await case.act(
        "answer", Role.OPERATOR, article=f"KB-{case.sample.no:03}", text="按知识库条目答复，并告知留存资料"
    )
    await case.wait(HOURS)
    await call_back(case, "very-satisfied")


async def handled(case: Case) -> None:
    """All limits are kept."""
    await dispatch(case)
    await sign_and_contact(case)
    await finish(case)


async def assisted(case: Case) -> None:
    """R14, R22: the co-units sign for their parts and report them before the lead is done."""
    await dispatch(case)
    await sign_and_contact(case)
    for unit in case.co_units:
        await case.act("sign-for", Role.HANDLER, by_unit=unit)
        await case.act(
            "report-part", Role.HANDLER, by_unit=unit, outcome="done", text="已配合首接单位办结本单位事项"
        )
    await finish(case)


async def handled_the_same_day(case: Case) -> None:
    """R19: 能当天解决的当天解决."""
    await dispatch(case)
    for act in (contact, reply, feed_back):
        await act(case)
    await call_back(case, "very-satisfied")


async def delegated(case: Case) -> None:
    """R21: the district delegates to its bureau and stays responsible."""
    await dispatch(case)
    await case.unit_does("delegate", unit=f"{case.lead}-SPJ")
    await sign_and_contact(case)
    await finish(case)


async def declined(case: Case) -> None:
    """R13: a court is handling the matter."""
    await case.act("decline", Role.OPERATOR, reason="litigation", door="court", remark="法律咨询可拨打12348")


async def withdrawn(case: Case) -> None:
    """R47."""
    await dispatch(case)
    await sign_and_contact(case)
    await case.wait(DAYS)
    await case.act("withdraw", Role.CALLER, reason="企业已自行解决", confirmed_by_call=True)


async def returned(case: Case, suggested: str) -> None:
    """R15: a complete return, signed by the head."""
    await dispatch(case)
    await case.wait(HOURS)
    reason, basis = "事项不属本单位职责", "部门“三定”规定"
    await case.unit_does("reject", head=True, reason=reason, basis=basis, suggested_unit=case.unit(suggested))


async def returned_and_confirmed(case: Case) -> None:
    """R5: the return is refused; the same unit continues with the remaining time."""
    await returned(case, case.sample.co_units[0])
    await case.wait(HOURS)
    await case.act("redetermine", Role.SUPERVISOR, decision="confirm", reason="属主管部门职责")
    await sign_and_contact(case)
    await finish(case)


async def returned_and_redetermined(case: Case) -> None:
    """R15: the return is accepted and the claim dispatched again."""
    suggested = case.sample.co_units[0]
    await returned(case, suggested)
    await case.wait(HOURS)
    unit = case.unit(suggested)
    await case.act(
        "redetermine", Role.SUPERVISOR, decision="redispatch", unit=unit, reason="退单理由成立，改派"
    )
    await sign_and_contact(case)
    await finish(case)


async def arbitrated(case: Case) -> None:
    """R16: 编办 decides with 司法局; the decision is final."""
    await returned(case, case.sample.co_units[0])
    await case.act("refer", Role.SUPERVISOR, reason="道路权属不清，双方均不认领")
    await case.wait(HOURS)
    unit = case.unit(case.sample.co_units[0])
    await arbitrate(case, unit, "道路由属地管理养护")
    await sign_and_contact(case)
    await finish(case)


async def objected_and_arbitrated(case: Case) -> None:
    """R16: the second unit objects once, which goes to arbitration; three dispatches in all."""
    first, second = case.sample.co_units[0], case.sample.unit
    await returned(case, first)
    await case.act(
        "redetermine", Role.SUPERVISOR, decision="redispatch", unit=case.unit(first), reason="改派配合单位"
    )
    reason, basis = "验收职责不在本单位", "消防法第十三条"
    await case.unit_does("reject", head=True, reason=reason, basis=basis, suggested_unit=case.unit(second))
    await arbitrate(case, case.unit(second), "验收职责在住建部门")
    await sign_and_contact(case)
    await finish(case)


async def _apply_for_extension(case: Case, kind: str) -> None:
    await dispatch(case)
    await sign_and_contact(case)
    await reply(case)
    await case.wait(4 * DAYS)
    explained: dict[str, JsonValue] = {"at": case.now.isoformat(), "means": "上门", "person": "企业联系人"}
    await case.unit_does(
        "request-extension",
        head=True,
        kind=kind,
        reason="需多方协调，十个工作日内难以办结",
        work_so_far="已会商两次，形成初步方案",
        plan="分两批推进，逐周向企业通报",
        explained=explained,
    )
    await case.wait(HOURS)


async def extended(case: Case) -> None:
    """R17: extended to 25 working days; resolved after the tenth and in time."""
    await _apply_for_extension(case, "difficult")
    await case.act("decide-extension", Role.SUPERVISOR, approve=True, reason="情况属实，同意")
    await case.wait(16 * DAYS)
    await feed_back(case)
    await call_back(case, "fairly-satisfied")


async def not_extended(case: Case) -> None:
    """R17: refused; resolved in the remaining time."""
    await _apply_for_extension(case, "several-units")
    await case.act("decide-extension", Role.SUPERVISOR, approve=False, reason="可在原时限内办结")
    await case.wait(DAYS)
    await feed_back(case)
    await call_back(case, "satisfied")


async def late_contact(case: Case) -> None:
    """R31: the contact limit is missed: letter and yellow light; contact follows within a day."""
    await dispatch(case)
    await case.wait_out("contact")
    await contact(case)
    await finish(case)


async def late_reply(case: Case) -> None:
    """R32: no reply even a working day after the letter: red light."""
    await dispatch(case)
    await sign_and_contact(case)
    await case.wait_out("reply")
    await case.wait_out("supervised-feedback")
    await finish(case)


async def unresolved(case: Case) -> None:
    """R31, R32: the resolve limit is missed: yellow, red, daily reminders, then 督导问效组."""
    await dispatch(case)
    await sign_and_contact(case)
    await reply(case)
    await case.wait_out("resolve")
    await case.wait_out("supervised-feedback")
    await case.wait(6 * DAYS)
    await feed_back(case)
    await call_back(case, "fairly-satisfied")


async def untouched(case: Case) -> None:
    """The unit does nothing at all until the light is red."""
    await dispatch(case)
    await case.wait_out("reply")
    await case.wait_out("supervised-feedback")
    await contact(case)
    await finish(case)


async def dissatisfied_once(case: Case) -> None:
    """R43: back to the unit the same day, redone within 5 working days."""
    await dispatch(case)
    await sign_and_contact(case)
    await finish(case, "dissatisfied")
    await case.wait(2 * DAYS)
    await feed_back(case)
    await call_back(case, "satisfied")


async def dissatisfied_twice(case: Case) -> None:
    """R44, R45, R52: nobody had called, as the call-back reveals; the review orders completion and then closes."""
    await dispatch(case)
    await sign_and_contact(case)
    await reply(case)
    await case.wait(3 * DAYS)
    await feed_back(case)
    await case.act(
        "call-back", Role.CALLER, reached=True, grade="very-dissatisfied", resolved=False, contacted=False
    )
    await case.act("confirm-false-feedback", Role.SUPERVISOR, evidence="核对通话记录，登记时段内无通话")
    await case.wait(2 * DAYS)
    await feed_back(case)
    await call_back(case, "dissatisfied")
    form: dict[str, JsonValue] = {
        "first_result": "首次办理未实际联系企业",
        "second_result": "已上门听取意见并办理",
        "reasons": "企业对首次办理不满",
        "basis": "职责规定",
    }
    await case.unit_does("review-form", head=True, **form, seal=await case.sealed_form())
    await case.act("verify", Role.SUPERVISOR, compliant=False, opinion="尚未当面说明", order_days=3)
    await case.wait(DAYS)
    await feed_back(case)
    await case.act("verify", Role.SUPERVISOR, compliant=True, opinion="办理符合规定")
    await case.unit_does("reply", text="已上门向企业进一步解释说明")


async def answer_disliked(case: Case) -> None:
    """R12: the enterprise is dissatisfied with the answer, so the claim is dispatched."""
    await case.act("answer", Role.OPERATOR, article="KB-002", text="按知识库条目答复")
    await case.wait(HOURS)
    await call_back(case, "dissatisfied")
    await handled(case)
