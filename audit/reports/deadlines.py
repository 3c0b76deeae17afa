"""Explains why a limit ended when it did: each scheduling, day by day, from the history (R6)."""

from datetime import datetime

from audit.problems import NoSuchLimit
from audit.replay.replayed_run import ReplayedRun
from calendar_rules import Deadline, explain_text
from claims.limits import limit_name, missed_limit_id, status_name
from claims.model.claim import Claim
from claims.model.labels import end_of, label, minute
from claims.model.limit import Limit, LimitSchedule
from claims.model.terms import LimitKind, LimitStatus
from claims.model.values import Value


class Fixed(Value):
    """A schedule of a limit, made at `at`, and the reason for it."""

    at: datetime
    why: str
    counted_from: datetime
    schedule: LimitSchedule


class LimitExplained(Value):
    """A limit of a claim and all its schedules; the last one applies."""

    number: str
    id: str
    kind: LimitKind
    name: str
    unit: str
    started_at: datetime
    ended_at: datetime | None
    status: LimitStatus
    status_name: str
    fixed: tuple[Fixed, ...]


def limit_of(claim: Claim, wanted: str) -> Limit:
    """Return a limit by its id, its kind or its Chinese name; the newest of several. Raises NoSuchLimit."""
    named = [limit for limit in claim.limits if wanted in (limit.id, limit.kind, label(limit.kind))]
    if not named:
        known = "、".join(limit.id for limit in claim.limits)
        raise NoSuchLimit(f"工单{claim.number}没有时限“{wanted}”。该工单的时限有：{known or '无'}")
    return named[-1]


def explain_limit(replayed: ReplayedRun, wanted: str) -> LimitExplained:
    """Return the full history of a limit's end. Raises NoSuchLimit."""
    if replayed.claim is None:
        raise NoSuchLimit(f"{replayed.run.workflow_id} 的历史中没有诉求工单")
    limit = limit_of(replayed.claim, wanted)
    fixed = _fixings(replayed, limit)
    if not fixed:
        raise NoSuchLimit(f"工单{replayed.claim.number}的{limit_name(limit)}尚未确定截止时刻")
    return LimitExplained(
        number=replayed.claim.number,
        id=limit.id,
        kind=limit.kind,
        name=limit_name(limit),
        unit=limit.unit.name if limit.unit else "平台",
        started_at=limit.started_at,
        ended_at=limit.ended_at,
        status=limit.status,
        status_name=status_name(limit),
        fixed=tuple(fixed),
    )


def _fixings(replayed: ReplayedRun, wanted: Limit) -> list[Fixed]:
    found: list[Fixed] = []
    before: Limit | None = None
    for state in replayed.states:
        limit = next((one for one in state.claim.limits if one.id == wanted.id), None)
        if limit is None or limit.schedule is None:
            continue
        if not found or found[-1].schedule != limit.schedule:
            found.append(
                Fixed(
                    at=state.at,
                    why=_why(before, limit),
                    counted_from=limit.count_from,
                    schedule=limit.schedule,
                )
            )
        before = limit
    return found


def _why(before: Limit | None, limit: Limit) -> str:
    if before is None:
        if limit.kind is LimitKind.SUPERVISED_FEEDBACK:
            return f"随所督办的时限（{missed_limit_id(limit)}）一并确定，黄灯后起算（R32）"
        return "首次确定（R2、R3、R4）"
    if before.recount is not None:
        return f"{before.recount.reason}，按新日历重新计算（R1、R6）"
    if before.rerun_from is not None or before.status is LimitStatus.PAUSED:
        return "暂停后接着计算剩余的工作日（R5、R17）"
    if before.floor_from is not None:
        return "延期或补正后重新确定（R17、R18）"
    return "日历或办理情形有变，重新确定（R6）"


def explained_text(explained: LimitExplained) -> str:
    """Return the explanation as text, day by day."""
    head = (
        f"{explained.number}　{explained.name}　[{explained.id}]　{explained.unit}　"
        f"{minute(explained.started_at)} 起算　{explained.status_name}"
    )
    parts = [head]
    for n, fixed in enumerate(explained.fixed, start=1):
        end = end_of(fixed.schedule.last_day, fixed.schedule.due_at)
        parts.append(f"\n第{n}次确定　{minute(fixed.at)}　{fixed.why}　截止 {end}")
        parts.append(explain_text(_as_deadline(fixed)))
    return "\n".join(parts)


def _as_deadline(fixed: Fixed) -> Deadline:
    schedule = fixed.schedule
    return Deadline(
        start=fixed.counted_from,
        working_days=schedule.working_days,
        last_day=schedule.last_day,
        due_at=schedule.due_at,
        provisional=schedule.provisional,
        calendar_version=schedule.calendar_version,
        days=schedule.explanation,
    )
