"""Durations in Chinese, for people."""

from datetime import date, datetime
from typing import Final

from calendar_rules import local_day

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


def time_left(due: datetime, now: datetime) -> str:
    """Return the time left until an instant, or since it: `还有1天3小时`, `已超2小时`."""
    seconds = (due - now).total_seconds()
    return f"还有{_spelled(seconds)}" if seconds > 0 else f"已超{_spelled(-seconds)}"


def since(at: datetime, now: datetime) -> str:
    """Return how long ago something was: `3小时前`."""
    seconds = (now - at).total_seconds()
    return f"{_spelled(seconds)}前" if seconds >= _MINUTE else "刚刚"


def _spelled(seconds: float) -> str:
    days, rest = divmod(int(seconds), _DAY)
    hours, rest = divmod(rest, _HOUR)
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    minutes = rest // _MINUTE
    if hours:
        return f"{hours}小时{minutes}分" if minutes else f"{hours}小时"
    return f"{max(minutes, 1)}分钟"


def day_of(at: datetime | date) -> str:
    """Return the Beijing day of an instant, with its weekday: `11月24日 周二`."""
    day = local_day(at) if isinstance(at, datetime) else at
    return f"{day.month}月{day.day}日 周{'一二三四五六日'[day.weekday()]}"
