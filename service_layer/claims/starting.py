"""Starting the workflow of a claim that has its number (R10)."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

import structlog
from pydantic import JsonValue, ValidationError

from calendar_rules import local_day
from records import intake
from records.errors import RecordsUnavailable
from records.intake import Intake
from service_layer.claims.claim_access import state_after_start
from service_layer.claims.prepared_limits import opening_with_schedules
from service_layer.clock import now
from service_layer.errors import ServiceError, unavailable
from service_layer.polling import poll
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, NumberTaken, TemporalUnavailable
from workflows.messages import ClaimState, Opening

LEFT_ALONE: Final = timedelta(seconds=10)
"""How long the registering program has to start a claim before the background task does."""

OpeningOf = Callable[[str], Mapping[str, JsonValue]]
"""The opening of a claim that gets this number."""

_NO_NUMBER_YET: Final = "这件诉求正在登记，尚未编号；再次提交是安全的，只会登记一次"

Started = TypeVar("Started")

log = structlog.get_logger()


async def start_new(services: Services, number: str, opening: OpeningOf) -> tuple[str, ClaimState | None]:
    """Start a claim whose number has not been published; return its final number, and its state where it answers.

    If another claim has the number, because the records were lost, take the next free one. Raises UNAVAILABLE.
    """
    return await _under_free_number(services, number, opening, partial(_started, services))


async def start_late(services: Services, line: intake.IntakeRecord) -> bool:
    """Start a claim that has waited since a program died; whether it was started. If another claim has its number, it gets
    the next free one as well: somebody may know the old one, which the log names, but nothing received is dropped (R10).
    """

    def opening(number: str) -> Mapping[str, JsonValue]:
        return {**line.payload, "number": number}

    if _opening_of(line) is None:
        return False
    try:
        return (await _under_free_number(services, line.number, opening, partial(_start, services)))[1]
    except ServiceError:
        return False


async def _under_free_number(
    services: Services, number: str, opening: OpeningOf, start: Callable[[Opening], Awaitable[Started]]
) -> tuple[str, Started]:
    day, skip = local_day(now()), 1
    while True:
        try:
            return number, await start(Opening.model_validate(opening(number)))
        except NumberTaken as error:
            free = await services.records.run(intake.renumber, number, day=day, skip=skip, payload=opening)
            log.error("number-taken", claim=number, renumbered=free)
            if free == number:  # another program has started it meanwhile, or is about to
                raise unavailable(_NO_NUMBER_YET) from error
            number, skip = free, skip * 2


async def with_own_number(services: Services, take: Callable[[], Awaitable[Intake]]) -> Intake:
    """Take a claim in. One that another request registers is returned once it has a number of its own (`start_new`). Raises
    UNAVAILABLE where that takes too long."""

    async def own(_left: float) -> Intake | None:
        taken = await take()
        return taken if taken.first or not await _is_of_another(services, taken.number) else None

    taken = await poll(own, lambda found: found is not None, within=services.settings.action_timeout)
    if taken is None:
        raise unavailable(_NO_NUMBER_YET)
    return taken


async def _is_of_another(services: Services, number: str) -> bool:
    line = await services.records.run(intake.intake_of, number)
    if line is None:  # it has just got another number
        return True
    if line.started_at is not None:
        return False
    opening = _opening_of(line)
    try:
        return opening is not None and await services.temporal.is_of_another(opening)
    except (TemporalUnavailable, NoAnswer, NotRunning):
        return False


async def start_if_waiting(services: Services, number: str) -> bool:
    """Start a claim that has a number but no workflow yet; return False if there is none.

    Raises NoAnswer where it still waits, RecordsUnavailable where that is not known.
    """
    line = await services.records.run(intake.intake_of, number)
    if line is None or line.started_at is not None:
        return False
    if not await _start_recorded(services, line):
        raise NoAnswer(number)
    return True


async def _start_recorded(services: Services, line: intake.IntakeRecord) -> bool:
    """Start a claim from its line in the records, under its number; whether it was started."""
    opening = _opening_of(line)
    try:
        return opening is not None and await _start(services, opening)
    except NumberTaken:
        log.error("number-taken", claim=line.number)
        return False


def _opening_of(line: intake.IntakeRecord) -> Opening | None:
    """Return how the claim in a line begins; None, which is logged, where nobody can read it."""
    try:
        return Opening.model_validate(line.payload)
    except ValidationError:
        log.error("intake-unreadable", claim=line.number)
        return None


async def _started(services: Services, opening: Opening) -> ClaimState | None:
    """Start the workflow and return its state; None where it was not started or does not answer. Raises NumberTaken."""
    try:
        return await state_after_start(services, opening.number, lambda: _start_and_note(services, opening))
    except (TemporalUnavailable, NoAnswer, NotRunning) as error:
        _warn(opening, error)
        return None


async def _start(services: Services, opening: Opening) -> bool:
    """Start the workflow. Return whether it was started. Raises NumberTaken."""
    try:
        await _start_and_note(services, opening)
    except (TemporalUnavailable, NoAnswer, NotRunning) as error:
        _warn(opening, error)
        return False
    return True


async def _start_and_note(services: Services, opening: Opening) -> None:
    """Start the workflow and note that it runs."""
    await services.temporal.start(await opening_with_schedules(services, opening))
    try:
        await services.records.run(intake.mark_started, opening.number, now())
    except RecordsUnavailable:
        log.warning("start-not-noted", claim=opening.number)


def _warn(opening: Opening, error: Exception) -> None:
    log.warning("claim-not-started", claim=opening.number, error=type(error).__name__)
