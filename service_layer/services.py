"""What the routes share: one set for each app, made when it starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.http.auth import Gate
from api.http.metrics import Metrics
from api.http.rate_limit import RateLimit
from calendar_rules import WorkingCalendar
from claims.lookup.directory import DirectoryEntry
from claims.lookup.knowledge import Article
from claims.model.organisation import Organisation
from data import load_directory, load_knowledge, load_organisation
from records.calendars import Calendars
from records.contents import ContentStore
from records.errors import RecordsUnavailable
from runtime.settings import Settings
from service_layer.records_executor import Book
from service_layer.temporal_gateway import ClaimServer


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, data and connections."""

    settings: Settings
    gate: Gate
    book: Book
    contents: ContentStore
    claims: ClaimServer
    metrics: Metrics
    calendars: Calendars
    organisation: Organisation
    directory: Sequence[DirectoryEntry]
    knowledge: Sequence[Article]
    wrong_tries: RateLimit
    all_tries: RateLimit

    async def calendar(self) -> WorkingCalendar:
        """The newest calendar; while the records do not answer, the last known."""
        try:
            return await self.book.ask(self.calendars.current)
        except RecordsUnavailable:
            return self.calendars.last_known


def make_services(settings: Settings) -> Services:
    """Load what is data; connections are made on first use."""
    organisation = load_organisation()
    return Services(
        settings=settings,
        gate=Gate(settings, organisation),
        book=Book(settings.records_url),
        contents=ContentStore(settings.attachments),
        claims=ClaimServer(settings),
        metrics=Metrics(),
        calendars=Calendars(),
        organisation=organisation,
        directory=load_directory(),
        knowledge=load_knowledge(),
        wrong_tries=RateLimit(tries=10, seconds=60),
        all_tries=RateLimit(tries=120, seconds=60),
    )


def services_of(request: Request) -> Services:
    """The services of the app that a request came to."""
    services = request.app.state.services
    if not isinstance(services, Services):
        raise TypeError("the app has no services: use create_app")
    return services


Used = Annotated[Services, Depends(services_of)]
