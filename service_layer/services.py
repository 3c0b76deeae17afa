"""The settings, data and connections that every operation needs: one set for each program."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from calendar_rules import WorkingCalendar
from claims.editions.edition import policy_for
from claims.lookup.directory import DirectoryEntry
from claims.lookup.doors import DoorEntry
from claims.lookup.knowledge import Article
from claims.lookup.subcategories import Subcategory
from claims.lookup.unit_tree import Organisation
from claims.model.policy import Policy
from claims.model.terms import Category, Channel
from data import load_doors, load_subcategories
from records.calendars import Calendars
from records.contents import ContentStore
from records.editions import Editions
from records.errors import RecordsUnavailable
from records.queries.claims import seqs
from runtime.settings import Settings
from service_layer.city_data import CityData
from service_layer.counters import Counters, NoCounters
from service_layer.polling import SendingTime, poll
from service_layer.rate_limit import RateLimit
from service_layer.recent_claims import JUST_NOW, RecentClaims
from service_layer.records_executor import RecordsExecutor
from service_layer.request_quotas import RequestQuotas
from service_layer.temporal_gateway import TemporalGateway

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate


@dataclass(frozen=True, slots=True)
class Services:
    """The dependencies of operations. `tracking_per_client` limits public enquiries (R39), `codes_per_client`
    the codes requested by one address, `drafting` lets one draft of an assessment be made at a time (R62). `signals`
    and `starts` say when a query is sent: a signal must reach the server first, while a workflow that is not there yet
    answers nothing.
    """

    settings: Settings
    records: RecordsExecutor
    contents: ContentStore
    temporal: TemporalGateway
    calendars: Calendars
    editions: Editions
    city: CityData
    doors: Sequence[DoorEntry]
    subcategories: Sequence[Subcategory]
    seal_authorities: "Sequence[Certificate]"
    counters: Counters
    quotas: RequestQuotas
    tracking_per_client: RateLimit
    codes_per_client: RateLimit
    drafting: asyncio.Lock = field(default_factory=asyncio.Lock)
    recent_claims: RecentClaims = field(default_factory=RecentClaims)
    signals: SendingTime = field(default_factory=lambda: SendingTime(head_start=0.25))
    starts: SendingTime = field(default_factory=lambda: SendingTime(head_start=0.4))

    @property
    def organisation(self) -> Organisation:
        """The city's units as they are today."""
        return self.city.organisation

    @property
    def directory(self) -> Sequence[DirectoryEntry]:
        """The dispatch directory as it is in force (R14)."""
        return self.city.directory

    @property
    def knowledge(self) -> Sequence[Article]:
        """The knowledge base as it is in force (R12)."""
        return self.city.knowledge

    async def calendar(self) -> WorkingCalendar:
        """Return the newest calendar; while the records do not answer, the last known."""
        try:
            return await self.records.run(self.calendars.current)
        except RecordsUnavailable:
            return self.calendars.last_known

    async def caught_up(self, *, besides: str = "") -> None:
        """Wait a moment until the records hold what this program has just answered, so that lists and
        journals include it. `besides`: a claim's number to skip.
        """
        expected = self.recent_claims.unrecorded()
        expected.pop(besides, None)
        if not expected:
            return

        def are_there(held: Mapping[str, int]) -> bool:
            return all(held.get(number, 0) >= seq for number, seq in expected.items())

        with suppress(RecordsUnavailable):
            held = await poll(lambda _: self.records.run(seqs, [*expected]), are_there, within=JUST_NOW)
            self.recent_claims.are_on_record(held or {})

    async def policy(self, channel: Channel, category: Category, at: datetime) -> Policy:
        """Return the policy of a claim that is registered at an instant; while the records do not answer, by
        the last known editions (R7).
        """
        try:
            editions = await self.records.run(self.editions.current)
        except RecordsUnavailable:
            editions = self.editions.last_known
        return policy_for(editions, at, channel, category)


def make_services(settings: Settings, counters: Counters | None = None) -> Services:
    """Load the data; connections are made on first use. Raises BadTrustList."""
    records = RecordsExecutor(settings.records_url, settings.clue_cipher)
    return Services(
        settings=settings,
        records=records,
        contents=ContentStore(settings.attachments),
        temporal=TemporalGateway(settings),
        calendars=Calendars(),
        editions=Editions(),
        city=CityData(),
        doors=load_doors(),
        subcategories=load_subcategories(),
        seal_authorities=_seal_authorities(settings),
        counters=counters or NoCounters(),
        tracking_per_client=RateLimit(tries=30, seconds=60),
        codes_per_client=RateLimit(tries=10, seconds=60 * 60),
        quotas=RequestQuotas(records),
    )


def _seal_authorities(settings: Settings) -> "Sequence[Certificate]":
    if settings.seal_trust is None:
        return ()
    from documents.uploads.trust_list import read_trust_list

    return read_trust_list(settings.seal_trust)
