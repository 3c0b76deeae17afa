"""Likely duplicates of a claim, for the operator who decides (R48)."""

from typing import Final

from pydantic import BaseModel, Field

from claims.lookup.duplicates import SIMILARITY_THRESHOLD, similarity
from claims.model.claim import Claim
from claims.model.terms import Role, Stage
from claims.model.values import Actor
from records.queries import claims
from service_layer.services import Services

SHOWN: Final = 5


class Duplicate(BaseModel):
    """A claim of the same enterprise about much the same matter."""

    number: str
    stage: Stage
    matter: str
    similarity: float = Field(description="诉求内容的相近程度，0至1")
    advice: str = Field(description="建议的处理方式")


async def likely_duplicates(services: Services, claim: Claim, actor: Actor) -> list[Duplicate]:
    """The most alike first; empty for whoever does not merge, and for a claim that is past it."""
    if not actor.has(Role.OPERATOR) or claim.stage is not Stage.REGISTERED:
        return []
    others = await services.book.ask(claims.claims_of, claim.order.enterprise, besides=claim.number)
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
    shown = {"number": other.number, "stage": other.stage, "matter": other.matter}
    return Duplicate(**shown, similarity=round(rate, 2), advice=advice)
