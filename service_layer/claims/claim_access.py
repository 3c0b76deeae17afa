"""Reading a claim as its caller may see it: from its workflow, else from the records (§1)."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from claims.model.claim import Claim
from claims.model.journal import Outcome
from claims.model.terms import Role
from claims.model.values import Actor
from claims.need_to_know import may_see
from records import intake
from records.errors import RecordsUnavailable
from records.queries import claims
from service_layer.clock import now
from service_layer.errors import no_such_claim, unavailable
from service_layer.polling import poll, send_and_poll
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable
from workflows.messages import ClaimState, Opening


@dataclass(frozen=True, slots=True)
class ClaimSnapshot:
    """A claim, its clock, and whether it comes from the records only."""

    claim: Claim
    now: datetime
    stale: bool = False


def snapshot_of(state: ClaimState) -> ClaimSnapshot:
    """Convert a workflow's answer into a snapshot."""
    return ClaimSnapshot(state.claim, state.now)


async def find(services: Services, number: str, actor: Actor) -> ClaimSnapshot:
    """Return the claim as it is now, else as the records have it. Raises NOT_FOUND, UNAVAILABLE,
    RecordsUnavailable.
    """
    found = await current_snapshot(services, number)
    return await _visible(services, found, number, actor)


async def find_for_action(services: Services, number: str, actor: Actor) -> Claim:
    """Return the same, as its workflow answered lately, else from the records: the workflow decides on the action
    anyway. Records restored from an older backup may not have the claim; then its workflow is asked.
    """
    seen = services.recent_claims.seen_lately(number)
    if seen is not None:
        found: ClaimSnapshot | None = ClaimSnapshot(seen, now(), stale=True)
    else:
        found = await _recorded_or_asked(services, number)
    return (await _visible(services, found, number, actor)).claim


async def _recorded_or_asked(services: Services, number: str) -> ClaimSnapshot | None:
    found = None
    with suppress(RecordsUnavailable):
        found = await recorded(services, number)
    if found is None:
        state = await settled_state(services, number)
        return snapshot_of(state) if state else None
    return replace(found, claim=services.recent_claims.latest(found.claim))


async def current_snapshot(services: Services, number: str) -> ClaimSnapshot | None:
    """Return the workflow's answer, else the records'; None where there is no such claim."""
    state = await settled_state(services, number)
    if state is None:
        return await recorded(services, number)
    return snapshot_of(state) if not state.claim.over else await _with_what_came_later(services, state)


async def _with_what_came_later(services: Services, state: ClaimState) -> ClaimSnapshot:
    """R37: of a claim that has ended, the records alone know of a light that was revoked since."""
    with suppress(RecordsUnavailable):
        record = await recorded(services, state.claim.number)
        if record is not None and record.claim.seq > state.claim.seq:
            return ClaimSnapshot(record.claim, state.now)
    return snapshot_of(state)


def is_visible(services: Services, claim: Claim, actor: Actor) -> bool:
    """Return whether the actor may see a claim. A unit sees those of units that were merged into it, too: it
    answers for them (R61).
    """
    if may_see(claim, actor):
        return True
    organisation = services.organisation
    if actor.unit is None or actor.unit.id not in {unit.id for unit in organisation.units}:
        return False
    former = (organisation.ref(unit.id) for unit in organisation.merged_into(actor.unit.id))
    return any(may_see(claim, actor.model_copy(update={"unit": unit})) for unit in former)


async def _visible(
    services: Services, found: ClaimSnapshot | None, number: str, actor: Actor
) -> ClaimSnapshot:
    """A claim that by the records is not the caller's may have become so since: its workflow has the last word."""
    if (
        found is not None
        and found.stale
        and not found.claim.over
        and not is_visible(services, found.claim, actor)
    ):
        found = await _from_workflow(services, number)
    if found is not None and actor.has(Role.ENTERPRISE) and not may_see(found.claim, actor):
        found = await _with_account(services, found)
    if found is None or not is_visible(services, found.claim, actor):
        raise no_such_claim(number)
    return found


