"""The common behaviour of all cases: read each message without raising, decide at once, and record the decision."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Final, Generic, TypeVar

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ConfigDict, Field, JsonValue

    from activities import priorities
    from activities.assessment.case_records import RECORD_CASE
    from activities.task_queues import ActivityQueue
    from assessment.cases.model import (
        MOST_OUTCOMES,
        CaseEntry,
        CaseEnvelope,
        CaseKind,
        CaseRecord,
        CaseSnapshot,
        CaseState,
    )
    from assessment.cases.step import REFUSED, CaseStep
    from claims.model.journal import Notice, Outcome
    from claims.model.messages.known_fields import fields_beside
    from claims.model.values import CONSOLE, is_console
    from workflows.incoming.authenticity import Authenticity, sender_of
    from workflows.incoming.message_contents import (
        MOST_SIGNALS,
        NO_ARGUMENT,
        content_of,
        has_possible_id,
        is_empty,
        read_as,
    )
    from workflows.outgoing import retry_policies
    from workflows.outgoing.ended_activities import until_done
    from workflows.outgoing.task_queues import beside_own
    from workflows.patches import BOUNDED_CASES, BOUNDED_READING, COUNTED_NEWS, REUSED_IDS, TYPED_CASE_FIELDS

State = TypeVar("State", bound=CaseState)
Act = Callable[[State, StrEnum, CaseEnvelope], tuple[CaseStep[State], Outcome]]
CONSOLE_ID: Final = "console-"
QUERY_STATE: Final = "look"
"""`look(request_id) -> CaseSnapshot`."""


class CaseOpening(BaseModel):
    """The input of a case's workflow, also from one run to the next."""

    model_config = ConfigDict(extra="ignore")

    id: str
    state: dict[str, JsonValue] = Field(default_factory=dict)
    """Empty for a case that has only begun."""
    outcomes: dict[str, Outcome] = Field(default_factory=dict)


