"""Checking the scans of signed and sealed papers that an action names (R15, R17, R44)."""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from claims.model.claim import Claim
from claims.model.messages import action_bodies as act
from claims.model.messages.action_bodies import ActionBody
from documents.uploads.media_types import SCANNED, MediaType
from documents.uploads.scanned_pages import page_problem
from records.attachments import Attachment, attachment
from records.contents import ContentLost
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate

_SIGNED: Final[Mapping[type[ActionBody], str]] = MappingProxyType(
    {act.Reject: "R15", act.RequestExtension: "R17", act.ReviewForm: "R44"}
)
"""Papers that a head signs, and the rule that requires it."""


_OF_LEAD: Final = ("R15", "R17")


async def check_scans(services: Services, claim: Claim, body: ActionBody) -> None:
    """A signature's paper and the seal must be scans that the unit has uploaded to the claim. Under policies without
    `scans_with_claim` a signature's paper may be kept elsewhere; where it was uploaded, the same holds for it.
    Raises INVALID."""
    rule = _SIGNED.get(type(body), "")
    elsewhere = not claim.policy.scans_with_claim
    if isinstance(body, act.Reject | act.RequestExtension | act.ReviewForm) and body.signature is not None:
        paper = body.signature.paper
        await _check(services, claim, paper, what="签字件", rule=rule, may_be_elsewhere=elsewhere)
    if isinstance(body, act.ReviewForm):
        await _check(services, claim, body.seal, what="盖章件", rule=rule)


async def _check(
    services: Services, claim: Claim, id: str, *, what: str, rule: str, may_be_elsewhere: bool = False
) -> None:
    """An empty id is refused by the claim, so that the attempt is on record."""
    found = await services.records.run(attachment, id.strip()) if id.strip() else None
    if not id.strip() or (found is None and may_be_elsewhere):
        return
    again = f"请由承办单位上传{what}的扫描件，再填写其编号"
    if found is None or found.claim != claim.number:
        raise ServiceError(ErrorKind.INVALID, f"工单没有编号为{id[:40]}的附件", rule=rule, instead=again)
    if found.unit not in _signing_units(claim, rule):
        raise ServiceError(
            ErrorKind.INVALID, f"附件{id[:40]}不是本单位上传的，不能作为{what}", rule=rule, instead=again
        )
    if not _is_scan(found):
        detail = f"附件“{found.file_name}”不是扫描件，不能作为{what}"
        instead = f"{what}须为 PDF、PNG 或 JPEG 扫描件：请打印、签字盖章、扫描后上传，再填写其编号"
        raise ServiceError(ErrorKind.INVALID, detail, rule=rule, instead=instead)
    await _check_page(services, found, what=what, rule=rule)


async def _check_page(services: Services, found: Attachment, *, what: str, rule: str) -> None:
    """It shows a page that was scanned or photographed, or has an electronic seal of an authority that the city trusts."""
    try:
        content = await asyncio.to_thread(services.contents.get, found.sha256)
    except ContentLost as error:
        detail = f"附件“{found.file_name}”的内容已损坏或缺失，不能作为{what}"
        raise ServiceError(ErrorKind.INVALID, detail, rule=rule, instead="请重新上传扫描件") from error
    if problem := await asyncio.to_thread(
        _problem_of, content, MediaType(found.media_type), services.seal_authorities
    ):
        detail = f"附件“{found.file_name}”不能作为{what}：{problem}"
        instead = "请打印、签字盖章，上传整页的扫描件或照片；或以有效的电子印章盖章后上传"
        raise ServiceError(ErrorKind.INVALID, detail, rule=rule, instead=instead)


def _problem_of(content: bytes, media_type: MediaType, authorities: "Sequence[Certificate]") -> str:
    if authorities and media_type is MediaType.PDF:
        from documents.uploads.electronic_seals import (  # slow to import: many need none
            is_sealed,
            seal_problem,
        )

        if is_sealed(content):
            return seal_problem(content, authorities)
    return page_problem(content, media_type)


def _is_scan(found: Attachment) -> bool:
    """A paper that the system made bears no signature."""
    return found.kind is None and found.media_type in SCANNED


def _signing_units(claim: Claim, rule: str) -> tuple[str, ...]:
    """Return the unit that acts, and those above it up to the one that answers for it (R21). Returns and
    extensions are the lead's own (R5).
    """
    if claim.dispatch is None:
        return ()
    if claim.policy.lead_signs and rule in _OF_LEAD:
        return (claim.dispatch.unit.id,)
    path = claim.dispatch.acting.path
    return path[: path.index(claim.dispatch.unit.id) + 1] if claim.dispatch.unit.id in path else ()
