"""Notices of criticism and accountability files for false feedback and missed orders."""

from datetime import datetime

from claims.model.events import EventKind
from claims.model.organisation import UnitRef
from claims.model.terms import BackgroundTaskKind
from claims.model.unit_account import Cause
from claims.papers.claim_papers import criticism_paper
from claims.transition import Transition


def criticise(
    transition: Transition, unit: UnitRef, rule: str, reason: str, *, at: datetime | None = None
) -> None:
    """R45, R52: issue a notice of criticism (通报批评) and open an accountability file (R36), both on the
    accountable unit (R33)."""
    name = unit.accountable_name
    data = {"unit": unit.accountable, "caused_by": unit.id}
    entry = transition.write(
        EventKind.CRITICISED, rule, at=at, text=f"通报批评{name}：{reason}", data=dict(data)
    )
    transition.notify(unit, entry)
    transition.file_paper(criticism_paper(transition.claim, unit, entry))
    text = f"就{name}{reason}形成问责材料，由督导问效组处理"
    entry = transition.write(EventKind.ACCOUNTABILITY_OPENED, rule, "R36", at=at, text=text, data=dict(data))
    transition.notify(unit, entry)
    cause = Cause(
        id=f"{transition.claim.number}/{rule}/{entry.seq}",
        number=transition.claim.number,
        unit=unit.accountable,
        unit_name=name,
        rule=rule,
        reason=reason,
        at=entry.at,
    )
    transition.run_in_background(BackgroundTaskKind.REPORT_CAUSE, cause.id, cause)
