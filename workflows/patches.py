"""Every change of a workflow's commands since a version was released, by the id that histories carry.

A claim that started before such a change keeps its commands; see `docs/changing-workflows.md`. An id is never
used again and never taken away while a history without it is kept (R70: ten years).
"""

from typing import Final

SEARCHABLE_CLOSING: Final = "searchable-closing"
"""0.2.0: how a claim closed is a search attribute, so that an administrator finds the unreachable ones."""
WHOLE_MEASURES: Final = "whole-measures"
"""0.3.0: a unit is notified of its measures, and its file contains letters and journals (R36, R38)."""
UNITS_RETIMED: Final = "units-retimed"
"""0.3.0: a new calendar reaches the interviews on units' accounts as well (R6, R35)."""
REGISTERED_OPENINGS: Final = "registered-openings"
"""0.5.0: a claim that was started without encryption is looked up in the records (R10)."""
BOUNDED_ACCOUNTS: Final = "bounded-accounts"
"""0.4.0: an account continues in a new run after some signals, and notes unreadable ones (R33)."""
TYPED_CASE_FIELDS: Final = "typed-case-fields"
"""0.5.0: a case refuses a field that somebody types in the Temporal UI and its action does not have (§1)."""
BOUNDED_CASES: Final = "bounded-cases"
"""0.5.0: a case continues in a new run after some signals, because the server takes no more than 150 in one (R62-R65)."""
BOUNDED_READING: Final = "bounded-reading"
"""0.5.0: a message that would take too long to read counts as unreadable (R10)."""
ENDED_ACTIVITIES: Final = "ended-activities"
"""1.0.0: an activity that an administrator has ended is begun again (R10)."""
REUSED_IDS: Final = "reused-ids"
"""1.0.0: accounts and cases note a typed signal whose request id was used for something else, as claims do (§1)."""
COUNTED_NEWS: Final = "counted-news"
"""1.0.0: an assessment also counts the signals that say that a month is published, for the same limit of the server (R62)."""
