"""Adopting an edition: the only way in which the policy of a claim changes (R7).

What was decided stays. Limits that run take their new numbers by a recorded recalculation; limits that were missed
stay missed, and keep the policy that they were missed under.
"""

from datetime import datetime
from typing import Final

from pydantic import JsonValue

from claims.deadlines.recalculation import NewEdition, affected_days
from claims.editions.parameter_names import PARAMETER_NAMES
from claims.editions.validation import contradiction_in
from claims.limits import LIMIT_RULES, void
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.limit import Limit, RecalculationRequest
from claims.model.policy import Policy
from claims.model.terms import LimitKind, LimitStatus
from claims.transition import Transition

_OF_EVERY_SCHEDULE: Final = (
    "cutoff",
    "warning_days",
    "supervised_feedback_days",
    "co_unit_lead_days",
    "reminders_after_red",
    "reminder_time",
    "escalate_after_red_days",
    "light_starts_own_day",
)
"""Parameters on which the instants of a limit depend besides its number of days."""
_OWN_DAYS: Final = (LimitKind.ORDERED_COMPLETION, LimitKind.FOLLOW_UP)
"""Limits whose days somebody has named."""


def adopt(transition: Transition, news: NewEdition, now: datetime) -> None:
    """Take the policy that an edition brings, and mark the running limits that it counts otherwise. Idempotent."""
    claim, old, new = transition.claim, transition.claim.policy, news.policy
    if claim.over or not new.is_later_than(old):
        return
    if wrong := contradiction_in(new):
        transition.write(EventKind.REFUSED, "R7", text=f"不予采用规定版本 {news.edition}：{wrong}")
        return
    for limit in claim.limits:
        if limit.is_live:
            _take_numbers(claim, limit, news, now)
        elif limit.status is LimitStatus.MISSED and not limit.policy_version:
            limit.policy_version = old.version
            claim.former_policies[old.version] = old
    if new.co_units_report and not old.co_units_report:
        _ask_co_units(claim, now)
    claim.policy = new
    transition.write(
        EventKind.EDITION_ADOPTED,
        "R7",
        text=f"{news.reason}（{news.source}）：{differences_in_words(old, new)}",
        data=adoption_data(news, old),
    )


def _ask_co_units(claim: Claim, now: datetime) -> None:
    """R22: parts whose end is still to come are to be reported; nobody was asked for the others in time."""
    if (dispatch := claim.dispatch) is not None:
        dispatch.co_units = tuple(
            part.model_copy(update={"reports": part.due_at is None or part.due_at > now})
            for part in dispatch.co_units
        )


def adoption_data(news: NewEdition, old: Policy) -> dict[str, JsonValue]:
    """Return the data of an adoption's journal line."""
    before, after = old.model_dump(mode="json"), news.policy.model_dump(mode="json")
    changes: dict[str, JsonValue] = {
        name: {"was": before[name], "becomes": after[name]} for name in _changed(old, news.policy)
    }
    return {"edition": news.edition, "policy": news.policy.version, "changes": changes}


def differences_in_words(old: Policy, new: Policy) -> str:
    """Return the changes in Chinese."""
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    changes = [f"{PARAMETER_NAMES[name]} {before[name]} → {after[name]}" for name in _changed(old, new)]
    return "；".join(changes) or "各项数值不变"


def _changed(old: Policy, new: Policy) -> list[str]:
    return [name for name in PARAMETER_NAMES if getattr(old, name) != getattr(new, name)]


def _take_numbers(claim: Claim, limit: Limit, news: NewEdition, now: datetime) -> None:
    """Give a live limit its new number of days; a recalculation gives it its instants."""
    old, new = claim.policy, news.policy
    if limit.kind is LimitKind.STANDSTILL and not new.standstill_days:
        void(limit, now)
        return
    days = _days_under(claim, limit, new)
    is_counted_otherwise = days != limit.count_days or any(
        getattr(old, name) != getattr(new, name) for name in _OF_EVERY_SCHEDULE
    )
    limit.count_days = days
    if is_counted_otherwise and affected_days(claim, limit) is not None:
        limit.recount = RecalculationRequest(version="", reason=news.reason, at=now, edition=news.edition)


def _days_under(claim: Claim, limit: Limit, new: Policy) -> int:
    """As many days more or less as the edition gives; of a limit that was paused at least the minimum (R5)."""
    name = LIMIT_RULES[limit.kind].days
    if limit.kind is LimitKind.RESOLVE and _is_extended(claim, limit):
        name = "extended_resolve_days"
    more = int(getattr(new, name)) - int(getattr(claim.policy, name))
    if not more or limit.kind in _OWN_DAYS or _continues_a_missed_one(claim, limit):
        return limit.count_days
    return max(new.at_least_days, limit.count_days + more)


def _is_extended(claim: Claim, limit: Limit) -> bool:
    extension = claim.extension
    return extension is not None and bool(extension.approved) and extension.at >= limit.started_at


def _continues_a_missed_one(claim: Claim, limit: Limit) -> bool:
    """R18: feedback was sent back after its limit was missed, with a minimum of its own."""
    if limit.kind not in (LimitKind.RESOLVE, LimitKind.REDO):
        return False
    same = [
        x for x in claim.limits if (x.kind, x.dispatch, x.round) == (limit.kind, limit.dispatch, limit.round)
    ]
    return same[0] is not limit
