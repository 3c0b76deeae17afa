"""The demonstration's result: a table for non-technical readers."""

from datetime import datetime

from rich import box
from rich.table import Table

from calendar_rules import local_day
from claims.model.events import EventKind
from claims.model.labels import label
from claims.model.terms import CloseReason, Colour, LimitKind, Stage
from demo.case import Case, Json
from demo.stories import Story

_MILESTONES = {
    EventKind.ANSWERED: "即时答复",
    EventKind.DECLINED: "不予受理",
    EventKind.DISPATCHED: "派单",
    EventKind.RETURNED: "退单",
    EventKind.RETURN_CONFIRMED: "维持原单位",
    EventKind.REFERRED: "提请裁定",
    EventKind.ARBITRATED: "裁定",
    EventKind.DELEGATED: "转下级",
    EventKind.CONTACTED: "核实",
    EventKind.REPLIED: "答复",
    EventKind.EXTENSION_APPROVED: "同意延期",
    EventKind.EXTENSION_REFUSED: "不同意延期",
    EventKind.LETTER_ISSUED: "督办函",
    EventKind.ESCALATED: "转督导问效组",
    EventKind.FED_BACK: "反馈",
    EventKind.REOPENED: "不满意转派单",
    EventKind.REDO_ORDERED: "不满意重办",
    EventKind.REVIEW_OPENED: "再不满意待审核",
    EventKind.FORM_FILED: "报审核反馈表",
    EventKind.COMPLETION_ORDERED: "责成办结",
    EventKind.CRITICISED: "通报批评",
    EventKind.EXPLAINED: "进一步解释",
    EventKind.WITHDRAWN: "撤回",
    EventKind.CLOSED: "办结",
}


def table(played: list[tuple[Case, Story, list[Json]]]) -> Table:
    """Return a table with one row per claim."""
    grid = Table(
        title="25 件诉求的一生（虚拟时间）",
        box=box.SIMPLE_HEAD,
        title_style="bold",
        padding=(0, 1),
        expand=True,
    )
    grid.add_column("诉求", no_wrap=True)
    grid.add_column("情形", overflow="fold", ratio=3)
    grid.add_column("承办单位", overflow="fold", ratio=3)
    grid.add_column("经过（日期为工单时钟）", overflow="fold", ratio=8)
    grid.add_column("亮牌", overflow="fold", ratio=2)
    grid.add_column("结果", no_wrap=True)
    for case, story, journal in played:
        grid.add_row(
            f"{case.sample.no:>2} {case.number}",
            story.name,
            _units(case),
            _course(journal),
            _lights(case),
            _end(case),
        )
    return grid


def _units(case: Case) -> str:
    dispatches = case.view["dispatches"]
    rows = dispatches if isinstance(dispatches, list) else []
    names = [str(row["unit_name"]) for row in rows if isinstance(row, dict)]
    return " → ".join(names) or "市指挥平台"


def _course(journal: list[Json]) -> str:
    days: dict[str, list[str]] = {}
    for entry in journal:
        name = _MILESTONES.get(EventKind(str(entry["kind"])))
        if name is not None:
            day = f"{local_day(datetime.fromisoformat(str(entry['at']))):%m-%d}"
            days.setdefault(day, [])
            if name not in days[day]:
                days[day].append(name)
    return " ".join(f"{day}{'·'.join(names)}" for day, names in days.items())


def lights_of(case: Case) -> tuple[str, ...]:
    """Return the claim's lights as `limit/colour`, in order of issue."""
    lights = case.view["lights"]
    rows = lights if isinstance(lights, list) else []
    return tuple(f"{row['limit']}/{row['colour']}" for row in rows if isinstance(row, dict))


def _lights(case: Case) -> str:
    shown = []
    for light in lights_of(case):
        limit, colour = light.split("/")
        mark = Colour(colour).emoji
        shown.append(f"{mark}{label(LimitKind(limit)).removesuffix('时限')}")
    return " ".join(shown) or "—"


def end_of_story(case: Case) -> str:
    """Return the close reason, or the stage of an open claim."""
    closed = case.view["closed"]
    return str(closed["reason"]) if isinstance(closed, dict) else str(case.view["stage"])


def _end(case: Case) -> str:
    end = end_of_story(case)
    return label(CloseReason(end)) if isinstance(case.view["closed"], dict) else label(Stage(end))
