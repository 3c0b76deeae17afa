"""Signatures of heads, and refusals of incomplete forms."""

from claims.model.claim_parts import Signature
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Role
from claims.transition import Transition


def signature_of(transition: Transition, given: Signature | None) -> Signature | None:
    """Return the head's signature: the head acts, or a handler files a signed paper. None if there is neither."""
    actor = transition.actor
    if actor is not None and actor.has(Role.HEAD):
        return Signature(head=actor.name or actor.sub)
    if given is not None and given.head.strip() and given.paper.strip():
        return given
    return None


def incomplete(rule: str, what: str, missing: list[str]) -> Refused:
    """Return the refusal of a form with missing parts; its limit continues."""
    names = "、".join(missing)
    return Refused(
        rule,
        f"{what}不完整，缺少：{names}；时限继续计算",
        f"请补齐{names}后重新提交",
        kind=RefusalKind.INCOMPLETE,
    )
