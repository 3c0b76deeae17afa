"""Which units a matter may be dispatched to, for API, pages and checks (R14)."""

from calendar_rules import local_day
from claims.lookup.directory import Candidate, suggest
from service_layer.clock import now
from service_layer.services import Services


def dispatch_candidates(
    services: Services, matter: str, district: str | None, *, most: int, complained_of: str | None = None
) -> list[Candidate]:
    """Candidates of today's directory, best first, with reasons. R53: not the unit complained of, nor those below it. Raises
    UnknownUnit."""
    return suggest(
        matter,
        district or None,
        on=local_day(now()),
        entries=services.directory,
        organisation=services.organisation,
        limit=most,
        complained_of=services.organisation.acts_for(complained_of) if complained_of else None,
    )
