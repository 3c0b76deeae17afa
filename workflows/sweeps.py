"""Sweeps: telling every claim that an update concerns, page by page.

Records lag behind claims, so an update sweeps again until a sweep, not the first, finds nobody.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, NoReturn

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ConfigDict

    from activities.updates.calendar_updates import PageResult

QUERY_PROGRESS: Final = "progress"
_AT_LEAST: Final = 2
_AT_MOST: Final = 6
"""Sweeps."""
_PAGES_A_RUN: Final = 500


class Progress(BaseModel):
    """The progress of an update; `found` by the present sweep."""

    model_config = ConfigDict(extra="ignore")

    sweep: int = 1
    after: str = ""
    found: int = 0
    told: int = 0
    ended: int = 0
    superseded: bool = False
    finished_at: datetime | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the sweep that has just ended found nobody left to tell."""
        return self.sweep >= _AT_MOST or (self.sweep >= _AT_LEAST and self.found == 0)

    def add(self, page: PageResult) -> None:
        """Count a page."""
        self.told += page.told
        self.ended += page.ended
        self.found += page.told
        self.superseded = page.superseded


async def sweep(
    progress: Progress,
    update_page: Callable[[], Awaitable[PageResult]],
    continue_as_new: Callable[[], NoReturn],
) -> None:
    """Tell page after page, in as many runs as needed."""
    pages = 0
    while True:
        page = await update_page()
        progress.add(page)
        if page.after is None:
            return
        progress.after = page.after
        pages += 1
        if pages == _PAGES_A_RUN or workflow.info().is_continue_as_new_suggested():
            continue_as_new()


async def wait_for_records(progress: Progress, settle: timedelta) -> None:
    """Let the records catch up before the next sweep."""
    await workflow.sleep(settle, summary=f"等待台账写齐，再查第{progress.sweep + 1}遍")
    progress.sweep, progress.after, progress.found = progress.sweep + 1, "", 0
