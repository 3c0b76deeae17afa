"""Drafts and editions: made from the records, and kept as bytes (R60-R62)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Final

from temporalio import activity

from activities.assessment.contents import keep_basis, keep_edition, keep_facts, kept_edition, kept_facts
from activities.assessment.messages import (
    DRAFT_ASSESSMENT,
    MAKE_EDITION,
    DraftMade,
    DraftRequest,
    EditionMade,
    EditionRequest,
)
from activities.assessment.month_facts import month_facts
from activities.monitoring.heartbeats import with_heartbeats
from assessment.cadence.model import Draft, Outstanding, PublishedEdition
from assessment.editions.composition import Drawn, basis, composed_edition, samples
from assessment.editions.differences import differences
from assessment.editions.model import Edition
from assessment.editions.monthly import PooledMonth, edition_of, joined, pool_month
from assessment.facts.exclusions import Exclusion, without_repeats
from assessment.periods import (
    Period,
    PeriodKind,
    check_over,
    last_day_to_exclude,
    last_day_to_object,
    parse_period,
    publication_day,
)
from assessment.schemes import load_schemes, scheme_for
from assessment.schemes.model import Scheme
from assessment.units import AssessedUnits, assessed_units
from calendar_rules import WorkingCalendar, due_at
from claims.lookup.unit_tree import Organisation
from claims.model.refusals import Refused
from records.cases.reader import decided_exclusions, period_state
from records.contents import ContentStore
from records.database.engine import Records

DIFFERENCES_SHOWN: Final = 100
"""The maximum of a correction's lines in the workflow; the comparison of the editions has all of them."""
CalendarInForce = Callable[[], Awaitable[WorkingCalendar]]


class _Missing(Exception):
    """Months that are not published."""


class EditionMaker:
    """Makes drafts and editions, for one database and one store."""

    def __init__(
        self, records: Records, contents: ContentStore, organisation: Callable[[date], Organisation]
    ) -> None:
        self._records = records
        self._contents = contents
        self._organisation = organisation

    def _units(self, period: Period) -> AssessedUnits:
        """Return the units as they were when the period ended, regardless of when this is called."""
        return assessed_units(self._organisation(period.last_day))

    def draft(self, request: DraftRequest, calendar: WorkingCalendar) -> DraftMade:
        """Return a draft, or what is missing for one. Raises RecordsUnavailable, ContentLost."""
        period = parse_period(request.period)
        try:
            check_over(period, request.at)
            scheme = scheme_for(period, load_schemes(), request.scheme)
            if period.kind is PeriodKind.MONTH:
                made = self._month(period, scheme, request.at)
            else:
                wanted = self._wanted(period, scheme)
                if not _is_complete(wanted, request):
                    return DraftMade(wanted=wanted)
                made = self._composed(period, scheme, request)
        except Refused as refused:
            return DraftMade(problem=refused.reason)
        except _Missing as missing:
            return DraftMade(problem=str(missing))
        edition, facts, from_lines = made
        return DraftMade(
            draft=Draft(
                made_at=request.at,
                scheme=scheme.id,
                edition=keep_edition(self._contents, edition),
                facts=facts,
                basis=from_lines,
                units=tuple(line.unit for line in edition.units),
                built_on=edition.built_on,
                **_days(period, request.at, calendar),
            )
        )

    def edition(self, request: EditionRequest) -> EditionMade:
        """Return an edition's bytes. Raises RecordsUnavailable, ContentLost."""
        period = parse_period(request.period)
        try:
            scheme = scheme_for(period, load_schemes(), request.scheme or request.draft.scheme)
            made, facts, from_lines = self._made(period, scheme, request)
        except (Refused, _Missing) as problem:
            return EditionMade(problem=getattr(problem, "reason", str(problem)))
        told: tuple[str, ...] = ()
        if request.before is not None:
            names = {unit.id: unit.short for unit in self._organisation(period.last_day).units}
            told = differences(kept_edition(self._contents, request.before.hash), made, names)
            if not told:
                return EditionMade(problem=f"与第{request.before.edition}期无差异，不需要更正")
        published = PublishedEdition(
            edition=request.edition,
            hash=keep_edition(self._contents, made),
            facts=facts,
            basis=from_lines,
            gathered_at=request.at if facts != request.draft.facts else request.draft.made_at,
            scheme=scheme.id,
            published_at=request.at,
            by="",
            differences=told[:DIFFERENCES_SHOWN],
            more_differences=max(0, len(told) - DIFFERENCES_SHOWN),
            exclusions=made.exclusions,
            built_on=made.built_on,
        )
        return EditionMade(edition=published, units=tuple(line.unit for line in made.units))

    def _made(self, period: Period, scheme: Scheme, request: EditionRequest) -> tuple[Edition, str, str]:
        if period.kind is not PeriodKind.MONTH:
            if not request.recount and request.before is None:
                return kept_edition(self._contents, request.draft.edition), "", ""
            wanted = DraftRequest(**request.model_dump(include={"period", "at", "answers", "points"}))
            return self._composed(period, scheme, wanted, request.drawn, edition=request.edition)
        if request.recount or request.before is not None:
            return self._month(period, scheme, request.at, request.upheld, edition=request.edition)
        exclusions = self._exclusions(request.upheld)
        kept = pooled_kept(self._contents, request.draft.facts, self._units(period), exclusions)
        made = edition_of(period, kept, self._units(period), scheme)
        return made, request.draft.facts, request.draft.basis

    def _month(
        self,
        period: Period,
        scheme: Scheme,
        at: datetime,
        upheld: tuple[Exclusion, ...] = (),
        *,
        edition: int = 1,
    ) -> tuple[Edition, str, str]:
        exclusions = self._exclusions(upheld)
        with month_facts(self._records, period, self._organisation(period.last_day), until=at) as found:
            month = found.pooled(self._units(period), exclusions)
            facts = keep_facts(self._contents, found.to_keep())
            from_lines = keep_basis(self._contents, found.basis())
        return edition_of(period, month, self._units(period), scheme, edition=edition), facts, from_lines

    def _exclusions(self, upheld: tuple[Exclusion, ...]) -> tuple[Exclusion, ...]:
        return without_repeats((*decided_exclusions(self._records), *upheld))

    def _composed(
        self,
        period: Period,
        scheme: Scheme,
        request: DraftRequest,
        drawn: Drawn | None = None,
        *,
        edition: int = 1,
    ) -> tuple[Edition, str, str]:
        made = composed_edition(
            period,
            self._months(period),
            self._units(period),
            scheme,
            answers=request.answers,
            organisation=request.points,
            drawn=drawn,
            edition=edition,
        )
        return made, "", ""

    def _months(self, period: Period) -> list[Edition]:
        """Return the months' editions in force."""
        states = {str(month): period_state(self._records, str(month)) for month in period.months}
        newest = {month: state.newest if state else None for month, state in states.items()}
        if missing := [month for month, edition in newest.items() if edition is None]:
            raise _Missing(f"等待{'、'.join(missing)}的通报公布")
        return [kept_edition(self._contents, edition.hash) for edition in newest.values() if edition]

    def _wanted(self, period: Period, scheme: Scheme) -> Outstanding:
        found = basis(period, self._months(period), self._units(period))
        parts = scheme.compositions[period.kind]
        drawn = samples(found, scheme)
        return Outstanding(
            seed=found.seed if drawn else "",
            sample=drawn,
            points_for=tuple(found.lines) if parts.organisation else (),
            most_points=parts.organisation,
        )


