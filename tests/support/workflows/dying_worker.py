"""A worker in its own process that kills itself (SIGKILL) at a named point around a light.

It dies at exactly this instruction, so that recovery finds exactly the state after such an accident.
Activities time out sooner than in production, so that tests do not wait a minute.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection
from temporalio import activity
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

import activities.papers.filing
import notices.relay
import records.attachments
import records.outbox
from activities.assessment.case_records import RECORD_CASE
from activities.lights import RECORD_ACCOUNT, AccountRecord
from activities.papers.filing import FILE_PAPER
from activities.records import RECORD_CHANGE
from assessment.cases.model import CaseRecord
from claims import procedure
from claims.model.events import EventKind
from claims.model.journal import Entry, Notice
from claims.model.labels import label
from claims.model.terms import BackgroundTaskKind, Colour
from claims.model.unit_account import AccountLight
from claims.notifications import Message
from claims.papers.requests import NumberedPaper, PaperKind, PaperRequest
from claims.recording.change import ClaimChange
from claims.transition import Transition
from records.attachments import Attachment
from records.database.engine import Records, open_records
from records.outbox import Lease
from runtime.connection import connect
from runtime.settings import Settings
from tests.support.http_server import LOCAL
from tests.support.processes.forked_processes import begin
from worker import ACTIVITY_THREADS, build_relay, build_worker

GIVEN_UP_AFTER = timedelta(seconds=5)


class Point(StrEnum):
    """Where it dies."""

    NEVER = "never"
    DECIDED = "decided"
    """The workflow task has given the light and is not completed."""
    IN_THE_TRANSACTION = "in-the-transaction"
    """Claim and journal are written, notices are not, nothing is committed."""
    RECORDED = "recorded"
    """Committed, but the activity is not completed."""
    NUMBERED = "numbered"
    """The letter has its document number but no file yet."""
    KEPT = "kept"
    """The letter's file exists but is not recorded."""
    FILED = "filed"
    """The letter is filed, but the activity is not completed."""
    UNREPORTED = "unreported"
    """About to report the light to the unit."""
    REPORTED = "reported"
    """The unit has the light, but the activity is not completed."""
    COUNTED = "counted"
    """The unit has counted the light, and it is not in the records."""
    ACCOUNTED = "accounted"
    """It is in the records, but the activity is not completed."""
    LEASED = "leased"
    """The relay has leased the notice and not sent it."""
    SENT = "sent"
    """The notice is sent but not marked so."""


