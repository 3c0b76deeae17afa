"""Every page's router."""

from typing import Final

from web.cases import clues, exclusions, meetings
from web.claims import claim_page, files
from web.desks import (
    administration,
    audits,
    board,
    callbacks,
    city_data,
    claim_list,
    desk_lookup,
    inbox,
    registration,
    reinterviews,
    saved_filters,
    signatures,
)
from web.http import fallback_pages
from web.leadership import arbitration, assessments, briefs, leaders, period_acts
from web.public import by_code, by_phone, reports, tracking
from web.sign_in import pages as sign_in

PAGES: Final = (
    sign_in.router,
    registration.router,
    desk_lookup.router,
    callbacks.router,
    reinterviews.router,
    inbox.router,
    signatures.router,  # before the pages of claims, whose addresses are like its own
    saved_filters.router,
    board.router,
    arbitration.router,
    claim_list.router,
    leaders.router,
    period_acts.router,  # before the pages of units, whose addresses are like its own
    assessments.router,
    briefs.router,
    audits.router,
    administration.router,
    city_data.router,
    meetings.router,
    clues.router,
    exclusions.router,  # before the pages of claims, whose addresses are like its own
    files.router,
    claim_page.router,
    tracking.router,
    by_code.router,
    by_phone.router,  # before the pages of what was reported, whose addresses are like its own
    reports.router,
    fallback_pages.router,
)
"""The last one answers for every address under `/app` that no other page has."""
