"""The arrangements of holidays that the stories live under, as the State Council would publish them."""

from typing import Final

from tests.support.rulebook.instants import Json


def _days(name: str, *dates: str) -> list[Json]:
    return [{"date": date, "name": name} for date in dates]


YEAR_2031: Final[Json] = {
    "year": 2031,
    "published": "2026-11-25",
    "source": "关于2031年部分节假日安排的通知（测试）",
    "days_off": [
        *_days("元旦", "2031-01-01"),
        *_days("春节", *(f"2031-01-{day}" for day in range(22, 29))),
        *_days("清明节", "2031-04-05", "2031-04-06", "2031-04-07"),
        *_days("劳动节", *(f"2031-05-0{day}" for day in range(1, 6))),
        *_days("端午节", "2031-06-24"),
        *_days("国庆节、中秋节", *(f"2031-10-0{day}" for day in range(1, 8))),
    ],
    "make_up_days": [
        *_days("春节", "2031-01-19"),
        *_days("劳动节", "2031-04-27", "2031-05-10"),
        *_days("国庆节、中秋节", "2031-09-28", "2031-10-11"),
    ],
}
"""Published before any story begins."""

YEAR_2032: Final[Json] = {
    "year": 2032,
    "published": "2026-11-25",
    "source": "关于2032年部分节假日安排的通知（测试）",
    "days_off": [
        *_days("元旦", "2032-01-01"),
        *_days("春节", *(f"2032-02-{day}" for day in range(10, 18))),
        *_days("纪念日", "2032-03-10"),
        *_days("清明节", "2032-04-04"),
        *_days("劳动节", "2032-05-01", "2032-05-02"),
        *_days("端午节", "2032-06-12"),
        *_days("中秋节", "2032-09-19"),
        *_days("国庆节", "2032-10-01", "2032-10-02", "2032-10-03"),
    ],
    "make_up_days": [],
}
"""Published in the middle of a story. Wednesday 10 March, an ordinary day until then, is off."""
