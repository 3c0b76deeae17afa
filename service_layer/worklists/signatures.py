"""Acts that await a head's signature: written by a handler, signed by the head, several at once (R15, R17,
R44).

A draft is not an act. The act is the head's own, performed on signing, on the claim's state at that time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue, ValidationError

from claims.lifecycle import allowed_actions
from claims.model.labels import label
from claims.model.messages.action_bodies import BODIES, ActionBody
from claims.model.terms import Action, Role
from claims.model.values import Actor
from claims.need_to_know import sees_contacts
from records.errors import RecordsUnavailable
from records.people.signature_drafts import SignatureDraft, drafts_of_units, keep_draft, remove_draft
from service_layer.claims.claim_access import find_for_action, recorded
from service_layer.claims.claim_actions import perform
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.permissions import require_role
from service_layer.services import Services

SIGNED: Final = (Action.REJECT, Action.REQUEST_EXTENSION, Action.REVIEW_FORM)
"""Actions that need the head's signature."""
MOST_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Signing:
    """The result of one signature: `refusal` where the claim did not take it, `is_pending` where its answer
    is not known yet.
    """

    draft: SignatureDraft
    request_id: str
    is_pending: bool = False
    refusal: ServiceError | None = None


def draft_id(draft: SignatureDraft) -> str:
    """Return the draft's id in a form. It contains the time of writing, so that nobody signs what was changed
    since they read it.
    """
    return f"{draft.number}/{draft.action}/{draft.unit}/{draft.at.isoformat()}"


async def keep_for_signature(
    services: Services, number: str, action: Action, body: ActionBody, actor: Actor
) -> None:
    """Keep an act for the unit's head. Raises FORBIDDEN, NOT_FOUND, NOT_NOW, RecordsUnavailable."""
    require_role(actor, Role.HANDLER, what="送负责人签字")
    claim = await find_for_action(services, number, actor)
    if action not in SIGNED or action not in allowed_actions(claim, actor) or actor.unit is None:
        detail = f"工单现在不能{label(action)}"
        raise ServiceError(ErrorKind.NOT_NOW, detail, instead="请刷新工单页，查看现在可以办理的事项")
    content = body.model_dump(mode="json", exclude={"request_id", "signature"}, exclude_none=True)
    draft = SignatureDraft(
        number=number,
        action=action,
        unit=actor.unit.id,
        body=content,
        by=actor.name or actor.sub,
        at=now(),
    )
    await services.records.run(keep_draft, draft)


async def drafts_for(services: Services, actor: Actor) -> list[SignatureDraft]:
    """Return the drafts in the actor's unit; for a head, also in units below it. Raises RecordsUnavailable."""
    if actor.unit is None:
        return []
    own, tree = actor.unit.id, services.organisation
    units = [own]
    if actor.has(Role.HEAD):
        units = [unit.id for unit in tree.units if tree.is_at_or_below(unit.id, own)]
    return await services.records.run(drafts_of_units, units)


async def drafts_shown(services: Services, actor: Actor) -> list[SignatureDraft]:
    """Return those whose claims the actor's unit still handles: they quote what it knew of the enterprise
    (R54). Raises RecordsUnavailable.
    """
    found = await drafts_for(services, actor)
    known = {number: await recorded(services, number) for number in {draft.number for draft in found}}
    handled = {number for number, one in known.items() if one and sees_contacts(one.claim, actor)}
    return [draft for draft in found if draft.number in handled]


async def sign_drafts(services: Services, chosen: Sequence[tuple[str, str]], actor: Actor) -> list[Signing]:
    """Sign drafts, each by its own request id, and each with its own answer. Raises FORBIDDEN, INVALID, RecordsUnavailable.

    `chosen`: pairs of a draft's id and the request id.
    """
    require_role(actor, Role.HEAD, what="签字")
    if len(chosen) > MOST_AT_ONCE:
        detail = f"一次最多签{MOST_AT_ONCE}件"
        raise ServiceError(ErrorKind.INVALID, detail, instead="请分几次签字")
    waiting = {draft_id(draft): draft for draft in await drafts_for(services, actor)}
    return [
        await _sign(services, waiting[id], request_id, actor) for id, request_id in chosen if id in waiting
    ]


async def send_back(services: Services, id: str, actor: Actor) -> None:
    """Return a draft to the handler unsigned. Raises RecordsUnavailable."""
    for draft in await drafts_for(services, actor):
        if draft_id(draft) == id:
            await services.records.run(remove_draft, draft)


async def _sign(services: Services, draft: SignatureDraft, request_id: str, actor: Actor) -> Signing:
    written: dict[str, JsonValue] = {**draft.body, "request_id": request_id}
    try:
        body = BODIES[draft.action].model_validate(written)
        done = await perform(services, draft.number, draft.action, body, actor)
        await services.records.run(remove_draft, draft)
    except ValidationError:
        detail = "内容不完整，不能签字"
        refusal = ServiceError(ErrorKind.INVALID, detail, instead="请退回经办人重新填写")
        return Signing(draft, request_id, refusal=refusal)
    except ServiceError as error:
        return Signing(draft, request_id, refusal=error)
    except RecordsUnavailable:
        return Signing(draft, request_id, refusal=unavailable("台账数据库暂时没有应答，请重新签字"))
    return Signing(draft, request_id, is_pending=done.snapshot is None)
