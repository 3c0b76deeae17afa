"""Scans of signed and sealed papers that an act names (R15, R17, R44): of this claim, of the unit, and showing ink."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from api.http.problems import Kind, Problem
from claims.model import action_bodies as act
from claims.model.action_bodies import ActionBody
from claims.model.claim import Claim
from documents.media_types import SCANNED
from records.attachments import Attachment, attachment
from service_layer.services import Services

_SIGNED: Final[Mapping[type[ActionBody], str]] = MappingProxyType(
    {act.Reject: "R15", act.RequestExtension: "R17", act.ReviewForm: "R44"}
)
"""Papers that a head signs, and the rule that asks for it."""


async def check_scans(services: Services, claim: Claim, body: ActionBody) -> None:
    """The seal must be a file of ours. A signature's paper may lie elsewhere; where it is a file of ours, it is
    held to the same. Raises a 422 problem."""
    rule = _SIGNED.get(type(body), "")
    if isinstance(body, act.Reject | act.RequestExtension | act.ReviewForm) and body.signature is not None:
        await _check(services, claim, body.signature.paper, what="签字件", rule=rule, may_lie_elsewhere=True)
    if isinstance(body, act.ReviewForm):
        await _check(services, claim, body.seal, what="盖章件", rule=rule)


async def _check(
    services: Services, claim: Claim, id: str, *, what: str, rule: str, may_lie_elsewhere: bool = False
) -> None:
    """An empty id is for the claim to refuse, which keeps the attempt on record."""
    found = await services.book.ask(attachment, id.strip()) if id.strip() else None
    if not id.strip() or (found is None and may_lie_elsewhere):
        return
    again = f"请由承办单位上传{what}的扫描件（POST /attachments），再填写其编号"
    if found is None or found.claim != claim.number:
        raise Problem(Kind.INVALID, f"工单没有编号为{id[:40]}的附件", rule=rule, instead=again)
    if found.unit not in _line_of(claim):
        raise Problem(
            Kind.INVALID, f"附件{id[:40]}不是本单位上传的，不能作为{what}", rule=rule, instead=again
        )
    if not _is_scan(found):
        detail = f"附件“{found.file_name}”不是扫描件，不能作为{what}"
        instead = f"{what}须为 PDF、PNG 或 JPEG 扫描件：请打印、签字盖章、扫描后上传，再填写其编号"
        raise Problem(Kind.INVALID, detail, rule=rule, instead=instead)


def _is_scan(found: Attachment) -> bool:
    """A paper that the system itself made is signed by nobody."""
    return found.kind is None and found.media_type in SCANNED


def _line_of(claim: Claim) -> tuple[str, ...]:
    """The unit that acts, and those above it up to the one that answers for it (R21)."""
    if claim.dispatch is None:
        return ()
    path = claim.dispatch.acting.path
    return path[: path.index(claim.dispatch.unit.id) + 1] if claim.dispatch.unit.id in path else ()
