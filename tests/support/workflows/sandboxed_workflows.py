"""Workflows that tell whether they are in a sandbox, alone here: a sandbox loads their module for each run."""

from datetime import datetime, timedelta

from temporalio import activity, workflow


@workflow.defn
class LooksAtAClock:
    """What no workflow may do."""

    @workflow.run
    async def run(self) -> str:
        return str(datetime.now())  # noqa: DTZ005  on purpose


@activity.defn
async def say(word: str) -> str:
    """The word itself."""
    return word


@workflow.defn
class AsksForAWord:
    """Gives something to an activity and gets it back."""

    @workflow.run
    async def run(self, word: str) -> str:
        return await workflow.execute_activity(say, word, start_to_close_timeout=timedelta(seconds=10))
