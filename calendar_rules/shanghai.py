"""Shanghai's local days and the instants at which they end.

Shanghai is UTC+8 all year round: daylight saving time was last kept in 1991. A fixed offset is exact for
every day that a calendar covers, and needs no time zone database.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from calendar_rules.errors import CutoffRefused, InstantRefused

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")


def local_day(instant: datetime) -> date:
    """Return the Shanghai date of an instant."""
    if not isinstance(instant, datetime):
        raise InstantRefused(f"起算时间应为带时区的时间，收到的是 {instant!r}：请改为带时区的时间（R2）")
    if instant.utcoffset() is None:
        raise InstantRefused(
            f"时间 {instant.isoformat()} 没有时区：请写明时差，例如 2026-02-13T10:00:00+08:00（R2）"
        )
    try:
        return instant.astimezone(SHANGHAI).date()
    except OverflowError:
        raise InstantRefused(f"时间 {instant.isoformat()} 超出可计算的范围：请核对年份（R2）") from None


def due_at(last_day: date, cutoff: time | None = None) -> datetime:
    """Return the UTC instant, exclusive, at which a limit ends (R3): the next midnight, or `cutoff` on the day."""
    if cutoff is None:
        ends = datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI)
    else:
        ends = datetime.combine(last_day, checked_cutoff(cutoff), SHANGHAI)
    return ends.astimezone(UTC)


def checked_cutoff(cutoff: time) -> time:
    if not isinstance(cutoff, time) or cutoff.tzinfo is not None:
        raise CutoffRefused(f"截止时刻应为不带时区的北京时间，收到的是 {cutoff!r}：请写成 17:30（R3）")
    if cutoff == time():
        raise CutoffRefused("截止时刻不能是 00:00：要以当日 24:00 为止，请不设截止时刻（R3）")
    return cutoff