def die() -> None:
    """Kill this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


class Death:
    """Kills the process at one point, for a light of one colour (or a yellow light's letter)."""

    def __init__(self, point: Point, colour: Colour) -> None:
        self._point = point
        self._colour = colour

    def strike(self, point: Point, *, concerned: bool) -> None:
        """Die at this point."""
        if point is self._point and concerned:
            die()

    def is_light_line(self, entry: Entry) -> bool:
        """Return whether this is the journal line of the light."""
        return entry.kind is EventKind.LIGHT_GIVEN and str(entry.data["light"]).endswith(self._colour)

    def notifies(self, kind: EventKind, text: str) -> bool:
        """Return whether this is the notice of the light."""
        return kind is EventKind.LIGHT_GIVEN and text.startswith(label(self._colour))

    def lie_in_wait(self) -> None:
        """Hook into functions that this process calls during a step."""
        watch(procedure, "pass_time", after=self._decided)
        watch(records.outbox, "enqueue_notices", before=self._putting_out)
        watch(activities.papers.filing, "render", before=self._rendering)
        watch(records.attachments, "keep", before=self._keeping)
        watch(notices.relay, "begin", before=self._sending)
        watch(records.outbox, "mark_sent", before=self._marking)

    def _decided(self, step: Transition) -> None:
        self.strike(Point.DECIDED, concerned=any(self.is_light_line(entry) for entry in step.entries))

    def _putting_out(self, _: Connection, __: str, put: Sequence[Notice]) -> None:
        concerned = any(self.notifies(notice.kind, notice.text) for notice in put)
        self.strike(Point.IN_THE_TRANSACTION, concerned=concerned)

    def _rendering(self, numbered: NumberedPaper) -> None:
        self.strike(Point.NUMBERED, concerned=_is_letter(numbered.request.kind))

    def _keeping(self, _: Records, attachment: Attachment) -> None:
        self.strike(Point.KEPT, concerned=_is_letter(attachment.kind))

    def _sending(self, _: str, message: Message) -> None:
        self.strike(Point.LEASED, concerned=label(self._colour) in message.body)

    def _marking(self, _: Records, sent: Lease, __: datetime) -> None:
        self.strike(Point.SENT, concerned=self.notifies(sent.kind, sent.text))

    def before(self, name: str, argument: object) -> None:
        """Run before an activity."""
        if name == BackgroundTaskKind.REPORT_LIGHT and isinstance(argument, AccountLight):
            self.strike(Point.UNREPORTED, concerned=argument.colour is self._colour)
        if name == RECORD_ACCOUNT and isinstance(argument, AccountRecord):
            self.strike(Point.COUNTED, concerned=any(self.is_light_line(entry) for entry in argument.entries))

    def after(self, name: str, argument: object) -> None:
        """Run after an activity, before its completion."""
        if name == RECORD_CHANGE and isinstance(argument, ClaimChange):
            self.strike(
                Point.RECORDED, concerned=any(self.is_light_line(entry) for entry in argument.entries)
            )
        if name == FILE_PAPER and isinstance(argument, PaperRequest):
            self.strike(Point.FILED, concerned=_is_letter(argument.kind))
        if name == BackgroundTaskKind.REPORT_LIGHT and isinstance(argument, AccountLight):
            self.strike(Point.REPORTED, concerned=argument.colour is self._colour)
        if name == RECORD_ACCOUNT and isinstance(argument, AccountRecord):
            self.strike(
                Point.ACCOUNTED, concerned=any(self.is_light_line(entry) for entry in argument.entries)
            )


def watch(
    owner: ModuleType,
    name: str,
    *,
    before: Callable[..., None] = lambda *_: None,
    after: Callable[..., None] = lambda _: None,
) -> None:
    """Wrap a module's function to report its arguments before, and its result after."""
    original: Callable[..., object] = getattr(owner, name)

    @wraps(original)
    def watched(*args: object, **kwargs: object) -> object:
        before(*args)
        result = original(*args, **kwargs)
        after(result)
        return result

    setattr(owner, name, watched)


def _is_letter(kind: PaperKind | None) -> bool:
    return kind is PaperKind.SUPERVISION_LETTER


class DeathAfter:
    """Kills the process after an activity, before its completion."""

    def __init__(self, name: str) -> None:
        self._name = name

    def lie_in_wait(self) -> None:
        """Hook into nothing else."""

    def before(self, name: str, argument: object) -> None:
        """Do nothing."""

    def after(self, name: str, argument: object) -> None:
        """Die if it is the activity."""
        if name == self._name:
            die()


class DeathAtRecord:
    """Kills the process before or after a case's record with a journal line of a kind is written."""

    def __init__(self, kind: str, *, written: bool) -> None:
        self._kind = kind
        self._written = written

    def lie_in_wait(self) -> None:
        """Hook into nothing else."""

    def before(self, name: str, argument: object) -> None:
        """Die before the records have it."""
        if not self._written:
            self._strike(name, argument)

    def after(self, name: str, argument: object) -> None:
        """Die after the records have it, before the completion."""
        if self._written:
            self._strike(name, argument)

    def _strike(self, name: str, argument: object) -> None:
        if name != RECORD_CASE or not isinstance(argument, CaseRecord):
            return
        if self._kind in {entry.kind for entry in argument.entries}:
            die()


Ends = Death | DeathAfter | DeathAtRecord


class Mortal(ClientInterceptor, Interceptor):
    """Calls the death before and after activities."""

    def __init__(self, death: Ends) -> None:
        self._death = death

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Activities(next, self._death)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,
    ) -> type[WorkflowInboundInterceptor]:
        return _Impatient


class _Activities(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, death: Ends) -> None:
        super().__init__(next)
        self._death = death

    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        name = activity.info().activity_type
        self._death.before(name, input.args[0])
        result = await super().execute_activity(input)
        self._death.after(name, input.args[0])
        return result


class _Impatient(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_SoonGivenUp(outbound))


class _SoonGivenUp(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> "ActivityHandle[object]":
        input.start_to_close_timeout = GIVEN_UP_AFTER
        return super().start_activity(input)


async def _work(settings: Settings, death: Ends) -> None:
    client = await connect(settings, interceptors=[Mortal(death)])
    death.lie_in_wait()
    with open_records(settings.records_url) as held, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        # Movable clocks ignore office hours: the light's notice is sent at any hour.
        relay = build_relay(settings.model_copy(update={"virtual_time": True}), held)
        async with (
            notices.relay.relaying(relay, asyncio.Event()),
            build_worker(client, settings, held, threads),
        ):
            await asyncio.Event().wait()


def run_worker(settings: Settings, point: Point, colour: Colour) -> None:
    """Run the worker until it dies; its output goes into its log."""
    begin(worker_log(settings))
    os.environ["NO_PROXY"] = LOCAL
    asyncio.run(_work(settings, Death(point, colour)))


def run_worker_until(settings: Settings, death: str | DeathAtRecord) -> None:
    """Run until the first activity of a name is done, or until before or after a case's record is written."""
    begin(worker_log(settings))
    os.environ["NO_PROXY"] = LOCAL
    asyncio.run(_work(settings, DeathAfter(death) if isinstance(death, str) else death))


def worker_log(settings: Settings) -> Path:
    """Return the path of its log."""
    return settings.home / "worker.log"
