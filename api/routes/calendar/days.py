"""`/calendar/{year}` and `/deadlines`: the working calendar, and how a limit is counted (R1-R6)."""

from datetime import datetime
from typing import Annotated

from fastapi import Path, Query

from api.http.dependencies import Used
from api.http.problems import Kind, Problem
from api.http.routing import guarded_router
from api.http.validation_messages import plus_hint
from calendar_rules import CalendarYear, Deadline

router = guarded_router("日历与时限")


@router.get("/calendar/{year}", summary="一年的放假与调休")
async def read_year(
    year: Annotated[int, Path(description="年份", examples=[2026])], services: Used
) -> CalendarYear:
    """放假日和调休上班日及其名称；provisional 表示该年安排尚未公布，暂按法定节假日推算。"""
    return (await services.calendar()).year(year)


@router.get("/deadlines/explain", summary="逐日说明一个时限")
async def explain_deadline(
    start: Annotated[
        str, Query(description="起算时间，带时区", examples=["2026-02-13T10:00:00+08:00"], max_length=40)
    ],
    days: Annotated[int, Query(description="工作日数", examples=[10])],
    services: Used,
) -> Deadline:
    """起算当日不计，其后每个工作日计一天；截止于最后一日 24:00（due_at，UTC，不含）。"""
    return (await services.calendar()).deadline(instant(start), days)


def instant(text: str) -> datetime:
    """Return an instant as written. Raises a 422 problem; the calendar checks whether it has an offset."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        detail = f"start：看不懂的时间“{text}”，应为 2026-02-13T10:00:00+08:00"
        instead = plus_hint(text) or "请改正后重新查询"
        raise Problem(Kind.INVALID, detail, rule="R2", instead=instead) from error
