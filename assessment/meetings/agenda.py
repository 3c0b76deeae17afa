"""The agenda that the procedure itself proposes (R63), from claims and the platform's delays."""

from collections.abc import Iterable, Iterator
from typing import Final

from assessment.editions.model import PlatformDelay
from assessment.meetings.model import AgendaItem, AgendaKind
from claims.model.claim import Claim
from claims.model.labels import end_of, label
from claims.model.terms import DispatchOrigin, LimitKind, LimitStatus, Stage

REDONE_AT_LEAST: Final = 3
RETURNED_BY: Final = 3


def agenda(claims: Iterable[Claim], delays: Iterable[PlatformDelay]) -> tuple[AgendaItem, ...]:
    """By kind, and within it by number."""
    found = [item for claim in claims for item in _of_claim(claim)]
    kinds = list(AgendaKind)
    ordered = sorted(found, key=lambda item: (kinds.index(item.kind), item.claim))
    return (*ordered, *_of_platform(delays))


def _of_claim(claim: Claim) -> Iterator[AgendaItem]:
    for kind, text in _reasons(claim):
        unit = claim.dispatch.unit if claim.dispatch else None
        yield AgendaItem(
            kind=kind,
            claim=claim.number,
            unit=unit.accountable if unit else "",
            unit_name=unit.accountable_name if unit else "",
            text=text,
        )


def _reasons(claim: Claim) -> Iterator[tuple[AgendaKind, str]]:
    missed = [one for one in claim.limits if one.status is LimitStatus.MISSED and one.unit is not None]
    if missed and claim.closed is None:
        last = missed[-1]
        ends = end_of(last.schedule.last_day, last.schedule.due_at) if last.schedule else ""
        yield AgendaKind.OVERDUE, f"{label(last.kind)}{ends}已过，现处于“{label(claim.stage)}”"
    returned = [dispatch for dispatch in claim.dispatches if dispatch.returned is not None]
    if claim.stage is Stage.REDETERMINATION:
        yield AgendaKind.DISPUTED, "退单待核定"
    if claim.stage is Stage.ARBITRATION or any(
        dispatch.origin is DispatchOrigin.ARBITRATION for dispatch in claim.dispatches
    ):
        yield AgendaKind.ARBITRATED, f"第{len(claim.dispatches)}次派单，经提请裁定"
    if any(one.kind is LimitKind.ORDERED_COMPLETION for one in claim.limits):
        yield AgendaKind.ORDERED, "经核实责成限期办结"
    if claim.round >= REDONE_AT_LEAST:
        yield AgendaKind.REDONE, f"已重办{claim.round}次"
    if len({dispatch.unit.id for dispatch in returned}) >= RETURNED_BY:
        names = "、".join(dict.fromkeys(dispatch.unit.name for dispatch in returned))
        yield AgendaKind.RETURNED, f"{names}先后退单"


def _of_platform(delays: Iterable[PlatformDelay]) -> Iterator[AgendaItem]:
    for delay in delays:
        if delay.n:
            text = f"{label(LimitKind(delay.kind))}逾期{delay.n}件（到期{delay.of}件）"
            yield AgendaItem(kind=AgendaKind.PLATFORM, text=text)