class CaseRunner(Generic[State]):
    """The state of one case. `act` decides on requests; every step is recorded, in order."""

    def __init__(
        self, kind: CaseKind, opening: CaseOpening, state: State, act: Act[State], rule: str
    ) -> None:
        self.state = state
        self._kind = kind
        self._id = opening.id
        self._act = act
        self._rule = rule
        self._outcomes = opening.outcomes
        self._authenticity = Authenticity(workflow.info().workflow_id, is_strict=True)
        self._entries: list[CaseEntry] = []
        self._notices: list[Notice] = []
        self._is_recording = False
        self._signals = 0
        self._news = 0

    def receive(self, action: StrEnum, message: RawValue = NO_ARGUMENT) -> None:
        """Take an act that came by a signal. A repeated request id changes nothing."""
        try:
            content = content_of(message, is_typed=not self._authenticity.is_ours(message))
            envelope = self._as_sent(action, content, message)
            is_readable = has_possible_id(envelope.body) and not _is_lost(content, message)
        except ValueError:
            is_readable = False
        if not is_readable:
            self.note_unreadable(action.value)
            return
        self._signals += 1
        request_id = str(envelope.body.get("request_id", ""))
        if (known := self._outcomes.get(request_id)) is not None:
            is_other = known.fingerprint not in ("", envelope.fingerprint(action.value))
            if is_console(envelope.actor) and is_other and workflow.patched(REUSED_IDS):
                self._note(f"请求编号“{request_id[:64]}”已用于其他操作，本次操作未办理")
            return
        step, outcome = self._act(self.state, action, envelope)
        self._outcomes[outcome.request_id] = outcome
        self.adopt(step)

    def _as_sent(self, action: StrEnum, content: object, message: RawValue) -> CaseEnvelope:
        """A message that the API did not encrypt for this case and signal counts as an administrator's (ADR 14)."""
        envelope, signal = _envelope_of(content), action.value.replace("-", "_")
        if self._authenticity.is_ours(message) and self._authenticity.is_for(envelope.addressee, signal):
            return envelope
        beside = _fields_beside(content) if workflow.patched(TYPED_CASE_FIELDS) else None
        return CaseEnvelope(actor=sender_of(message), body=envelope.body, beside=beside)

    def note_unreadable(self, name: str) -> None:
        """Record a signal that cannot be read or has an unknown name; it changes nothing."""
        self._signals += 1
        self._note(f"信号“{name[:64]}”不认识，或其内容无法读取")

    def count_news(self) -> None:
        """Count a signal that is no act and is not recorded; the server counts it as well."""
        self._news += 1

    def _note(self, text: str) -> None:
        step = CaseStep(self.state, at=workflow.now(), actor=CONSOLE)
        step.write(REFUSED, self._rule, text=text)
        self.adopt(step)

    def adopt(self, step: CaseStep[State]) -> None:
        """Adopt a step and record it."""
        self.state = step.state
        self._entries += step.entries
        self._notices += step.notices

    @property
    def is_recorded(self) -> bool:
        """Return whether the records have everything."""
        return not self._entries and not self._is_recording

    @property
    def is_settled(self) -> bool:
        """Return whether everything is on record and nothing is in progress."""
        return self.is_recorded and workflow.all_handlers_finished()

    @property
    def ends_run(self) -> bool:
        """Return whether the case is to continue in a new run, and can: otherwise the server would take no more acts."""
        if self._signals + self._news < MOST_SIGNALS or not self.is_settled:
            return False
        return workflow.patched(BOUNDED_CASES if self._signals >= MOST_SIGNALS else COUNTED_NEWS)

    def continue_if_due(self) -> None:
        """End the run where it is to continue in a new one; does not return then."""
        if self.ends_run:
            workflow.continue_as_new(self.opening())

    def snapshot(self, request_id: str) -> CaseSnapshot:
        """Return the current state of the case."""
        state = self.state.model_dump(mode="json")
        return CaseSnapshot(state=state, now=workflow.now(), outcome=self._outcomes.get(request_id))

    def opening(self) -> CaseOpening:
        """Return the input of the next run."""
        outcomes = dict([*self._outcomes.items()][-MOST_OUTCOMES:])
        return CaseOpening(id=self._id, state=self.state.model_dump(mode="json"), outcomes=outcomes)

    async def keep_recording(self) -> None:
        """Write each step to the records, in order, however long they are unavailable."""
        while True:
            await workflow.wait_condition(lambda: bool(self._entries))
            self._is_recording = True
            entries, self._entries = self._entries, []
            notices, self._notices = self._notices, []
            record = CaseRecord(
                kind=self._kind,
                id=self._id,
                seq=self.state.seq,
                at=workflow.now(),
                state=self.state.model_dump(mode="json"),
                entries=tuple(entries),
                notices=tuple(notices),
            )
            await until_done(partial(_write, record))
            self._is_recording = False

    def begin(self) -> "asyncio.Task[None]":
        """Start recording; cancel the task when the run ends."""
        return asyncio.create_task(self.keep_recording())


async def _write(record: CaseRecord) -> None:
    await workflow.execute_activity(
        RECORD_CASE,
        record,
        task_queue=beside_own(ActivityQueue.RECORDS),
        start_to_close_timeout=timedelta(seconds=30),
        retry_policy=retry_policies.RECORDS,
        priority=priorities.RECORDS,
        summary="写入台账",
    )


def _is_lost(content: object, message: RawValue) -> bool:
    """Return whether nothing could be read of a message that held something: it is nobody's empty act."""
    return content is None and not is_empty(message) and workflow.patched(BOUNDED_READING)


def _fields_beside(content: object) -> tuple[str, ...]:
    """What is not read of a message that holds a body; all of a message without one is its body."""
    return fields_beside(content, CaseEnvelope) if isinstance(content, dict) and "body" in content else ()


def _envelope_of(content: object) -> CaseEnvelope:
    """An envelope; what was typed in the Temporal UI without one is the console's body."""
    if content is None:
        content = {}
    if isinstance(content, dict) and "body" not in content:
        content = {"body": content}
    envelope = read_as(CaseEnvelope, content)
    if envelope.body.get("request_id"):
        return envelope
    return envelope.model_copy(
        update={"body": {**envelope.body, "request_id": f"{CONSOLE_ID}{workflow.uuid4()}"}}
    )
