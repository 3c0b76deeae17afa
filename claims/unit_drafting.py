"""The papers that a step of a unit's account brings: the interview's record, the accountability file."""

from claims.account import Measure, UnitAccount
from claims.papers import PaperRequest
from claims.terms import EventKind
from claims.unit_papers import Case, Interview, accountability_paper, interview_paper
from claims.unit_step import UnitStep


def papers_of(step: UnitStep) -> list[PaperRequest]:
    """One for each interview recorded and each file opened in this step."""
    found = []
    for entry in step.entries:
        measure = step.account.measure(str(entry.data.get("measure", "")))
        if measure is not None and entry.kind is EventKind.INTERVIEW_RECORDED:
            found.append(_interview(step.account, measure))
        if measure is not None and entry.kind is EventKind.ACCOUNTABILITY_OPENED:
            found.append(_file(step.account, measure))
    return found


def _interview(account: UnitAccount, measure: Measure) -> PaperRequest:
    note = measure.notes[-1]
    held = Interview(
        unit=account.unit,
        unit_name=account.name,
        at=note.at,
        interviewer=note.by,
        interviewee=note.person,
        reason=measure.reason,
        content=note.text,
    )
    lights = [account.lights[light] for light in measure.lights]
    return interview_paper(measure.id, held, promises=note.promises, lights=lights)


def _file(account: UnitAccount, measure: Measure) -> PaperRequest:
    case = Case(unit=account.unit, unit_name=account.name, at=measure.opened_at, reason=measure.reason)
    return accountability_paper(measure.id, case, lights=[account.lights[light] for light in measure.lights])
