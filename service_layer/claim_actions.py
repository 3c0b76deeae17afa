"""The way of an action: checked, signalled, its outcome read. Nothing that was acknowledged is lost."""

from dataclasses import dataclass

from api.http.problems import Kind, Problem, refusal, stopped, unavailable
from claims.lifecycle import check, roles_for
from claims.model.action_bodies import ActionBody
from claims.model.claim import Claim
from claims.model.envelopes import Envelope
from claims.model.journal import Outcome
from claims.model.labels import label
from claims.model.refusals import Refused
from claims.model.terms import Action, Role
from claims.model.values import Actor
from records.errors import RecordsUnavailable
from service_layer.action_validation import prepare
from service_layer.claim_access import Sighting, find_for_action, outcome_of, recorded
from service_layer.polling import live, look_for_outcome
from service_layer.registration import start_if_waiting
from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalAway
from workflows.messages import Look


@dataclass(frozen=True, slots=True)
class Sent:
    """An action that the claim has taken: the claim after it, or None while it has not answered."""

    request_id: str
    sighting: Sighting | None


def check_role(action: Action, actor: Actor) -> None:
    """Raises a 403 problem for a role that may never do this."""
    roles = roles_for(action)
    if not actor.has(*roles):
        names = "、".join(label(role) for role in Role if role in roles and role is not Role.CONSOLE)
        detail = f"您的身份不能{label(action)}"
        raise Problem(Kind.FORBIDDEN, detail, rule="§1", instead=f"请由{names}办理")


async def send(services: Services, number: str, action: Action, body: ActionBody, actor: Actor) -> Sent:
    """Do an action once, however often it is sent. Raises a problem where it is not done."""
    claim = await find_for_action(services, number, actor)
    await _spare_the_full(services, claim, action, body, actor)
    envelope = await prepare(services, claim, body, actor)
    request_id = body.request_id
    try:
        await _signal(services, claim, action, envelope)
    except NotRunning:
        outcome = await _known_outcome(services, number, request_id)
        if outcome is None:
            raise await _takes_nothing_more(services, claim, action) from None
        look = None
    else:
        look = await look_for_outcome(services, number, request_id)
        outcome = look.outcome if look else None
    if outcome is None:
        services.metrics.outcomes.labels(action, "pending").inc()
        return Sent(request_id, None)
    services.metrics.outcomes.labels(action, outcome.status).inc()
    raise_unless_accepted(outcome, action)
    return Sent(request_id, await _after(services, number, look))


async def _spare_the_full(
    services: Services, claim: Claim, action: Action, body: ActionBody, actor: Actor
) -> None:
    """R46: what a full claim would refuse is not sent to it any more, so that there is room for what ends it.
    Raises the problem that the refusal is."""
    if not claim.is_journal_full or await _known_outcome(services, claim.number, body.request_id) is not None:
        return
    try:
        check(claim, action, actor)
    except Refused as refused:
        raise refusal(refused.kind, refused.reason, rule=refused.rule, instead=refused.instead) from refused


async def _signal(services: Services, claim: Claim, action: Action, envelope: Envelope) -> None:
    """Raises NotRunning for a claim that has no workflow any more, a 503 problem when it is not known to have
    arrived."""
    number = claim.number
    try:
        try:
            await services.claims.signal(number, action, envelope)
        except NotRunning:
            if claim.over or not await start_if_waiting(services, number):
                raise
            await services.claims.signal(number, action, envelope)
    except (TemporalAway, NoAnswer, RecordsUnavailable) as error:
        raise unavailable(
            "流程引擎暂时没有应答，操作未确认送达；以同一 request_id 重复提交是安全的，只会办理一次"
        ) from error


async def _known_outcome(services: Services, number: str, request_id: str) -> Outcome | None:
    try:
        outcome, _ = await outcome_of(services, number, request_id)
    except RecordsUnavailable:
        return None
    return outcome


def raise_unless_accepted(outcome: Outcome, action: Action) -> None:
    """Raises the problem that a refusal is, or that a request id was used before for something else."""
    if outcome.action != action:
        detail = f"请求编号{outcome.request_id}已用于“{_name(outcome.action)}”"
        raise Problem(Kind.CONFLICT, detail, instead="每个操作请使用新的 request_id")
    if outcome.status == "refused":
        raise refusal(outcome.kind, outcome.reason, rule=outcome.rule, instead=outcome.instead)


def _name(action: str) -> str:
    return label(Action(action)) if action in set(Action) else action


async def _takes_nothing_more(services: Services, claim: Claim, action: Action) -> Problem:
    """It has ended; or its workflow was ended in the Temporal UI, which an administrator mends (ADR 0001)."""
    found = None if claim.over else await recorded(services, claim.number)
    if found is not None and not found.claim.over:
        detail = f"工单尚未办结，但其流程已被停止，暂不能{label(action)}"
        return stopped(detail)
    detail = f"工单已办结，不能再{label(action)}"
    return Problem(Kind.NOT_NOW, detail, instead="如有新的情况，请登记新的诉求")


async def _after(services: Services, number: str, look: Look | None) -> Sighting | None:
    if look is None:
        look = await live(services, number)
    return Sighting(look.claim, look.now) if look else await recorded(services, number)
