"""Performing an action on a claim: checked, signalled to its workflow, its outcome read.

Nothing that was acknowledged is lost, and a request that is sent again is done once.
"""

from dataclasses import dataclass

from claims.lifecycle import OPEN, knows, rule_of
from claims.model.claim import Claim
from claims.model.journal import Outcome
from claims.model.labels import label
from claims.model.messages.action_bodies import ActionBody
from claims.model.messages.envelopes import Envelope
from claims.model.refusals import RefusalKind
from claims.model.terms import Action
from claims.model.values import Actor
from claims.procedure import act
from records.errors import RecordsUnavailable
from service_layer.claims.action_validation import prepare
from service_layer.claims.claim_access import (
    ClaimSnapshot,
    current_snapshot,
    find_for_action,
    is_visible,
    outcome_of,
    recorded,
    snapshot_of,
    state_after_signal,
)
from service_layer.claims.merged_claims import (
    PASSED_ON,
    about_merge_target,
    merge_target,
    merged_away,
    merged_into_another,
)
from service_layer.claims.prepared_limits import with_schedules
from service_layer.claims.split_matters import start_split_matters
from service_layer.claims.starting import start_if_waiting
from service_layer.clock import now
from service_layer.errors import (
    ErrorKind,
    ServiceError,
    refused,
    request_id_reused,
    unavailable,
    workflow_stopped,
)
from service_layer.permissions import require_action_role
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable


@dataclass(frozen=True, slots=True)
class ActionResult:
    """An action that was accepted: the claim after it, or None while its outcome is not known.

    `number`: the claim that has the request; where the one named was merged, the one that it was merged into (R48).
    """

    number: str
    request_id: str
    snapshot: ClaimSnapshot | None


async def perform(
    services: Services, number: str, action: Action, body: ActionBody, actor: Actor
) -> ActionResult:
    """Perform an action once, however often it is sent. Raises ServiceError where it is not done."""
    require_action_role(actor, action)
    claim = await find_for_action(services, number, actor)
    if claim.merged_into and await _known_outcome(services, number, body.request_id) is None:
        return await _perform_on_merge_target(services, claim, action, body, actor)
    await _refuse_unknown(services, claim, action)
    envelope = await prepare(services, claim, body, actor)
    await _refuse_if_full(services, claim, action, envelope)
    request_id = body.request_id
    scheduled = await with_schedules(services, claim, action, envelope)
    try:
        state = await state_after_signal(
            services, number, request_id, lambda: _signal(services, claim, action, scheduled)
        )
    except NotRunning:
        outcome = await _known_outcome(services, number, request_id)
        if outcome is None:
            raise await _not_running(services, claim, action) from None
        state = None
    else:
        outcome = state.outcome if state else None
        if state is not None:
            services.recent_claims.note(state.claim)
    if outcome is None:
        services.counters.count_action(action, "pending")
        return ActionResult(number, request_id, None)
    services.counters.count_action(action, outcome.status)
    _raise_unless_accepted(outcome, action, envelope)
    snapshot = snapshot_of(state) if state else await current_snapshot(services, number)
    if action is Action.SPLIT and snapshot is not None:
        snapshot = await start_split_matters(services, snapshot)
    return ActionResult(number, request_id, snapshot)


async def _perform_on_merge_target(
    services: Services, claim: Claim, action: Action, body: ActionBody, actor: Actor
) -> ActionResult:
    """R48: pass reminders and supplements on to the merge target; refuse any other action."""
    target = await merge_target(services, claim)
    if action not in PASSED_ON or target.stage not in OPEN:
        raise merged_away(claim, target, action)
    if not is_visible(services, target, actor):
        raise merged_into_another(claim, target, action)
    try:
        return await perform(services, target.number, action, body, actor)
    except ServiceError as error:
        raise about_merge_target(error, claim, target) from error


async def _refuse_unknown(services: Services, claim: Claim, action: Action) -> None:
    """R7: an action that a later edition brought is not sent to a claim without it. The records may be behind the
    claim."""
    if knows(claim.policy, action):
        return
    current = await current_snapshot(services, claim.number)
    if current is None or not knows(current.claim.policy, action):
        reason = f"本工单适用的规定没有“{label(action)}”"
        raise refused(RefusalKind.NOT_NOW, reason, rule=rule_of(action), instead="请按本工单适用的规定办理")


async def _refuse_if_full(services: Services, claim: Claim, action: Action, envelope: Envelope) -> None:
    """R46: an action that a claim with many lines or refusals would refuse is not sent to it, so that there is room
    for what ends it. The records may be behind the claim, which alone knows what it would do."""
    if not (claim.is_journal_full or claim.has_many_refusals):
        return
    request_id = str(envelope.body["request_id"])
    if await _known_outcome(services, claim.number, request_id) is not None:
        return
    current = await current_snapshot(services, claim.number)
    at = current.now if current else now()
    _, outcome = act(current.claim if current else claim, action, envelope, now=at)
    _raise_unless_accepted(outcome, action, envelope)


async def _signal(services: Services, claim: Claim, action: Action, envelope: Envelope) -> None:
    """Raises NotRunning for a claim without a workflow, UNAVAILABLE where it is not known to have arrived."""
    number = claim.number
    try:
        try:
            await services.temporal.signal(number, action, envelope)
        except NotRunning:
            if claim.over or not await start_if_waiting(services, number):
                raise
            await services.temporal.signal(number, action, envelope)
    except (TemporalUnavailable, NoAnswer, RecordsUnavailable) as error:
        raise unavailable(
            "流程引擎暂时没有应答，操作未确认送达；以同一 request_id 重复提交是安全的，只会办理一次"
        ) from error


async def _known_outcome(services: Services, number: str, request_id: str) -> Outcome | None:
    try:
        outcome, _ = await outcome_of(services, number, request_id)
    except RecordsUnavailable:
        return None
    return outcome


def _raise_unless_accepted(outcome: Outcome, action: Action, envelope: Envelope) -> None:
    if outcome.action != action:
        raise request_id_reused(outcome.request_id, f"“{_name(outcome.action)}”")
    if outcome.fingerprint not in ("", envelope.fingerprint(action)):
        raise request_id_reused(outcome.request_id, "内容不同或他人提交的操作")
    if outcome.status == "refused":
        raise refused(outcome.kind, outcome.reason, rule=outcome.rule, instead=outcome.instead)


def _name(action: str) -> str:
    return label(Action(action)) if action in set(Action) else action


async def _not_running(services: Services, claim: Claim, action: Action) -> ServiceError:
    """Return the error that the claim has ended, or that its workflow was ended in the Temporal UI, which an
    administrator resets (ADR 0001).
    """
    found = None if claim.over else await recorded(services, claim.number)
    if found is not None and not found.claim.over:
        return workflow_stopped(f"工单尚未办结，但其流程已被停止，暂不能{label(action)}")
    if found is not None and found.claim.merged_into:
        return merged_away(found.claim, await merge_target(services, found.claim), action)
    detail = f"工单已办结，不能再{label(action)}"
    return ServiceError(ErrorKind.NOT_NOW, detail, instead="如有新的情况，请登记新的诉求")
