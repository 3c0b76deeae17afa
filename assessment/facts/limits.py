"""Rows about the limits of a dispatch: kept or missed (R60)."""

from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from typing import Final

from assessment.facts.claim_run import DECIDED, ClaimRun, Reason, Rows, When, fell_away, leaves, limit_text
from assessment.facts.model import Fact
from assessment.terms import Measure
from calendar_rules import local_day
from claims.model.claim_parts import Dispatch
from claims.model.labels import minute
from claims.model.limit import Limit
from claims.model.terms import LimitKind, LimitStatus

MEASURED: Final = MappingProxyType(
    {
        LimitKind.CONTACT: (Measure.CONTACT, "§二.四.1"),
        LimitKind.REPLY: (Measure.REPLY, "§二.四.2"),
        LimitKind.RESOLVE: (Measure.COMPLETION, "§二.四.2"),
    }
)


def limit_facts(run: ClaimRun) -> Iterator[Fact]:
    """Contact, reply and completion on time, the same day, and signing for; a limit that still runs or is
    stopped says nothing yet."""
    for dispatch in run.claim.dispatches:
        for kind in MEASURED:
            limit = run.first_limit(kind, dispatch)
            if limit is not None and not limit.is_live:
                yield from _of_limit(run, dispatch, limit)


def _of_limit(run: ClaimRun, dispatch: Dispatch, limit: Limit) -> Iterator[Fact]:
    rows = Rows(run, dispatch.unit, dispatch)
    measure, rule = MEASURED[limit.kind]
    when = When.due(limit)
    away = _left_out(run, dispatch, limit)
    met = limit.status is LimitStatus.MET
    reason = away or _false_contact(run, dispatch, measure) or Reason(rule, limit_text(limit))
    kept = met and reason.rule != "R52"
    yield rows.write(measure, when, reason, n=kept)
    if measure is Measure.COMPLETION:
        solved = met and limit.ended_at is not None and local_day(limit.ended_at) == _delivered(dispatch)
        yield rows.write(Measure.SAME_DAY, when, away or _same_day(dispatch, solved=solved), n=solved)
    if measure is Measure.CONTACT:
        yield from _signed_for(rows, dispatch, limit, away)


def _left_out(run: ClaimRun, dispatch: Dispatch, limit: Limit) -> Reason | None:
    return leaves(run, dispatch) or (None if limit.status in DECIDED else fell_away(run))


def _false_contact(run: ClaimRun, dispatch: Dispatch, measure: Measure) -> Reason | None:
    """R52: what was reported and has not taken place is no contact."""
    false = run.claim.false_feedback
    if measure is Measure.CONTACT and false is not None and not run.is_wrong(dispatch):
        return Reason("R52", f"{minute(false.at)}认定虚假反馈，不计为已联系")
    return None


def _delivered(dispatch: Dispatch) -> date:
    return local_day(dispatch.delivered_at)


def _same_day(dispatch: Dispatch, *, solved: bool) -> Reason:
    text = f"{minute(dispatch.delivered_at)}送达，{'当天' if solved else '未在当天'}解决"
    return Reason("R19", text)


def _signed_for(rows: Rows, dispatch: Dispatch, contact: Limit, away: Reason | None) -> Iterator[Fact]:
    """R20 ◇: in time is within the contact limit. Not yet due and unsigned: nothing to say yet."""
    when, signed = When.due(contact), dispatch.signed_for_at
    if away is not None:
        yield rows.write(Measure.SIGNED_FOR, when, away, n=False)
    elif signed is not None:
        text = f"{minute(dispatch.delivered_at)}送达，{minute(signed)}签收"
        yield rows.write(Measure.SIGNED_FOR, when, Reason("R20", text), n=signed < when.at)
    elif rows.run.until >= when.at:
        reason = Reason("R20", f"{minute(dispatch.delivered_at)}送达，期满未签收")
        yield rows.write(Measure.SIGNED_FOR, when, reason, n=False)
