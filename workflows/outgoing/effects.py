"""The effects of a claim's transitions: records, timers and background tasks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from claims.model.journal import Outcome
    from claims.transition import Transition
    from workflows.messages import SHARED_TIMERS
    from workflows.outgoing.background_tasks import BackgroundTasks
    from workflows.outgoing.recorder import Recorder
    from workflows.outgoing.timers import TimerForEachInstant, TimerForEachLimit, Timers

MOST_IN_ONE_TASK: Final = 25
"""Items that a claim takes from its inbox in one workflow task; they take some tenths of a second."""


class Effects:
    """Everything that a claim schedules with Temporal, in the order of its transitions."""

    def __init__(self, *, recorder: Recorder, timers: Timers, tasks: BackgroundTasks) -> None:
        self.recorder = recorder
        self._timers = timers
        self._tasks = tasks
        self._taken = 0
        self._taken_at: datetime | None = None

    @classmethod
    def of_claim(cls, on_timer: Callable[[datetime], None], *, protocol: int) -> "Effects":
        """Return the effects of a claim of this protocol. `on_timer` is called for each timer that fires."""
        timers = TimerForEachInstant if protocol >= SHARED_TIMERS else TimerForEachLimit
        return cls(recorder=Recorder(), timers=timers(on_timer), tasks=BackgroundTasks())

    def begin(self) -> None:
        """Called when the claim starts to run."""

    def end(self) -> None:
        """Called when all is settled and the claim ends."""

    def record(self, transition: Transition, outcome: Outcome | None = None) -> None:
        """Record a transition."""
        self.recorder.add(transition, outcome)

    def follow(self, transition: Transition) -> None:
        """Start a transition's background tasks, and set the timers of the changed claim."""
        self._tasks.start(transition.background_tasks)
        self._timers.follow(transition.claim)

    async def pause(self) -> None:
        """Called after each item of the inbox. Many items are spread over several workflow tasks, because the
        worker gives up a task that takes too long."""
        now = workflow.now()
        self._taken = self._taken + 1 if now == self._taken_at else 1
        self._taken_at = now
        if self._taken >= MOST_IN_ONE_TASK:
            self._taken = 0
            await workflow.sleep(timedelta(milliseconds=1), summary="分批办理")

    @property
    def settled(self) -> bool:
        """Whether everything is written and done."""
        return self.recorder.settled and self._tasks.settled
