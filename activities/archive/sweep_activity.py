"""The activity of the scheduled workflow that archives closed histories."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.archive.sweep import Sweeper, SweepResult
from archive.errors import ArchiveDamaged, ArchiveError

SWEEP_ARCHIVE = "sweep_archive"


class ArchivingActivities:
    """One worker's."""

    def __init__(self, sweeper: Sweeper) -> None:
        self._sweeper = sweeper

    @activity.defn(name=SWEEP_ARCHIVE)
    async def sweep_archive(self) -> SweepResult:
        """Run one sweep; idempotent. If something is wrong with the archive, the workflow's failure says what."""
        try:
            return await self._sweeper.sweep(activity.heartbeat)
        except ArchiveError as error:
            damaged = isinstance(error, ArchiveDamaged)
            raise ApplicationError(str(error), type=type(error).__name__, non_retryable=damaged) from error
