"""Rows about what happened once: lights, criticisms, extensions, co-units' parts, the platform's delays."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from assessment.facts.claim_run import DECIDED, ClaimRun, Reason, Rows, When, fell_away, leaves, limit_text
from assessment.facts.model import Fact
from assessment.terms import Measure
from claims.model.claim_parts import CallBackRecord, CoUnit, Dispatch
from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.labels import label, minute
from claims.model.limit import Light
from claims.model.organisation import PLATFORM, UnitRef
from claims.model.terms import Colour, Dissatisfaction, LimitKind, LimitStatus

OF_COLOUR: Final = MappingProxyType({Colour.YELLOW: Measure.YELLOW, Colour.RED: Measure.RED})
OF_CRITICISM: Final = MappingProxyType({"R45": Measure.ORDERS_MISSED, "R52": Measure.FALSE_FEEDBACK})
JOURNAL_KINDS: Final = (EventKind.CRITICISED, EventKind.ANSWERED)
"""The journal lines needed for facts; everything else is in the claim itself."""
PLATFORMS_OWN: Final = frozenset(
    {
        LimitKind.DISPATCH,
        LimitKind.REDETERMINE,
        LimitKind.ARBITRATE,
        LimitKind.EXTENSION_DECISION,
        LimitKind.CALL_BACK,
        LimitKind.VERIFICATION,
    }
)
"""Limits of the city platform and of the arbiter. Missed ones are in the same bulletin and count for no unit."""


def event_facts(run: ClaimRun) -> Iterator[Fact]:
    """Yield all of them, by their own instants (R2)."""
    for light in run.claim.lights:
        yield _light(run, light)
    for entry in run.entries:
        if entry.kind is EventKind.CRITICISED:
            yield from _criticism(run, entry)
        elif entry.kind is EventKind.ANSWERED:
            yield _answer(run, entry)
    yield from _extension(run)
    yield from _parts(run)
    yield from _delays(run)


def _dispatch(run: ClaimRun, n: int) -> Dispatch | None:
    return next((dispatch for dispatch in run.claim.dispatches if dispatch.n == n), None)


def _accountable(run: ClaimRun, unit: str) -> UnitRef:
    """Return the accountable unit, as the claim's dispatches name it."""
    dispatches = reversed(run.claim.dispatches)
    found = next((d.unit for d in dispatches if d.unit.accountable == unit), None)
    if found is None:
        raise LookupError(f"{run.claim.number} was never dispatched to {unit}")
    return found


def _light(run: ClaimRun, light: Light) -> Fact:
    rows = Rows(run, _accountable(run, light.unit), _dispatch(run, light.dispatch))
    if light.revoked or light.id in run.revoked:
        reason = Reason("R37", f"{label(light.colour)}已撤销", counts=False)
    else:
        reason = Reason(
            light.colour.rule, f"{minute(light.at)}{label(light.colour)}：{label(light.limit)}超期"
        )
    when = When.happened(light.at)
    return rows.write(OF_COLOUR[light.colour], when, reason, n=True, about=light.id, round=light.round)


def _criticism(run: ClaimRun, entry: Entry) -> Iterator[Fact]:
    """R45, R52: a row for the criticism, and one for what its penalty is for."""
    rows = Rows(run, _accountable(run, str(entry.data["unit"])), run.claim.dispatch)
    reason, when = Reason(entry.rules[0], entry.text), When.happened(entry.at)
    for measure in (Measure.CRITICISMS, OF_CRITICISM.get(entry.rules[0])):
        if measure is not None:
            yield rows.write(measure, when, reason, n=True, about=str(entry.seq))


def _answer(run: ClaimRun, entry: Entry) -> Fact:
    """R12, R60 ◇: an answer on the spot that the enterprise calls untrue was wrong. The claim does not know whose the article
    is: `knowledge.wrong_answers` counts it for the unit that keeps the article."""
    article = str(entry.data["article"])
    wrong = _called_untrue(run)
    text = f"依据{article}的即时答复，企业评价为不实" if wrong else f"依据{article}即时答复"
    when = When.happened(wrong.at if wrong else entry.at)
    rows = Rows(run, PLATFORM)
    reason = Reason("R12", text, counts=False)
    return rows.write(Measure.KNOWLEDGE, when, reason, n=wrong is None, about=article)


def _called_untrue(run: ClaimRun) -> CallBackRecord | None:
    """Return the evaluation of an immediate answer, which precedes any dispatch."""
    said = next((call for call in run.claim.call_backs if call.reached and call.grade is not None), None)
    first = run.claim.dispatches[0].delivered_at if run.claim.dispatches else None
    if said is None or said.reason is not Dissatisfaction.UNTRUE or (first is not None and first < said.at):
        return None
    return said


def _extension(run: ClaimRun) -> Iterator[Fact]:
    """R17: what was approved."""
    extension, dispatch = run.claim.extension, run.claim.dispatch
    if dispatch is not None and extension is not None and extension.approved and extension.decided_at:
        reason = leaves(run, dispatch) or Reason("R17", f"{minute(extension.decided_at)}同意延期")
        when = When.happened(extension.decided_at)
        yield Rows(run, dispatch.unit, dispatch).write(Measure.EXTENSIONS, when, reason, n=True)


def _parts(run: ClaimRun) -> Iterator[Fact]:
    for dispatch in run.claim.dispatches if run.parts is not None else ():
        for co_unit in dispatch.co_units:
            yield from _part(run, dispatch, co_unit)


def _part(run: ClaimRun, dispatch: Dispatch, co_unit: CoUnit) -> Iterator[Fact]:
    """R22: a part is late if nobody has reported it before its end. A claim that closed earlier asks for none."""
    due, last_day = co_unit.due_at, co_unit.last_day
    if due is None or last_day is None or run.until < due or not co_unit.reports:
        return
    reports = (part for part in run.parts or () if part.dispatch == dispatch.n)
    reported = min((p.reported_at for p in reports if p.unit == co_unit.unit.id), default=None)
    late = reported is None or reported >= due
    text = f"{minute(reported)}报送协办情况" if reported else "期满未报送协办情况"
    reason = leaves(run, dispatch) or Reason("R22", text)
    closed = run.claim.closed
    if reason.counts and late and closed is not None and closed.at < due:
        reason = Reason("R22", "办结时协办部分尚未到期", counts=False)
    rows, when = Rows(run, co_unit.unit, dispatch), When(last_day, due)
    yield rows.write(Measure.CO_UNIT_LATE, when, reason, n=late, about=co_unit.unit.id)


def _delays(run: ClaimRun) -> Iterator[Fact]:
    """Delays of the city platform and the arbiter. Limits that have ended count, however the claim ended."""
    for limit in run.claim.limits:
        if limit.kind in PLATFORMS_OWN and not limit.is_live:
            decided = limit.status in DECIDED
            reason = Reason("R60", limit_text(limit)) if decided else fell_away(run)
            rows = Rows(run, PLATFORM, _dispatch(run, limit.dispatch))
            late = limit.status is LimitStatus.MISSED
            about = f"{limit.kind}:{limit.id}"
            yield rows.write(Measure.PLATFORM_DELAY, When.due(limit), reason, n=late, about=about)
