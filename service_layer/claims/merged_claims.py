"""Claims that were merged into others (R48): where their matter lives now."""

from typing import Final

from claims.lifecycle import OPEN
from claims.model.claim import Claim
from claims.model.labels import label
from claims.model.terms import Action
from service_layer.claims.claim_access import recorded
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services

PASSED_ON: Final = frozenset({Action.REMIND, Action.SUPPLEMENT})
"""Actions that are passed on to the claim that it was merged into."""


async def living_claim(services: Services, claim: Claim) -> Claim:
    """The claim at the end of the chain of merges: the one given if it was not merged, else the last one on record."""
    seen = {claim.number}
    while claim.merged_into and claim.merged_into not in seen:
        seen.add(claim.merged_into)
        found = await recorded(services, claim.merged_into)
        if found is None:
            break
        claim = found.claim
    return claim


def merged_away(claim: Claim, living: Claim, action: Action) -> ServiceError:
    """The refusal of an action on a claim that was merged; it names the claim to turn to."""
    detail = f"工单{claim.number}已并入工单{living.number}，不能再{label(action)}"
    instead = f"请对工单{living.number}{label(action)}"
    if living.stage not in OPEN:
        instead = f"工单{living.number}也已办结；如有新的情况，请登记新的诉求"
    return ServiceError(ErrorKind.NOT_NOW, detail, rule="R48", instead=instead)


def merged_into_another(claim: Claim, living: Claim, action: Action) -> ServiceError:
    """The same for whoever is not known as the enterprise of the claim that it was merged into (§1)."""
    detail = f"工单{claim.number}已并入工单{living.number}，后者由另一账号或电话登记，不能在此{label(action)}"
    return ServiceError(ErrorKind.NOT_NOW, detail, rule="R48", instead="请致电12345，由话务员登记到该工单")


def about_living(error: ServiceError, claim: Claim, living: Claim) -> ServiceError:
    """The same refusal, saying which claim gave it."""
    detail = f"工单{claim.number}已并入工单{living.number}：{error.detail}"
    return ServiceError(
        error.kind,
        detail,
        rule=error.rule,
        instead=error.instead,
        fields=error.fields,
        retry_after=error.retry_after,
    )
