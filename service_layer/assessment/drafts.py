"""A period's figures as they stand: the draft that units may question, or what the records say now (R60-R62)."""

from datetime import datetime

from activities.assessment.contents import kept_edition, kept_facts
from activities.assessment.editions import without_repeats
from activities.assessment.gathering import gather
from assessment.cadence.model import PeriodState, PublishedEdition
from assessment.editions.composed import composed_edition
from assessment.editions.monthly import monthly_edition
from assessment.facts.exclusions import with_exclusions
from assessment.periods import Period, PeriodKind, check_begun
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from claims.model.organisation import Organisation
from records.cases.reading import decided_exclusions
from records.contents import ContentStore
from records.database.engine import Records
from service_layer.views.assessment import Shown


def make_draft(records: Records, organisation: Organisation, period: Period, *, now: datetime) -> Shown:
    """The figures as the records have them now. Raises `Refused` for a period that has not begun, and for a longer one,
    which is made from published months; RecordsUnavailable."""
    check_begun(period, now)
    units, scheme = assessed_units(organisation), scheme_for(period, load_schemes())
    if period.kind is not PeriodKind.MONTH:
        return Shown(composed_edition(period, (), units, scheme), facts=())
    facts = gather(records, period, until=now).facts
    exclusions = decided_exclusions(records)
    made = monthly_edition(period, facts, units, scheme, exclusions=exclusions)
    return Shown(made, with_exclusions(facts, exclusions))


def drafted(
    records: Records, contents: ContentStore, organisation: Organisation, state: PeriodState
) -> Shown | None:
    """The draft, with whatever was decided since it was made; None where there is none. Raises ContentLost,
    RecordsUnavailable."""
    period, draft = state.of, state.draft
    if draft is None:
        return None
    if period.kind is not PeriodKind.MONTH:
        return Shown(kept_edition(contents, draft.edition), facts=())
    facts = kept_facts(contents, draft.facts)
    exclusions = without_repeats((*decided_exclusions(records), *state.upheld_exclusions))
    scheme = scheme_for(period, load_schemes(), draft.scheme)
    made = monthly_edition(period, facts, assessed_units(organisation), scheme, exclusions=exclusions)
    return Shown(made, with_exclusions(facts, exclusions))


def frozen(contents: ContentStore, published: PublishedEdition) -> Shown:
    """A published edition, byte for byte. Raises ContentLost."""
    facts = kept_facts(contents, published.facts) if published.facts else ()
    return Shown(
        kept_edition(contents, published.hash), with_exclusions(facts, published.exclusions), published
    )
