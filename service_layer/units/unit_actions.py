"""Performing an action on a unit's account: interviews, accountability, revoked lights (R35-R37)."""

from typing import Final

from claims.model.journal import Outcome
from claims.model.messages.action_bodies import ActionBody
from claims.model.messages.unit_action_bodies import UNIT_RULES, RevokeLight, UnitAction, UnitEnvelope
from claims.model.values import Actor
from records.accounts import unit_account
from records.queries.units import unit_lights
from service_layer.clock import now
from service_layer.errors import (
    ErrorKind,
    ServiceError,
    refused,
    request_id_reused,
    unavailable,
    workflow_stopped,
)
from service_layer.permissions import require_unit_action_role
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable
from service_layer.units.unit_accounts import account_of, unit_state_with_outcome

_NOTHING_TO_DO: Final = {
    UnitAction.RECORD_INTERVIEW: "该单位没有约谈",
    UnitAction.RECORD_ACCOUNTABILITY_STEP: "该单位没有问责材料",
    UnitAction.REVOKE_LIGHT: "该单位没有亮牌",
}


async def perform_on_unit(
    services: Services, unit: str, action: UnitAction, body: ActionBody, actor: Actor
) -> bool:
    """Perform an action once, however often it is sent. False: its outcome is not known yet.

    Raises ServiceError where it is refused, or not known to have arrived.
    """
    require_unit_action_role(actor, action)
    if isinstance(body, RevokeLight):
        await _refuse_unknown_light(services, unit, body.light)
    received_at = None if services.settings.virtual_time else now()
    envelope = UnitEnvelope(
        action=action, actor=actor, received_at=received_at, body=body.model_dump(mode="json")
    )
    try:
        await services.temporal.signal_unit(unit, envelope)
    except NotRunning as error:
        raise await _not_running(services, unit, action) from error
    except (TemporalUnavailable, NoAnswer) as error:
        raise unavailable("流程引擎暂时没有应答；以同一 request_id 重复提交是安全的，只会办理一次") from error
    state = await unit_state_with_outcome(services, unit, body.request_id)
    if state is None or state.outcome is None:
        return False
    _raise_unless_accepted(state.outcome, envelope)
    return True


async def _not_running(services: Services, unit: str, action: UnitAction) -> ServiceError:
    """There is no account; or its workflow was ended in the Temporal UI, which an administrator resets (ADR 0001)."""
    if await services.records.run(unit_account, unit) is None:
        return ServiceError(ErrorKind.NOT_NOW, _NOTHING_TO_DO[action], rule=UNIT_RULES[action])
    return workflow_stopped("该单位台账的流程已被停止", rule=UNIT_RULES[action])


async def _refuse_unknown_light(services: Services, unit: str, light: str) -> None:
    """Raise UNAVAILABLE for a light that its claim has given and that the account has not received yet."""
    account = await account_of(services, unit)
    if account is not None and light in account.lights:
        return
    if any(found.id == light for found in await services.records.run(unit_lights, unit)):
        raise unavailable("这块亮牌刚刚亮起，单位台账尚未登记；请稍后重新提交")


def _raise_unless_accepted(outcome: Outcome, envelope: UnitEnvelope) -> None:
    if outcome.action != envelope.action:
        raise request_id_reused(outcome.request_id, "其他操作")
    if outcome.fingerprint not in ("", envelope.fingerprint):
        raise request_id_reused(outcome.request_id, "内容不同或他人提交的操作")
    if outcome.status == "refused":
        raise refused(outcome.kind, outcome.reason, rule=outcome.rule, instead=outcome.instead)
