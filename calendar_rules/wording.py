"""Chinese explanations of days and deadlines."""

from datetime import date, timedelta

from calendar_rules.model import Deadline
from calendar_rules.shanghai import SHANGHAI

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SATURDAY = 5
DAY_ZERO = "起算当日不计"


def weekday_name(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def plain_day_reason(day: date) -> str:
    """Return why a day without a holiday's name is worked or not."""
    return f"{weekday_name(day)}，休息日" if day.weekday() >= SATURDAY else "工作日"


def day_off_reason(name: str) -> str:
    """`春节` is 春节放假, `春节（调休）` is 春节调休放假, `端午节（补假）` is 端午节补假."""
    spoken = name.replace("（", "").replace("）", "")
    return spoken if spoken.endswith(("假", "假期")) else f"{spoken}放假"


def make_up_reason(day: date, name: str) -> str:
    """`春节` is 周六，春节调休上班."""
    spoken = name.replace("（", "").replace("）", "").removesuffix("上班").removesuffix("调休")
    return f"{weekday_name(day)}，{spoken}调休上班"


def marked_provisional(why: str) -> str:
    return f"{why}（暂定）"


def explain_text(deadline: Deadline) -> str:
    """Return the deadline for people: one line for every day from day 0, then the end (R2, R3, R6)."""
    lines = []
    for day in deadline.days:
        why = day.why.removeprefix(f"{weekday_name(day.date)}，")
        number = f"，第 {day.n} 个工作日" if day.counted else ""
        lines.append(f"{day.date} {weekday_name(day.date)} {why}{number}")
    lines.append(
        f"期限 {deadline.working_days} 个工作日，"
        f"最后一日 {deadline.last_day} {weekday_name(deadline.last_day)}，"
        f"{_end_of_limit(deadline)}（北京时间）前办理。"
    )
    if deadline.provisional:
        lines.append("其中有年份的放假安排尚未公布，暂按法定节假日推算；安排公布后重新计算。")
    lines.append(f"日历版本 {deadline.calendar_version}")
    return "\n".join(lines)


def _end_of_limit(deadline: Deadline) -> str:
    ends = deadline.due_at.astimezone(SHANGHAI)
    if ends.date() == deadline.last_day + timedelta(days=1):
        return "当日 24:00"
    return f"当日 {ends:%H:%M}"
