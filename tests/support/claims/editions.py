"""Invented editions."""

from collections.abc import Mapping

from claims import procedure
from claims.deadlines.recalculation import NewEdition
from claims.editions.edition import Edition, policy_after
from claims.editions.validation import validate_edition
from claims.transition import Transition
from tests.support.claims.offline_claim import Paper


def raw_edition(id: object = "2027-1", **changes: object) -> dict[str, object]:
    """Return an edition as submitted."""
    return {
        "id": id,
        "source": "虚构的通知，仅供测试",
        "in_force_from": "2027-01-01",
        "reaches": "new",
        "changes": {"resolve_days": 8},
        **changes,
    }


def edition(id: str = "2027-1", changes: Mapping[str, object] | None = None, **fields: object) -> Edition:
    """Return a validated edition."""
    given = {} if changes is None else {"changes": dict(changes)}
    return validate_edition(raw_edition(id, **given, **fields))


def adopt(paper: Paper, *editions: Edition) -> Transition:
    """Apply published editions to a claim, as an update does (R7)."""
    order = paper.claim.order
    policy = policy_after(
        paper.claim.policy,
        editions,
        paper.now,
        order.channel,
        order.category,
        registered_at=paper.claim.registered_at,
    )
    newest = editions[-1]
    news = NewEdition(edition=newest.id, source=newest.source, policy=policy)
    step = procedure.new_edition(paper.claim, news, now=paper.now)
    paper.adopt(step)
    return step
