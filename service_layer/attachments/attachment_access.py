"""Which attachments a caller may see and download (§1, R36, R70)."""

import asyncio
from typing import Final

import structlog

from claims.model.claim import Claim
from claims.model.organisation import Unit
from claims.model.terms import Role
from claims.model.values import Actor
from claims.need_to_know import Relation, is_owner, relation, sees_contacts, sees_every_claim
from claims.papers.redaction import masks_phones
from claims.papers.requests import PaperKind
from records import attachments
from records.attachments import Attachment
from records.contact_readings import Reading
from records.contents import ContentLost
from service_layer.claims.claim_access import find
from service_layer.claims.contact_access import record_reading
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import (
    ACCOUNTABILITY_READERS,
    is_only_enterprise,
    sees_unit,
)
from service_layer.services import Services
from service_layer.units.unit_measures import reads_measure

log = structlog.get_logger()
NAMING: Final = (PaperKind.REVIEW_FORM, PaperKind.EXTENSION_APPLICATION)
"""Papers between the unit and the platform, which contain the enterprise's name, or may."""


async def attachments_of_claim(services: Services, number: str, actor: Actor) -> list[Attachment]:
    """Return a claim's attachments that the actor may see, oldest first. Raises NOT_FOUND."""
    claim = (await find(services, number, actor)).claim
    found = await services.records.run(attachments.attachments_of, number)
    return [one for one in found if _may_see(one, claim, actor)]


async def papers_of_unit(services: Services, unit: Unit, actor: Actor) -> list[Attachment]:
    """Return papers about a unit that belong to no claim, oldest first."""
    found = await services.records.run(attachments.attachments_of_unit, unit.id)
    return [one for one in found if _may_see_of_unit(services, one, actor)]


async def open_attachment(services: Services, id: str, actor: Actor) -> tuple[Attachment, bytes]:
    """Return an attachment and its content; a reading of contact data is recorded before. Raises NOT_FOUND,
    DAMAGED.
    """
    found = await services.records.run(attachments.attachment, id)
    if found is None or not await _may_read(services, found, actor):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这个附件", rule="§1", instead="请核对附件编号")
    try:
        return found, await asyncio.to_thread(services.contents.get, found.sha256)
    except ContentLost as error:
        log.error("attachment-damaged", attachment=id, error=str(error))
        detail = "附件的内容已损坏或缺失，没有发出"
        raise ServiceError(ErrorKind.DAMAGED, detail, instead="请告知系统管理员，从备份恢复") from error


async def _may_read(services: Services, found: Attachment, actor: Actor) -> bool:
    if not found.claim:
        return _may_see_of_unit(services, found, actor)
    try:
        claim = (await find(services, found.claim, actor)).claim
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return False
        raise
    if not _may_see(found, claim, actor):
        return False
    if (what := _contact_data_in(found)) is not None:
        await record_reading(services, actor, claim.number, what, attachment=found.id)
    return True


def _contact_data_in(found: Attachment) -> Reading | None:
    """Return which attachments hold contact data, or may: papers that name the enterprise, and what people
    uploaded.
    """
    if found.kind is None:
        return Reading.UPLOAD
    if found.kind is PaperKind.DISPATCH_ORDER:
        return Reading.DISPATCH_ORDER
    return Reading.PAPER if found.kind in NAMING else None


def _may_see_of_unit(services: Services, found: Attachment, actor: Actor) -> bool:
    return _may_see(found, None, actor) and sees_unit(services.organisation, found.unit, actor)


def _may_see(found: Attachment, claim: Claim | None, actor: Actor) -> bool:
    """Enterprises see only what they uploaded themselves; contact data go to those who need them (R54, R70)."""
    if is_only_enterprise(actor):
        return bool(found.enterprise) and claim is not None and is_owner(claim, actor)
    if found.measure:
        return reads_measure(found.measure, actor)
    if found.kind is PaperKind.ACCOUNTABILITY_FILE:
        return actor.has(*ACCOUNTABILITY_READERS)
    if claim is None:
        return found.kind not in (PaperKind.DISPATCH_ORDER, *NAMING)
    return _may_see_of_claim(found, claim, actor)


def _may_see_of_claim(found: Attachment, claim: Claim, actor: Actor) -> bool:
    if found.kind is PaperKind.DISPATCH_ORDER:
        return sees_contacts(claim, actor) and (actor.has(Role.AUDITOR) or not masks_phones(claim, now()))
    if found.kind in NAMING or found.kind is None:
        return sees_contacts(claim, actor) or _needs_papers(found, claim, actor)
    return True


def _needs_papers(found: Attachment, claim: Claim, actor: Actor) -> bool:
    """A unit has what it made or uploaded itself; those who rule and oversee have the papers of every claim.
    Not where the claim is a complaint about the reader's own unit (R53).
    """
    if relation(claim, actor) is Relation.COMPLAINED_OF:
        return False
    return sees_every_claim(actor) or (actor.unit is not None and found.unit == actor.unit.id)
