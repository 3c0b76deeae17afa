"""Splitting a call with several matters into linked claims, before dispatch (R49).

The claim keeps its number and the first matter. The others are registered by a background task, as of the instant of
the call, so that a split gives the platform no more time to dispatch them.
"""

from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.events import EventKind
from claims.model.linked_claims import MattersRegistered, Split
from claims.model.messages import action_bodies as act
from claims.model.messages.envelopes import MattersToRegister
from claims.model.terms import BackgroundTaskKind
from claims.model.values import CONSOLE
from claims.transition import Transition


def split(transition: Transition, body: act.Split) -> None:
    """R49: keep the first matter, and have the others registered."""
    claim = transition.claim
    whole, (kept, *others) = claim.order, body.matters
    claim.split = Split(at=transition.at, request_id=body.request_id, matter=whole.matter, others=len(others))
    claim.order = _order_of(whole, kept)
    text = f"一次反映含{len(body.matters)}个事项，派单前拆分：本工单保留第1项，其余{len(others)}项另行登记"
    transition.write(EventKind.SPLIT, "R49", text=text, data={"others": len(others)})
    request = MattersToRegister(
        number=claim.number,
        request_id=body.request_id,
        orders=tuple(_linked(claim, _order_of(whole, one), n) for n, one in enumerate(others, start=2)),
        actor=transition.actor or CONSOLE,
        received_at=claim.registered_at,
        policy=claim.policy,
    )
    transition.run_in_background(
        BackgroundTaskKind.REGISTER_MATTERS, f"{claim.number}/split/{body.request_id}", request
    )


def _order_of(whole: WorkOrder, matter: act.SplitMatter) -> WorkOrder:
    """Return the work order of one matter."""
    category = matter.category or whole.category
    same = not matter.category or matter.category is whole.category
    subcategory = matter.subcategory or (whole.subcategory if same else "")
    told = {"matter": matter.matter, "category": category, "subcategory": subcategory}
    return whole.model_copy(update=told)


def _linked(claim: Claim, order: WorkOrder, n: int) -> WorkOrder:
    """A number of our own keeps the same matter from being registered twice; no channel has such numbers."""
    return order.model_copy(update={"external_id": f"{claim.number}-{n}", "split_from": claim.number})


def note_numbers(transition: Transition, word: MattersRegistered) -> None:
    """R49: the other matters have their numbers, and the enterprise is notified of all of them. Idempotent."""
    claim = transition.claim
    if claim.split is None or claim.split.request_id != word.request_id or claim.split.numbers:
        return
    claim.split = claim.split.model_copy(update={"numbers": word.numbers})
    numbers = "、".join((claim.number, *word.numbers))
    text = f"您一次反映的{len(word.numbers) + 1}个事项已分别登记，请按编号查询：{numbers}"
    entry = transition.write(
        EventKind.SPLIT_REGISTERED, "R49", text=text, data={"numbers": list(word.numbers)}
    )
    transition.notify_enterprise(entry)
