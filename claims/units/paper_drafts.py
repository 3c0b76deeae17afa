"""Papers after a transition of a unit's account: interview records and accountability files."""

from claims.model.events import EventKind
from claims.model.unit_account import Measure, UnitAccount
from claims.papers.requests import PaperRequest
from claims.papers.unit_papers import Case, Interview, interview_paper
from claims.units.transition import UnitTransition


def interview_papers(transition: UnitTransition) -> list[PaperRequest]:
    """Return a record for each interview recorded in this transition."""
    return [
        _interview(transition.account, one) for one in _measures(transition, EventKind.INTERVIEW_RECORDED)
    ]


def accountability_cases(transition: UnitTransition) -> list[Case]:
    """Return a case for each accountability file opened in this transition."""
    return [_case(transition.account, one) for one in _measures(transition, EventKind.ACCOUNTABILITY_OPENED)]


def _measures(transition: UnitTransition, kind: EventKind) -> list[Measure]:
    named = [str(entry.data.get("measure", "")) for entry in transition.entries if entry.kind is kind]
    return [measure for id in named if (measure := transition.account.measure(id)) is not None]


def _interview(account: UnitAccount, measure: Measure) -> PaperRequest:
    note = measure.notes[-1]
    held = Interview(
        unit=account.unit,
        unit_name=account.name,
        at=note.at,
        held_at=note.held_at,
        interviewer=note.by,
        interviewee=note.person,
        place=note.place,
        reason=measure.reason,
        content=note.text,
    )
    lights = [account.lights[light] for light in measure.lights]
    return interview_paper(measure.id, held, promises=note.promises, lights=lights)


def _case(account: UnitAccount, measure: Measure) -> Case:
    lights = tuple(account.lights[light] for light in measure.lights)
    cause = account.causes.get(measure.cause)
    numbers = [light.number for light in lights] + ([cause.number] if cause else [])
    return Case(
        measure=measure.id,
        unit=account.unit,
        unit_name=account.name,
        at=measure.opened_at,
        reason=measure.reason,
        numbers=tuple(dict.fromkeys(numbers)),
        lights=lights,
        seen=cause.seen if cause else 0,
    )
