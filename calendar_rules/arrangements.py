"""Validation of holiday arrangements, as the State Council's notices make them (R1)."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from calendar_rules.errors import InvalidArrangement
from calendar_rules.model import Arrangement, NamedDay
from calendar_rules.policy import (
    FIRST_DAY_BEFORE_YEAR,
    FIRST_YEAR,
    LAST_LUNAR_YEAR,
    MAX_DAYS_IN_A_ROW,
    MAX_DAYS_OFF,
    MAX_MAKE_UP_DAYS,
    MAX_TEXT,
)
from calendar_rules.wording import SATURDAY, weekday_name

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def validate_arrangement(raw: Mapping[str, object] | Arrangement) -> Arrangement:
    """Return the arrangement; raises `InvalidArrangement` with the first error in it.

    `raw` has the fields of `Arrangement`. Days are `YYYY-MM-DD`, or `{"date": …, "name": …}`. `id` may be
    left out: it is then made of the year and the date of publication.
    """
    fields = raw.model_dump() if isinstance(raw, Arrangement) else raw
    if not isinstance(fields, Mapping):
        raise InvalidArrangement(f"放假安排应是一个对象，收到的是 {raw!r}（R1）")
    _check_fields(fields)
    year = _year(fields.get("year"))
    published = _day(fields.get("published"), where="公布日期 published")
    arrangement = Arrangement(
        id=_text(fields.get("id", f"{year or 'days'}-{published}"), where="编号 id"),
        published=published,
        source=_text(fields.get("source"), where="依据 source（文号和标题）"),
        year=year,
        days_off=_named_days(fields.get("days_off", ()), where="days_off", default="节假日"),
        make_up_days=_named_days(fields.get("make_up_days", ()), where="make_up_days", default="调休上班"),
        ordinary_days=tuple(sorted(_days(fields.get("ordinary_days", ()), where="ordinary_days"))),
        note=_text(fields.get("note", ""), where="说明 note", required=False),
    )
    for check in (_check_counts, _check_no_overlap, _check_make_up_days, _check_range, _check_runs):
        check(arrangement)
    return arrangement


def all_days(arrangement: Arrangement) -> list[date]:
    """Return every day that the arrangement names, with repetitions."""
    named = (*arrangement.days_off, *arrangement.make_up_days)
    return [*(item.date for item in named), *arrangement.ordinary_days]


def _check_fields(fields: Mapping[str, object]) -> None:
    unknown = sorted(str(key) for key in fields if key not in Arrangement.model_fields)
    if unknown:
        raise InvalidArrangement(f"放假安排里有不认识的字段：{'、'.join(unknown)}，请删去或改正（R1）")


def _year(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not FIRST_YEAR <= value <= LAST_LUNAR_YEAR:
        raise InvalidArrangement(
            f"年份 {value!r} 不对：应为 {FIRST_YEAR} 至 {LAST_LUNAR_YEAR} 的整数；"
            "只更正个别日期时不填年份（R1）"
        )
    return value


def _day(value: object, *, where: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise InvalidArrangement(f"{where} 的日期 {value!r} 不对：请写成 2027-02-05 这样的形式（R1）")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InvalidArrangement(f"{where} 的日期 {value} 不存在：请核对（R1）") from None


def _items(value: object, *, where: str) -> Iterable[object]:
    if not isinstance(value, (list, tuple)):
        raise InvalidArrangement(f"{where} 应是日期的列表，收到的是 {value!r}（R1）")
    return value


def _days(value: object, *, where: str) -> list[date]:
    return [_day(item, where=where) for item in _items(value, where=where)]


def _named_days(value: object, *, where: str, default: str) -> tuple[NamedDay, ...]:
    days = (_named_day(item, where=where, default=default) for item in _items(value, where=where))
    return tuple(sorted(days, key=lambda item: item.date))


def _named_day(value: object, *, where: str, default: str) -> NamedDay:
    if isinstance(value, NamedDay):
        value = value.model_dump()
    if not isinstance(value, Mapping):
        return NamedDay(date=_day(value, where=where), name=default)
    if not {"date"} <= set(value) <= {"date", "name"}:
        raise InvalidArrangement(f"{where} 的每一项只能有 date 和 name，收到的是 {dict(value)!r}（R1）")
    name = _text(value.get("name", default), where=f"{where} 的名称 name")
    return NamedDay(date=_day(value["date"], where=where), name=name)


def _text(value: object, *, where: str, required: bool = True) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or (required and not value.strip()):
        raise InvalidArrangement(f"{where} 应是不超过 {MAX_TEXT} 字的文字，必填的不能空着（R1）")
    return value


def _check_counts(arrangement: Arrangement) -> None:
    if not all_days(arrangement) or (arrangement.year and not arrangement.days_off):
        raise InvalidArrangement("放假安排里没有放假日期：请填写 days_off（R1）")
    for where, count, limit in (
        ("放假日", len(arrangement.days_off), MAX_DAYS_OFF),
        ("调休上班日", len(arrangement.make_up_days), MAX_MAKE_UP_DAYS),
        ("恢复为平常的日子", len(arrangement.ordinary_days), MAX_DAYS_OFF),
    ):
        if count > limit:
            raise InvalidArrangement(f"{where}有 {count} 天，多于 {limit} 天：请核对是否多填了（R1）")


def _check_no_overlap(arrangement: Arrangement) -> None:
    days = all_days(arrangement)
    repeated = sorted({day for day in days if days.count(day) > 1})
    if repeated:
        raise InvalidArrangement(
            f"{'、'.join(map(str, repeated))} 填了不止一次：一天只能是放假、调休上班或平常日子之一（R1）"
        )


def _check_make_up_days(arrangement: Arrangement) -> None:
    for item in arrangement.make_up_days:
        if item.date.weekday() < SATURDAY:
            raise InvalidArrangement(
                f"调休上班日 {item.date} 是{weekday_name(item.date)}，不是周末："
                "调休上班只能在周六、周日，请核对（R1）"
            )


def _check_range(arrangement: Arrangement) -> None:
    if arrangement.year is None:
        first, last = date(FIRST_YEAR, 1, 1), date(LAST_LUNAR_YEAR, 12, 31)
    else:
        first, last = date(arrangement.year - 1, *FIRST_DAY_BEFORE_YEAR), date(arrangement.year, 12, 31)
    for day in all_days(arrangement):
        if not first <= day <= last:
            raise InvalidArrangement(
                f"{day} 不在这份安排可填的日期（{first} 至 {last}）之内：请核对年份（R1）"
            )


def _check_runs(arrangement: Arrangement) -> None:
    """Refuse a long run of days off, which is a wrong month or a wrong list."""
    off = {item.date for item in arrangement.days_off}
    worked = {item.date for item in arrangement.make_up_days}

    def end_of_rest(day: date, step: timedelta) -> date:
        while (following := day + step) in off or (
            following.weekday() >= SATURDAY and following not in worked
        ):
            day = following
        return day

    for day in sorted(off):
        first, last = end_of_rest(day, timedelta(days=-1)), end_of_rest(day, timedelta(days=1))
        if (count := (last - first).days + 1) > MAX_DAYS_IN_A_ROW:
            raise InvalidArrangement(
                f"{first} 至 {last} 连续放假 {count} 天，多于 {MAX_DAYS_IN_A_ROW} 天：请核对是否多填了（R1）"
            )
