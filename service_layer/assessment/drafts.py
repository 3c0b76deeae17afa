"""A period's figures as they stand: the draft that units may question, or what the records say now (R60-R62)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from activities.assessment.contents import kept_edition, kept_facts_of
from activities.assessment.editions import pooled_kept
from activities.assessment.month_facts import month_facts
from assessment.cadence.model import PeriodState, PublishedEdition
from assessment.editions.monthly import PooledMonth, edition_of
from assessment.facts.exclusions import Exclusion, spread, with_exclusions, without_repeats
from assessment.facts.model import Fact
from assessment.periods import Period, PeriodKind, check_begun
from assessment.schemes import load_schemes, scheme_for
from assessment.units import AssessedUnits, assessed_units
from claims.lookup.unit_tree import Organisation
from claims.model.refusals import Refused
from records.cases.reader import decided_exclusions, period_state
from records.contents import ContentStore
from records.database.engine import Records
from service_layer.views.assessment_serializers import Shown, no_facts

_POOLED_AT_ONCE = 4


def make_draft(records: Records, organisation: Organisation, period: Period, *, now: datetime) -> Shown:
    """Return a month's figures as the records have them now. Raises `Refused` for a period that has not
    started, and for a longer one, which is composed of published months; RecordsUnavailable.
    """
    check_begun(period, now)
    if period.kind is not PeriodKind.MONTH:
        raise _not_composed(records, period)
    units, scheme = assessed_units(organisation), scheme_for(period, load_schemes())
    exclusions = decided_exclusions(records)

    def facts_of(unit: str) -> tuple[Fact, ...]:
        with month_facts(records, period, organisation, until=now) as found:
            rows = [fact for each in units.behind(unit) for fact in found.facts_of(each)]
        return with_exclusions(rows, spread(exclusions, units.behind))

    with month_facts(records, period, organisation, until=now) as found:
        month = found.pooled(units, exclusions)
    return Shown(edition_of(period, month, units, scheme), facts_of)


def _not_composed(records: Records, period: Period) -> Refused:
    """Return why a longer period has no figures yet."""
    states = {month: period_state(records, str(month)) for month in period.months}
    missing = "、".join(str(month) for month, state in states.items() if state is None or not state.published)
    if missing:
        return Refused("R62", f"{period}由各月通报汇总，{missing}的通报尚未公布", "请在各月通报公布后再查询")
    return Refused("R62", f"{period}的草案尚未形成", "请先完成再回访和组织领导评分，草案形成后再查询")


def current_draft(
    records: Records, contents: ContentStore, organisation: Organisation, state: PeriodState
) -> Shown | None:
    """Return the draft, with whatever was decided since it was made; None where there is none. Raises
    ContentLost, RecordsUnavailable.
    """
    period, draft = state.of, state.draft
    if draft is None:
        return None
    if period.kind is not PeriodKind.MONTH:
        return Shown(kept_edition(contents, draft.edition), no_facts)
    exclusions = without_repeats((*decided_exclusions(records), *state.upheld_exclusions))
    units = assessed_units(organisation)
    kept = _Kept(draft.facts, exclusions, contents, units)
    month = _pooled(kept)
    scheme = scheme_for(period, load_schemes(), draft.scheme)
    return Shown(edition_of(period, month, units, scheme), _kept_rows(kept))


def published_figures(
    contents: ContentStore, organisation: Organisation, published: PublishedEdition
) -> Shown:
    """Return a published edition, byte for byte. Raises ContentLost."""
    edition, units = kept_edition(contents, published.hash), assessed_units(organisation)
    kept = _Kept(published.facts, published.exclusions, contents, units)
    return Shown(edition, _kept_rows(kept) if published.facts else no_facts, published)


def _kept_rows(kept: "_Kept") -> Callable[[str], tuple[Fact, ...]]:
    def facts_of(unit: str) -> tuple[Fact, ...]:
        own = (kept_facts_of(kept.contents, kept.facts, each) for each in kept.units.behind(unit))
        exclusions = spread(kept.exclusions, kept.units.behind)
        return with_exclusions((fact for rows in own for fact in rows), exclusions)

    return facts_of


@dataclass(frozen=True, slots=True)
class _Kept:
    """Rows that were kept, and what leaves them; the same ones give the same figures."""

    facts: str
    exclusions: tuple[Exclusion, ...]
    contents: ContentStore = field(compare=False)
    units: AssessedUnits = field(compare=False)


@lru_cache(maxsize=_POOLED_AT_ONCE)
def _pooled(kept: _Kept) -> PooledMonth:
    return pooled_kept(kept.contents, kept.facts, kept.units, kept.exclusions)
