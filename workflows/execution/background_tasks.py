"""What steps ask of the outside world: done in the background, retried until it is done."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from claims.model.journal import Errand
    from claims.model.labels import label
    from workflows import retry_policies


class Errands:
    """Runs every errand as an activity of its kind's name. None waits for another, and the claim for none,
    except at its very end."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def settled(self) -> bool:
        """Is everything done?"""
        return not self._under_way

    def run(self, errands: Sequence[Errand]) -> None:
        """Start errands."""
        for errand in errands:
            task = asyncio.create_task(self._do(errand))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _do(self, errand: Errand) -> None:
        await workflow.execute_activity(
            errand.kind.value,
            errand.body,
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=retry_policies.BACKGROUND_TASKS,
            summary=f"{label(errand.kind)}：{errand.id}",
        )
