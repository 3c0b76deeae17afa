"""A period's bulletin as a file (R62): Word, workbook or page, made from its edition when somebody asks for it."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple

from assessment.editions.model import sha256
from assessment.facts.model import Fact
from assessment.periods import Period, parse_period
from assessment.schemes import load_schemes
from claims.model.organisation import PLATFORM
from claims.model.values import Actor
from documents.bulletins.content import Bulletin, Heading, bulletin
from documents.bulletins.page import page
from documents.bulletins.word import word
from documents.bulletins.workbook import workbook
from documents.uploads.media_types import MediaType
from service_layer.assessment.assessment_reading import (
    claims_shown_of,
    parsed_period,
    rows_of,
    shown_edition,
)
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import ASSESSMENT_READERS
from service_layer.services import Services
from service_layer.views.assessment_serializers import Shown


class BulletinFormat(StrEnum):
    """The file formats of bulletins."""

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
    """Return the bulletin of an edition; of a draft for the city's readers alone. Raises ServiceError,
    RecordsUnavailable.
    """
    wanted = parsed_period(period)
    _, shown = await shown_edition(services, wanted, edition)
    if shown.published is None and not actor.has(*ASSESSMENT_READERS):
        raise ServiceError(ErrorKind.NOT_NOW, f"{wanted}尚未公布", rule="R62", instead="请在公布后查看通报")
    visible = claims_shown_of(services, actor, shown.edition)
    facts = await _rows(services, wanted, shown, visible) if form is BulletinFormat.XLSX else []
    make = _maker(content_of(services, shown), shown, facts, form)
    content = await asyncio.to_thread(make)
    kind = "通报" if shown.published else "草案"
    name = f"{wanted}{kind}第{shown.edition.edition}期.{form.value}"
    return BulletinFile(name, MEDIA_TYPES[form], content)


async def _rows(
    services: Services, period: Period, shown: Shown, visible: frozenset[str] | None
) -> list[Fact]:
    """Return the rows of the visible units, in the order of the claims."""
    units = [line.unit for line in shown.edition.units if visible is None or line.unit in visible]
    own = [*units, PLATFORM.id] if visible is None else units
    return sorted(await rows_of(services, period, shown, own), key=lambda fact: (fact.claim, fact.id))


def _maker(said: Bulletin, shown: Shown, facts: list[Fact], form: BulletinFormat) -> Callable[[], bytes]:
    match form:
        case BulletinFormat.DOCX:
            return lambda: word(said)
        case BulletinFormat.HTML:
            return lambda: page(said)
        case BulletinFormat.XLSX:
            return lambda: workbook(shown.edition, said, facts)


def content_of(services: Services, shown: Shown) -> Bulletin:
    """Return the bulletin's content. Units have their names of the period's end, regardless of the time of
    the request.
    """
    published = shown.published
    heading = Heading(
        published_at=published.published_at if published else None,
        hash=published.hash if published else sha256(shown.edition),
        reason=published.reason if published else "",
        differences=published.differences if published else (),
        scheme=next((one.title for one in load_schemes() if one.id == shown.edition.scheme), ""),
    )
    units = services.city.organisation_on(parse_period(shown.edition.period).last_day).units
    districts, names = {one.id: one.short for one in units}, {one.id: one.name for one in units}
    return bulletin(shown.edition, heading, districts, names)
