"""Likely duplicates of a claim, for the operator who decides (R48)."""

from typing import Final

from claims.lookup.duplicates import SIMILARITY_THRESHOLD, similarity
from claims.model.claim import Claim
from claims.model.labels import label
from claims.model.terms import Role, Stage
from claims.model.values import Actor
from claims.papers.redaction import redact_contact
from records.queries import claims
from service_layer.services import Services
from service_layer.views.claim import Duplicate

SHOWN: Final = 5


async def likely_duplicates(services: Services, claim: Claim, actor: Actor) -> list[Duplicate]:
    """Return the most similar first; none for roles that do not merge claims, nor for a claim that was dispatched."""
    if not actor.has(Role.OPERATOR) or claim.stage is not Stage.REGISTERED:
        return []
    await services.caught_up(besides=claim.number)
    others = await services.records.run(claims.claims_of, claim.order, besides=claim.number)
    rated = [(similarity(claim.order.matter, other.matter), other) for other in others]
    alike = sorted(
        (pair for pair in rated if pair[0] >= SIMILARITY_THRESHOLD), key=lambda pair: pair[0], reverse=True
    )
    return [_duplicate(rate, other) for rate, other in alike[:SHOWN]]


def _duplicate(rate: float, other: claims.ClaimRow) -> Duplicate:
    closed = other.stage is Stage.CLOSED
    advice = (
        "已办结：无新情况的告知办理结果，有新情况的登记为关联诉求" if closed else "尚在办理：可并入该工单"
    )
    matter = str(redact_contact(other.matter, other.order))
    name = label(other.stage)
    shown = {"number": other.number, "stage": other.stage, "stage_name": name, "matter": matter}
    return Duplicate(**shown, similarity=round(rate, 2), advice=advice)
