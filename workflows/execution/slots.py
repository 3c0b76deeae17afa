"""The slots of a worker: how many tasks of each kind it takes at one time, and when."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    ResourceBasedSlotConfig,
    ResourceBasedSlotSupplier,
    ResourceBasedTunerConfig,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    WorkerTuner,
)

from activities.answers_first import AnswersFirst
from activities.task_queues import ActivityQueue

ACTIVITY_SLOTS: Final = 16
"""Of the claims' own queue: their records."""
QUEUE_SLOTS: Final[Mapping[ActivityQueue, int]] = {
    ActivityQueue.DEADLINES: 64,
    ActivityQueue.MESSAGES: 16,
    ActivityQueue.LIGHTS: 4,
    ActivityQueue.RECORDS: 8,
    ActivityQueue.PAPERS: 2,  # rendering takes the processor
    ActivityQueue.LONG: 4,
}
"""Of the activities' queues."""
SLOTS_AFTER_RECORDS: Final = 10.0
"""Seconds that a slot for papers or lights waits for this process's records at most, before the worker asks for a task."""
QUIET: Final = 0.5
"""Seconds without a record after which papers and lights are asked for, outside virtual time."""


class SlotsAfterRecords(CustomSlotSupplier):
    """A fixed number of slots for tasks that the worker asks for once no record is left, or after ten seconds."""

    def __init__(self, order: AnswersFirst, slots: int, quiet: float = QUIET) -> None:
        self._order = order
        self._quiet = quiet
        self._free = asyncio.Semaphore(slots)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:  # noqa: ARG002 - the SDK's interface
        """Wait for a slot, then for the records."""
        self._loop = asyncio.get_running_loop()
        await self._free.acquire()
        try:
            await self._order.after_records(SLOTS_AFTER_RECORDS, quiet=self._quiet)
        except BaseException:
            self._free.release()
            raise
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:  # noqa: ARG002 - the SDK's interface
        """Refuse tasks that the server would hand over unasked."""
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        """Do nothing: a slot is taken from its reservation on."""

    def release_slot(self, ctx: SlotReleaseContext) -> None:  # noqa: ARG002 - the SDK's interface
        """Free a slot; called in a thread of the SDK's."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: the worker has ended
                self._loop.call_soon_threadsafe(self._free.release)


def tuner(workflow_slots: int, memory: float) -> WorkerTuner:
    """Return the slots of the claims' own queue: workflow tasks as the part of the machine's memory
    allows, activities one for each thread."""
    few = ResourceBasedSlotConfig(minimum_slots=5, maximum_slots=workflow_slots, ramp_throttle=timedelta())
    limit = ResourceBasedTunerConfig(target_memory_usage=memory, target_cpu_usage=1.0)
    return WorkerTuner.create_composite(
        workflow_supplier=ResourceBasedSlotSupplier(few, limit),
        activity_supplier=FixedSizeSlotSupplier(ACTIVITY_SLOTS),
        local_activity_supplier=FixedSizeSlotSupplier(1),
        nexus_supplier=FixedSizeSlotSupplier(1),
    )


def tuner_beside(
    queue: ActivityQueue, slots: int, answers_first: AnswersFirst, *, virtual_time: bool
) -> WorkerTuner:
    """Return the slots of an activities' queue; papers and lights are taken after the records. In virtual time every step of
    a clock waits for them, so they come as soon as no record is under way."""
    quiet = 0.0 if virtual_time else QUIET
    is_later = queue in (ActivityQueue.PAPERS, ActivityQueue.LIGHTS)
    return WorkerTuner.create_composite(
        workflow_supplier=FixedSizeSlotSupplier(2),
        activity_supplier=SlotsAfterRecords(answers_first, slots, quiet)
        if is_later
        else FixedSizeSlotSupplier(slots),
        local_activity_supplier=FixedSizeSlotSupplier(1),
        nexus_supplier=FixedSizeSlotSupplier(1),
    )
