"""Claims that were merged into others (R48): the claims that have taken them over."""

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


async def merge_target(services: Services, claim: Claim) -> Claim:
    """Return the claim at the end of the chain of merges, as far as it is on record; an unmerged claim is its own."""
    seen = {claim.number}
    while claim.merged_into and claim.merged_into not in seen:
        seen.add(claim.merged_into)
        found = await recorded(services, claim.merged_into)
        if found is None:
            break
        claim = found.claim
    return claim


def merged_away(claim: Claim, target: Claim, action: Action) -> ServiceError:
    """Return the refusal of an action on a merged claim; it names the claim to use instead."""
    detail = f"工单{claim.number}已并入工单{target.number}，不能再{label(action)}"
    instead = f"请对工单{target.number}{label(action)}"
    if target.stage not in OPEN:
        instead = f"工单{target.number}也已办结；如有新的情况，请登记新的诉求"
    return ServiceError(ErrorKind.NOT_NOW, detail, rule="R48", instead=instead)


def merged_into_another(claim: Claim, target: Claim, action: Action) -> ServiceError:
    """As `merged_away`, for an enterprise that is not known to own the merge target (§1)."""
    detail = f"工单{claim.number}已并入工单{target.number}，后者由另一账号或电话登记，不能在此{label(action)}"
    return ServiceError(ErrorKind.NOT_NOW, detail, rule="R48", instead="请致电12345，由话务员登记到该工单")


def about_merge_target(error: ServiceError, claim: Claim, target: Claim) -> ServiceError:
    """Return a refusal by the merge target that also names the merged claim."""
    detail = f"工单{claim.number}已并入工单{target.number}：{error.detail}"
    return ServiceError(
        error.kind,
        detail,
        rule=error.rule,
        instead=error.instead,
        fields=error.fields,
        retry_after=error.retry_after,
    )