async def _with_account(services: Services, found: ClaimSnapshot) -> ClaimSnapshot:
    """Add the registering account, which for claims of earlier versions is only in the records (§1)."""
    with suppress(RecordsUnavailable):
        record = await recorded(services, found.claim.number)
        if record is not None and not found.claim.order.account:
            account = record.claim.order.account
            order = found.claim.order.model_copy(update={"account": account})
            return replace(found, claim=found.claim.model_copy(update={"order": order}))
    return found


async def _from_workflow(services: Services, number: str) -> ClaimSnapshot | None:
    try:
        return snapshot_of(await services.temporal.claim_state(number))
    except (NotRunning, TemporalUnavailable):
        return None
    except NoAnswer as error:
        raise unavailable("流程引擎暂时没有应答，请稍后重试") from error


async def recorded(services: Services, number: str) -> ClaimSnapshot | None:
    """Return the claim on record. A claim that has not written anything yet is as it was registered (R10)."""
    claim = await services.records.run(claims.snapshot, number)
    if claim is None:
        line = await services.records.run(intake.intake_of, number)
        if line is None:
            return None
        opening = Opening.model_validate(line.payload)
        claim = opening.registered(line.received_at).claim
    return ClaimSnapshot(claim, now(), stale=True)


async def settled_state(services: Services, number: str, request_id: str = "") -> ClaimState | None:
    """Return the workflow's state once its limits are fixed, or as it is when time is up; None where it does
    not answer.
    """
    return await _poll_state(services, number, request_id, _is_settled)


async def state_after_signal(
    services: Services, number: str, request_id: str, signal: Callable[[], Awaitable[None]]
) -> ClaimState | None:
    """Signal the workflow; return the same, once the request's outcome is known too. Raises what the signal raises."""

    def is_done(state: ClaimState) -> bool:
        return state.is_settled and state.outcome is not None

    within, query = services.settings.action_timeout, _query(services, number, request_id)
    return await send_and_poll(signal, query, is_done, within=within, time=services.signals)


async def state_after_start(
    services: Services, number: str, start: Callable[[], Awaitable[None]]
) -> ClaimState | None:
    """Start the workflow; return the same as `settled_state`. Raises what the start raises."""
    within, query = services.settings.action_timeout, _query(services, number)
    return await send_and_poll(start, query, _is_settled, within=within, time=services.starts)


async def state_with_matters(services: Services, number: str) -> ClaimState | None:
    """Return the same, once the other matters of a call that was split have their numbers (R49)."""

    def is_done(state: ClaimState) -> bool:
        return state.is_settled and (state.claim.split is None or bool(state.claim.split.numbers))

    return await _poll_state(services, number, "", is_done)


async def _poll_state(
    services: Services, number: str, request_id: str, is_done: Callable[[ClaimState], bool]
) -> ClaimState | None:
    query = _query(services, number, request_id)
    return await poll(query, is_done, within=services.settings.action_timeout)


def _query(services: Services, number: str, request_id: str = "") -> Callable[[float], Awaitable[ClaimState]]:
    return lambda left: services.temporal.claim_state(number, request_id, within=left)


def _is_settled(state: ClaimState) -> bool:
    return state.is_settled


async def outcome_of(services: Services, number: str, request_id: str) -> tuple[Outcome | None, bool]:
    """Return the outcome of a request; and if it is not known, whether the claim says that it never got the
    request.
    """
    state = await settled_state(services, number, request_id)
    if state is not None and state.outcome is not None:
        return state.outcome, True
    recorded_outcome = await services.records.run(claims.outcome, number, request_id)
    return recorded_outcome, state is not None and _knows_no_such_request(state, request_id)


def _knows_no_such_request(state: ClaimState, request_id: str) -> bool:
    return state.is_settled and not state.claim.awaits_answer_to(request_id)
