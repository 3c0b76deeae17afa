"""Units' accounts as the API reaches them: acted on by signal, looked at by query or in the records."""

import asyncio
from typing import Final

from temporalio.client import WorkflowQueryFailedError

from activities.workflow_ids import unit_workflow_id
from api.http.problems import Kind, Problem, refusal, stopped, unavailable
from claims.model.action_bodies import ActionBody
from claims.model.journal import Outcome
from claims.model.labels import label
from claims.model.terms import Role
from claims.model.unit_account import UnitAccount
from claims.model.unit_action_bodies import UNIT_ROLES, UNIT_RULES, RevokeLight, UnitAction, UnitEnvelope
from claims.model.values import Actor
from records.accounts import unit_account
from records.queries.units import unit_lights
from service_layer.clock import now
from service_layer.polling import FIRST_PAUSE, LONGEST_PAUSE
from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalAway
from workflows.unit_messages import QUERY_LOOK, UnitLook

_NOTHING_TO_DO: Final = {
    UnitAction.RECORD_INTERVIEW: "该单位没有约谈",
    UnitAction.RECORD_ACCOUNTABILITY_STEP: "该单位没有问责材料",
    UnitAction.REVOKE_LIGHT: "该单位没有亮牌",
}


def check_unit_role(action: UnitAction, actor: Actor) -> None:
    """Raises a 403 problem for a role that may never do this (§1)."""
    roles = UNIT_ROLES[action]
    if not actor.has(*roles):
        names = "、".join(label(role) for role in Role if role in roles)
        rule = UNIT_RULES[action]
        raise Problem(Kind.FORBIDDEN, "您的身份不能办理此事项", rule=rule, instead=f"请由{names}办理")


async def send_to_unit(
    services: Services, unit: str, action: UnitAction, body: ActionBody, actor: Actor
) -> bool:
    """Do it once, however often it is sent; False while the account has not answered. Raises a problem
    where it is refused, or not known to have arrived."""
    if isinstance(body, RevokeLight):
        await _refuse_too_early(services, unit, body.light)
    envelope = UnitEnvelope(action=action, actor=actor, received_at=now(), body=body.model_dump(mode="json"))
    try:
        async with services.claims.client() as client:
            await client.get_workflow_handle(unit_workflow_id(unit)).signal("act", envelope)
    except NotRunning as error:
        raise await _not_running(services, unit, action) from error
    except (TemporalAway, NoAnswer) as error:
        raise unavailable("流程引擎暂时没有应答；以同一 request_id 重复提交是安全的，只会办理一次") from error
    outcome = await _outcome_in_time(services, unit, body.request_id)
    if outcome is not None:
        _raise_unless_accepted(outcome, action)
    return outcome is not None


async def _not_running(services: Services, unit: str, action: UnitAction) -> Problem:
    """There is no account; or its workflow was ended in the Temporal UI, which an administrator mends (ADR 0001)."""
    if await services.book.ask(unit_account, unit) is None:
        return Problem(Kind.NOT_NOW, _NOTHING_TO_DO[action], rule=UNIT_RULES[action])
    return stopped("该单位台账的流程已被停止", rule=UNIT_RULES[action])


async def _refuse_too_early(services: Services, unit: str, light: str) -> None:
    """Raises a 503 problem for a light that its claim has given and that is still on its way to the account."""
    account = await account_of(services, unit)
    if account is not None and light in account.lights:
        return
    if any(found.id == light for found in await services.book.ask(unit_lights, unit)):
        raise unavailable("这块亮牌刚刚亮起，单位台账尚未登记；请稍后重新提交")


def _raise_unless_accepted(outcome: Outcome, action: UnitAction) -> None:
    if outcome.action != action:
        detail = f"请求编号{outcome.request_id}已用于其他操作"
        raise Problem(Kind.CONFLICT, detail, instead="每个操作请使用新的 request_id")
    if outcome.status == "refused":
        raise refusal(outcome.kind, outcome.reason, rule=outcome.rule, instead=outcome.instead)


async def _outcome_in_time(services: Services, unit: str, request_id: str) -> Outcome | None:
    loop = asyncio.get_running_loop()
    ends, pause = loop.time() + services.settings.action_timeout, FIRST_PAUSE
    while loop.time() < ends:
        look = await look_at_unit(services, unit, request_id)
        if look is None or look.outcome is not None:
            return look.outcome if look else None
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return None


async def look_at_unit(services: Services, unit: str, request_id: str = "") -> UnitLook | None:
    """The account's own word; None where it does not answer, or there is none."""
    try:
        async with services.claims.client() as client:
            handle = client.get_workflow_handle(unit_workflow_id(unit))
            look: UnitLook = await handle.query(QUERY_LOOK, request_id, result_type=UnitLook)
            return look
    except (TemporalAway, NoAnswer, NotRunning, WorkflowQueryFailedError):
        return None


async def account_of(services: Services, unit: str) -> UnitAccount | None:
    """The account as it stands, else as the records have it; None for a unit without one."""
    look = await look_at_unit(services, unit)
    return look.account if look is not None else await services.book.ask(unit_account, unit)
