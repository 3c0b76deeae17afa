"""Calendars for a what-if: an earlier version, or one with additional arrangements."""

import json
from collections.abc import Sequence
from pathlib import Path

from audit.problems import AuditUsageError
from calendar_rules import Arrangement, CalendarError, WorkingCalendar, validate_arrangement
from calendar_rules.loader import load_calendar
from claims.text.file_problems import json_problem, os_problem
from records.arrangements import Published


class BadCalendar(AuditUsageError):
    """There is no such calendar or arrangement."""


def calendar_with(published: Sequence[Published], version: str, files: Sequence[Path]) -> WorkingCalendar:
    """Return the calendar in force, or the one of a version, with additional arrangements from files. Raises
    BadCalendar.
    """
    in_force = _until(published, version)
    more = [_read(file) for file in files]
    try:
        return load_calendar([*(item.arrangement for item in in_force), *more])
    except CalendarError as error:
        raise BadCalendar(str(error)) from error


def _until(published: Sequence[Published], version: str) -> Sequence[Published]:
    if not version:
        return published
    packaged = load_calendar().version
    for count in range(len(published) + 1):
        if version == (published[count - 1].version if count else packaged):
            return published[:count]
    known = "、".join([packaged, *(item.version for item in published)])
    raise BadCalendar(f"没有日历版本 {version}；曾经生效的版本：{known}")


def _read(file: Path) -> Arrangement:
    try:
        return validate_arrangement(json.loads(file.read_text("utf-8")))
    except OSError as error:
        raise BadCalendar(f"读不到放假安排文件 {file}：{os_problem(error)}") from error
    except CalendarError as error:
        raise BadCalendar(f"放假安排文件 {file} 不能用：{error}") from error
    except (ValueError, RecursionError) as error:
        raise BadCalendar(f"放假安排文件 {file} 不能用：{json_problem(error)}") from error
