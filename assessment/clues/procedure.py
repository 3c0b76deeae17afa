"""From an act to a clue's next state (R64). It notifies nobody: the unit concerned never learns of it here."""

from datetime import datetime
from typing import Final

from assessment.cases.model import CaseEnvelope
from assessment.cases.step import CaseStep, act, require
from assessment.clues.model import (
    CLUE_BODIES,
    CLUE_NAMES,
    CLUE_STAGES,
    READERS,
    CloseClue,
    ClueAction,
    ClueStage,
    ClueState,
    ExposeClue,
    Exposure,
    LinkClue,
    ReceiptClue,
    RecordClue,
    Transfer,
    TransferClue,
)
from claims.model.journal import Outcome
from claims.model.refusals import Refused

Step = CaseStep[ClueState]
RULE: Final = "R64"
MOST_LINKS: Final = 200
ALLOWED: Final = {
    ClueAction.RECORD: (ClueStage.NEW,),
    ClueAction.LINK: (ClueStage.RECORDED, ClueStage.TRANSFERRED, ClueStage.RECEIPTED),
    ClueAction.TRANSFER: (ClueStage.RECORDED,),
    ClueAction.RECEIPT: (ClueStage.TRANSFERRED,),
    ClueAction.EXPOSE: (ClueStage.RECORDED, ClueStage.TRANSFERRED, ClueStage.RECEIPTED),
    ClueAction.CLOSE: (ClueStage.RECORDED, ClueStage.RECEIPTED),
}
"""Which act in which stage; one that was transferred is not closed without its receipt."""


def perform(
    state: ClueState, action: ClueAction, envelope: CaseEnvelope, *, now: datetime
) -> tuple[Step, Outcome]:
    """Perform an act; return the step and its outcome. Never raises."""
    return act(state, action, envelope, _apply, bodies=CLUE_BODIES, rule=RULE, now=now)


def _apply(step: Step, action: str, envelope: CaseEnvelope) -> None:
    wanted = ClueAction(action)
    require(step, RULE, CLUE_NAMES[wanted], *READERS)
    stage = step.state.stage
    if stage not in ALLOWED[wanted]:
        raise Refused(RULE, f"线索现为“{CLUE_STAGES[stage]}”，不能{CLUE_NAMES[wanted]}", "请核对线索编号")
    body = CLUE_BODIES[wanted].model_validate(envelope.body)
    state = step.state
    match body:
        case RecordClue():
            state.stage = ClueStage.RECORDED
            state.found_at, state.place, state.text = body.found_at, body.place, body.text
            _link(state, body)
        case LinkClue():
            _link(state, body)
        case TransferClue():
            state.stage = ClueStage.TRANSFERRED
            state.transfer = Transfer(to=body.to, paper=body.paper, text=body.text, at=step.at)
        case ReceiptClue() if state.transfer is not None:
            state.stage = ClueStage.RECEIPTED
            given = {"receipt": body.paper, "receipt_by": body.person}
            state.transfer = state.transfer.model_copy(update=given)
        case ExposeClue():
            state.exposures += (Exposure(medium=body.medium, text=body.text, at=step.at),)
        case CloseClue():
            state.stage, state.closing = ClueStage.CLOSED, body.text
    step.write(wanted.value, RULE, text=CLUE_NAMES[wanted])


def _link(state: ClueState, body: RecordClue | LinkClue) -> None:
    state.claims = tuple(dict.fromkeys((*state.claims, *body.claims)))[:MOST_LINKS]
    state.units = tuple(dict.fromkeys((*state.units, *body.units)))[:MOST_LINKS]
    state.evidence = tuple(dict.fromkeys((*state.evidence, *body.evidence)))[:MOST_LINKS]
