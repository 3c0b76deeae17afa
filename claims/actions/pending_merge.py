"""A merge that waits for the other claim's answer, and its outcome (R48)."""

from datetime import datetime
from typing import Final

from claims.model.events import EventKind
from claims.model.journal import Entry, Outcome
from claims.model.labels import label
from claims.model.linked_claims import Merging
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Action
from claims.transition import Transition

LATER: Final = "请稍后重新并案"


def settle(transition: Transition, merging: Merging, entry: Entry, refused: Refused | None = None) -> None:
    """The merge waits no more; its request has its outcome."""
    transition.claim.merging = None
    outcome = Outcome(
        request_id=merging.request_id,
        action=Action.MERGE,
        status="refused" if refused else "accepted",
        at=entry.at,
        seq=entry.seq,
        fingerprint=merging.fingerprint,
    )
    if refused is not None:
        told = {"kind": refused.kind, "rule": refused.rule, "reason": refused.reason}
        outcome = outcome.model_copy(update={**told, "instead": refused.instead})
    transition.outcomes.append(outcome)


def refuse(transition: Transition, merging: Merging, refused: Refused, *, at: datetime | None = None) -> None:
    """Refuse the merge; the claim continues as before."""
    entry = transition.write(
        EventKind.REFUSED,
        refused.rule,
        at=at,
        text=f"不予{label(Action.MERGE)}：{refused.reason}",
        data={"action": Action.MERGE, "instead": refused.instead},
        actor=merging.actor,
        request_id=merging.request_id,
    )
    settle(transition, merging, entry, refused)


def end_with_claim(transition: Transition, at: datetime) -> None:
    """The claim ends otherwise while it waits: it is not merged."""
    if (merging := transition.claim.merging) is not None:
        refuse(transition, merging, Refused("R48", "工单已先行办结", "无需再并案"), at=at)


def end_unanswered(transition: Transition, at: datetime) -> None:
    """The other claim has not answered in time."""
    if (merging := transition.claim.merging) is not None:
        minutes = transition.claim.policy.merge_answer_minutes
        reason = f"工单{merging.into}在{minutes}分钟内没有答复"
        refuse(transition, merging, Refused("R48", reason, LATER, kind=RefusalKind.NOT_NOW), at=at)
