"""A step of a case: the state that follows, its journal lines and notices. Refusals change nothing but the journal."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import JsonValue, ValidationError

from assessment.cases.model import CaseBody, CaseEntry, CaseEnvelope, CaseState
from claims.lifecycle import require_role
from claims.model.events import EventKind
from claims.model.journal import Notice, Outcome
from claims.model.labels import role_refusal
from claims.model.messages.known_fields import require_known_fields
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Role
from claims.model.values import Actor

State = TypeVar("State", bound=CaseState)
Action = TypeVar("Action", bound=StrEnum)
REFUSED = "refused"


class CaseStep(Generic[State]):
    """The change of a case by one act; works on a copy of the state."""

    def __init__(
        self, state: State, *, at: datetime, actor: Actor | None = None, request_id: str = ""
    ) -> None:
        self.state = state.model_copy(deep=True)
        self.at = at
        self.actor = actor
        self.request_id = request_id
        self.entries: list[CaseEntry] = []
        self.notices: list[Notice] = []

    def write(self, kind: str, *rules: str, text: str, data: dict[str, JsonValue] | None = None) -> CaseEntry:
        """Write the next line of the journal."""
        self.state.seq += 1
        entry = CaseEntry(
            seq=self.state.seq,
            at=self.at,
            kind=kind,
            rules=rules,
            text=text,
            actor=self.actor,
            request_id=self.request_id,
            data=data or {},
        )
        self.entries.append(entry)
        return entry

    def notify(self, about: str, entry: CaseEntry, kind: EventKind, *units: str) -> None:
        """Notify each unit of an entry once."""
        for unit in dict.fromkeys(units):
            id = f"{about}/{entry.seq}/{unit}"
            self.notices.append(Notice(id=id, at=entry.at, kind=kind, unit=unit, text=entry.text))


Apply = Callable[[CaseStep[State], str, CaseEnvelope], None]
"""Applies an act to a step; raises `Refused`."""


def act(
    state: State,
    action: Action,
    envelope: CaseEnvelope,
    apply: Apply[State],
    *,
    bodies: Mapping[Action, type[CaseBody]],
    rule: str,
    now: datetime,
) -> tuple[CaseStep[State], Outcome]:
    """Apply an act: the step and the outcome. Never raises."""
    at = min(envelope.received_at or now, now)
    request_id = str(envelope.body.get("request_id", ""))[:128]
    step = CaseStep(state, at=at, actor=envelope.actor, request_id=request_id)
    base = Outcome(
        request_id=request_id,
        action=action.value,
        status="accepted",
        at=at,
        fingerprint=envelope.fingerprint(action.value),
    )
    try:
        if envelope.beside is not None:
            require_known_fields(envelope.body, bodies[action], envelope.beside)
        apply(step, action.value, envelope)
    except ValidationError as error:
        return _refused(state, step, base, _unreadable(error, rule))
    except Refused as refused:
        return _refused(state, step, base, refused)
    return step, base.model_copy(update={"seq": step.state.seq})


def _unreadable(error: ValidationError, rule: str) -> Refused:
    fields = "、".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]}))
    return Refused(rule, f"内容不完整或有误：{fields}", "请补齐后重新提交", kind=RefusalKind.INCOMPLETE)


def _refused(
    state: State, step: CaseStep[State], outcome: Outcome, refused: Refused
) -> tuple[CaseStep[State], Outcome]:
    noted = CaseStep(state, at=step.at, actor=step.actor, request_id=step.request_id)
    entry = noted.write(REFUSED, refused.rule, text=f"不予办理：{refused.reason}")
    told = {
        "status": "refused",
        "seq": entry.seq,
        "kind": refused.kind.value,
        "rule": refused.rule,
        "reason": refused.reason,
        "instead": refused.instead,
    }
    return noted, outcome.model_copy(update=told)


def require(step: CaseStep[State], rule: str, what: str, *roles: Role) -> Actor:
    """Return the actor if they hold one of the roles. Raises `Refused`."""
    reason, instead = role_refusal(what, roles)
    return require_role(step.actor, roles, rule=rule, reason=reason, instead=instead)


def require_own_unit(actor: Actor, unit: str, *, rule: str, what: str) -> None:
    """Check that the actor belongs to the accountable unit itself. Raises `Refused`."""
    if actor.unit is None or actor.unit.id != unit:
        raise Refused(rule, f"只有该单位可以{what}", "请由该单位办理", kind=RefusalKind.WRONG_ROLE)
