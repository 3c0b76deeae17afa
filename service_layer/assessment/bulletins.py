"""A period's bulletin as a file (R62): Word, workbook or page, made from its edition when somebody asks for it."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from assessment.editions.model import sha256
from claims.model.values import Actor
from documents.bulletins.content import Bulletin, Heading, bulletin
from documents.bulletins.page import page
from documents.bulletins.word import word
from documents.bulletins.workbook import workbook
from documents.media_types import MediaType
from service_layer.assessment.assessment_reading import (
    claims_shown_of,
    parsed_period,
    shown_edition,
)
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import ASSESSMENT_READERS
from service_layer.services import Services
from service_layer.views.assessment import Shown


class BulletinFormat(StrEnum):
    """What a bulletin may be asked for as."""

    DOCX = "docx"
    XLSX = "xlsx"
    HTML = "html"


MEDIA_TYPES: Final = {
    BulletinFormat.DOCX: MediaType.DOCX.value,
    BulletinFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    BulletinFormat.HTML: "text/html; charset=utf-8",
}


class BulletinFile(NamedTuple):
    """A bulletin, ready to be sent."""

    name: str
    media_type: str
    content: bytes


async def bulletin_file(
    services: Services, actor: Actor, period: str, edition: int | None, form: BulletinFormat
) -> BulletinFile:
    """The bulletin of an edition; of a draft for the city's readers alone. Raises ServiceError, RecordsUnavailable."""
    wanted = parsed_period(period)
    _, shown = await shown_edition(services, wanted, edition)
    if shown.published is None and not actor.has(*ASSESSMENT_READERS):
        raise ServiceError(ErrorKind.NOT_NOW, f"{wanted}尚未公布", rule="R62", instead="请在公布后查看通报")
    visible = claims_shown_of(services, actor, shown.edition)
    make = _maker(services, shown, visible, form)
    content = await asyncio.to_thread(make)
    kind = "通报" if shown.published else "草案"
    name = f"{wanted}{kind}第{shown.edition.edition}期.{form.value}"
    return BulletinFile(name, MEDIA_TYPES[form], content)


def _maker(
    services: Services, shown: Shown, visible: frozenset[str] | None, form: BulletinFormat
) -> Callable[[], bytes]:
    said = content_of(services, shown)
    match form:
        case BulletinFormat.DOCX:
            return lambda: word(said)
        case BulletinFormat.HTML:
            return lambda: page(said)
        case BulletinFormat.XLSX:
            facts = [fact for fact in shown.facts if visible is None or fact.unit in visible]
            return lambda: workbook(shown.edition, said, facts)


def content_of(services: Services, shown: Shown) -> Bulletin:
    """What the bulletin says."""
    published = shown.published
    heading = Heading(
        published_at=published.published_at if published else None,
        hash=published.hash if published else sha256(shown.edition),
        reason=published.reason if published else "",
        differences=published.differences if published else (),
    )
    names = {unit.id: unit.short for unit in services.organisation.units}
    return bulletin(shown.edition, heading, names)