def pooled_kept(
    contents: ContentStore, hash: str, units: AssessedUnits, exclusions: tuple[Exclusion, ...]
) -> PooledMonth:
    """Return the figures of rows that were kept. Raises ContentLost, `Refused`."""
    rows = kept_facts(contents, hash)
    return joined(pool_month(own, units, exclusions) for _, own in rows)


def _is_complete(wanted: Outstanding, request: DraftRequest) -> bool:
    answered = {(answer.unit, answer.claim) for answer in request.answers}
    asked = {(unit, claim) for unit, claims in wanted.sample.items() for claim in claims}
    pointed = {points.unit for points in request.points}
    return answered >= asked and pointed >= set(wanted.points_for)


def _days(period: Period, at: datetime, calendar: WorkingCalendar) -> Mapping[str, date | datetime | bool]:
    to_object = last_day_to_object(at, calendar)
    to_publish = publication_day(period, calendar)
    years = {to_object.year, to_publish.year}
    return {
        "objections_until": to_object,
        "objections_due_at": due_at(to_object),
        "exclusions_until": last_day_to_exclude(at, calendar),
        "publication_day": to_publish,
        "publication_due_at": due_at(to_publish),
        "provisional": not years <= set(calendar.published_years),
    }


class AssessmentActivities:
    """The activities with which periods' workflows make drafts and editions."""

    def __init__(self, maker: EditionMaker, calendar: CalendarInForce) -> None:
        self._maker = maker
        self._calendar = calendar

    @activity.defn(name=DRAFT_ASSESSMENT)
    async def draft_assessment(self, request: DraftRequest) -> DraftMade:
        """R62: the draft, or what is missing for it; the same bytes from the same records."""
        async with with_heartbeats():
            return await asyncio.to_thread(self._maker.draft, request, await self._calendar())

    @activity.defn(name=MAKE_EDITION)
    async def make_edition(self, request: EditionRequest) -> EditionMade:
        """R62: the edition that is published."""
        async with with_heartbeats():
            return await asyncio.to_thread(self._maker.edition, request)
