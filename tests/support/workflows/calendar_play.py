"""Publishes a calendar while claims run on the real server, and reads the effects."""

from datetime import date, timedelta

from temporalio.client import WorkflowHandle

from calendar_rules import SHANGHAI, WorkingCalendar
from claims.model.events import EventKind
from claims.model.limit import LimitSchedule
from claims.model.terms import LimitKind
from records.arrangements import ArrangementRequest, Published, publish
from records.database.engine import Records
from service_layer.clock import now
from tests.support.claims.people import COORDINATOR
from tests.support.polling import until
from tests.support.workflows.claim_play import Play, Stage
from workflows.calendar_update import CALENDAR_UPDATE, CalendarUpdate, update_id
from workflows.sweeps import Progress

SETTLE = timedelta(milliseconds=300)


def put_in_force(records: Records, *off: date, year: int | None = None, note: str = "") -> Published:
    """Publish a notice that makes these days days off; with `year`, as that year's arrangement."""
    return _published(records, f"{off}{note}", days_off=[str(day) for day in off], year=year, note=note)


def take_back(records: Records, *off: date) -> Published:
    """Publish a notice that makes these days ordinary again."""
    return _published(records, f"not {off}", ordinary_days=[str(day) for day in off])


def _published(records: Records, request_id: str, **fields: object) -> Published:
    raw = {"published": f"{now().astimezone(SHANGHAI):%Y-%m-%d}", "source": "虚构的通知，仅供测试", **fields}
    wish = ArrangementRequest.model_validate(
        {"request_id": request_id, "raw": raw, "document": "", "actor": COORDINATOR, "at": now()}
    )
    return publish(records, wish)[0]


async def begin(
    stage: Stage, version: str, *, settle: timedelta = SETTLE, per_second: float = 500.0, at_once: int = 25
) -> WorkflowHandle[object, Progress]:
    update = CalendarUpdate(
        version=version, reason="假日通知", settle=settle, per_second=per_second, at_once=at_once
    )
    return await stage.client.start_workflow(
        CALENDAR_UPDATE,
        update,
        id=f"{update_id(version)}-{stage.task_queue}",  # other tests on this server publish the same days
        task_queue=stage.task_queue,
        result_type=Progress,
    )


async def retime(stage: Stage, version: str) -> Progress:
    return await (await begin(stage, version)).result()


async def has_swept(update: WorkflowHandle[object, Progress]) -> bool:
    """Return whether the update waits for the records."""
    history = await update.fetch_history()
    return any(event.HasField("timer_started_event_attributes") for event in history.events)


async def schedule_of(play: Play, kind: LimitKind) -> LimitSchedule:
    limit = (await play.claim()).limit(kind)
    assert limit is not None
    assert limit.schedule is not None
    return limit.schedule


async def on_record(play: Play, kind: EventKind = EventKind.LIMITS_FIXED) -> None:
    """Wait until the claim's steps are in the records."""

    async def is_written() -> bool:
        return bool(await play.entries(kind)) and len(await play.entries()) >= (await play.claim()).seq

    await until(is_written)


async def history_length(play: Play) -> int:
    return (await play.handle.describe()).history_length


def next_working_day(calendar: WorkingCalendar, day: date) -> date:
    return calendar.nth_working_day_after(day, 1)


async def times_notified(play: Play) -> int:
    """Return the number of updates that the claim has processed."""
    history = await play.handle.fetch_history()
    taken = [
        event.HasField("workflow_execution_update_accepted_event_attributes") for event in history.events
    ]
    return sum(taken)
