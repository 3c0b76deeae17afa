"""Sample claims for tests of the records, step by step, and concurrent processes."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import TypeVar

from claims import procedure
from claims.deadlines import expiry, scheduling
from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.journal import TransitionRecord
from claims.model.limit import LimitSchedule
from claims.model.messages.envelopes import Envelope
from claims.model.organisation import UnitRef
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Category, Channel, Role
from claims.model.values import Actor
from claims.transition import Transition
from tests.support.claims.credit_codes import code_of
from tests.support.dates import beijing
from tests.support.polling import PATIENCE
from tests.support.processes.forked_processes import FORKED

Answer = TypeVar("Answer")

WEDNESDAY = beijing("Wed 2026-11-25 09:30")


def _unit(unit_id: str, name: str, *above: str) -> UnitRef:
    path = (unit_id, *above, "ZZ")
    return UnitRef(id=unit_id, name=name, path=path, accountable=path[-2], accountable_name=path[-2])


POWER = _unit("ZZ-GD", "供电公司")
WATER = _unit("ZZ-SW", "水务公司")
DISTRICT = _unit("TZ", "滕州市")
BUREAU = _unit("TZ-ZJ", "滕州市住建局", "TZ")
TOWN = _unit("TZ-JX", "界河镇", "TZ")
UNITS = {unit.id: unit for unit in (POWER, WATER, DISTRICT, BUREAU, TOWN)}

OPERATOR = Actor(sub="op-1", name="受理员", roles=(Role.OPERATOR, Role.SUPERVISOR, Role.CALLER))


def head_of(unit: UnitRef) -> Actor:
    return Actor(sub=f"head-{unit.id}", name="负责人", roles=(Role.HEAD,), unit=unit)


def registered(number: str, at: datetime = WEDNESDAY, /, **order: str) -> TransitionRecord:
    fields = {
        "channel": Channel.HOTLINE,
        "external_id": number,
        "enterprise": "枣庄某机械有限公司",
        "contact": "张三",
        "phone": "13800001234",
        "category": Category.HELP,
        "matter": "厂区电压不稳，设备停机",
    }
    filled = fields | order
    work_order = WorkOrder.model_validate({"credit_code": code_of(filled["enterprise"]), **filled})
    step = procedure.register(
        number, work_order, actor=OPERATOR, at=at, recorded_at=at, policy=DEFAULT_POLICY
    )
    return _record(step)


def act(claim: Claim, action: Action, actor: Actor, at: datetime, **body: object) -> TransitionRecord:
    sent = {"request_id": f"{action}-{claim.seq}", **body}
    envelope = Envelope.model_validate({"actor": actor, "received_at": at, "units": UNITS, "body": sent})
    step, outcome = procedure.act(claim, action, envelope, now=at)
    return _record(step).model_copy(update={"outcomes": (outcome,)})


def fixed(claim: Claim, *, days: int = 1) -> TransitionRecord:
    """Return the schedules of all requested limits: their number of days, of 24 hours each, from their start."""
    step = Transition(claim, at=WEDNESDAY, recorded_at=WEDNESDAY)
    schedules = {
        request.limit_id: _schedule(request.count_from + timedelta(days=days))
        for request in scheduling.limits_to_schedule(claim)
    }
    scheduling.schedule_limits(step, schedules)
    return _record(step)


def _schedule(due_at: datetime) -> LimitSchedule:
    later = due_at + timedelta(days=1)
    return LimitSchedule(
        working_days=1,
        last_day=due_at.date(),
        due_at=due_at,
        provisional=True,
        calendar_version="2026.1",
        supervised_last_day=later.date(),
        supervised_due_at=later,
    )


def passed(claim: Claim, now: datetime) -> TransitionRecord:
    step = Transition(claim, at=now, recorded_at=now)
    expiry.pass_time(step, now)
    return _record(step)


def _record(step: Transition) -> TransitionRecord:
    return TransitionRecord(claim=step.claim, entries=tuple(step.entries), notices=tuple(step.notices))


def dispatched(number: str, unit: UnitRef, *co_units: UnitRef, **order: str) -> TransitionRecord:
    """Return a claim's dispatch, one hour after its registration."""
    claim = registered(number, **order).claim
    at = claim.registered_at + timedelta(hours=1)
    helpers = [co_unit.id for co_unit in co_units]
    return act(claim, Action.DISPATCH, OPERATOR, at, unit=unit.id, co_units=helpers, basis="派单目录")


def story(number: str = "QH202611250001") -> list[TransitionRecord]:
    """Return the steps: registered, dispatched, all limits scheduled, contact missed with a yellow and a red
    light.
    """
    steps = [registered(number), dispatched(number, POWER, BUREAU)]
    steps.append(fixed(steps[-1].claim))
    steps.append(passed(steps[-1].claim, WEDNESDAY + timedelta(days=1, hours=2)))
    steps.append(passed(steps[-1].claim, WEDNESDAY + timedelta(days=2, hours=2)))
    steps.append(act(steps[-1].claim, Action.REJECT, head_of(POWER), WEDNESDAY + timedelta(days=3)))
    return steps


def at_once(work: Callable[..., Answer], calls: Sequence[tuple[object, ...]]) -> list[Answer]:
    """Run a function in one process per call, started simultaneously; return the results."""
    barrier = FORKED.Barrier(len(calls))
    pipes = [FORKED.Pipe(duplex=False) for _ in calls]
    children = [
        FORKED.Process(target=_wait_and_work, args=(barrier, answer, work, call), daemon=True)
        for (_, answer), call in zip(pipes, calls, strict=True)
    ]
    for child in children:
        child.start()
    for _, answer in pipes:
        answer.close()
    try:
        return [_answer(question) for question, _ in pipes]
    finally:
        for child in children:
            child.join(PATIENCE)
        for question, _ in pipes:
            question.close()


def _answer(question: "Connection[object, Answer]") -> Answer:
    if not question.poll(PATIENCE):
        raise TimeoutError("a child process did not answer")
    return question.recv()


def _wait_and_work(
    barrier: Barrier, answer: Connection, work: Callable[..., object], call: tuple[object, ...]
) -> None:
    barrier.wait(PATIENCE)
    answer.send(work(*call))
