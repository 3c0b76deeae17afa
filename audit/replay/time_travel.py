"""Time travel: a claim's state at an instant."""

from bisect import bisect_right
from datetime import datetime

from audit.problems import NotYetRegistered
from audit.replay.replayed_run import ReplayedRun
from claims.limits import limit_name, status_name
from claims.model.claim import Claim
from claims.model.labels import end_of, label, minute
from claims.model.values import Value


class ClaimAt(Value):
    """A claim's full state at an instant. It is unchanged since `since`; `note` is a caveat for the reader."""

    number: str
    at: datetime
    since: datetime
    note: str
    claim: Claim


def claim_at(replayed: ReplayedRun, at: datetime | None = None) -> ClaimAt:
    """Return the claim's state at an instant, by default the end of its history. Raises NotYetRegistered
    before its registration.
    """
    if not replayed.states:
        raise NotYetRegistered(f"{replayed.run.workflow_id} 的历史中没有诉求工单")
    last = replayed.run.last_event_at
    when = at if at is not None else max(last, replayed.states[-1].at)
    place = bisect_right([state.at for state in replayed.states], when) - 1
    if place < 0:
        first = replayed.states[0]
        raise NotYetRegistered(
            f"{minute(when)} 时尚无工单{first.claim.number}：该工单于 {minute(first.at)} 登记。请查询登记之后的时刻"
        )
    state = replayed.states[place]
    return ClaimAt(
        number=state.claim.number, at=when, since=state.at, note=_note(replayed, when), claim=state.claim
    )


def _note(replayed: ReplayedRun, when: datetime) -> str:
    last = replayed.run.last_event_at
    if when <= last:
        return ""
    if replayed.run.is_over and last < replayed.states[-1].at <= when:
        return f"该工单的流程已于 {minute(last)} 结束，其后撤销了亮牌（R37）；所示为最后状态"
    if replayed.run.is_over:
        return f"该工单的流程已于 {minute(last)} 结束，其后没有变化；所示为最后状态"
    return f"历史只到 {minute(last)}；其后尚无记录，所示为当时状态"


def then_text(then: ClaimAt) -> str:
    """Return the state as text."""
    claim = then.claim
    unit = claim.dispatch.acting.name if claim.dispatch else "尚未派单"
    lines = [f"{claim.number}　{minute(then.at)} 时的状态（自 {minute(then.since)} 起）"]
    if then.note:
        lines.append(f"注意：{then.note}")
    lines.append(f"阶段　{label(claim.stage)}　承办　{unit}　第{claim.round + 1}轮办理")
    if claim.closed is not None:
        lines.append(f"办结　{label(claim.closed.reason)}　{minute(claim.closed.at)}")
    return "\n".join(lines + _limit_lines(claim) + _light_lines(claim))


def _limit_lines(claim: Claim) -> list[str]:
    return [
        f"时限　{limit_name(limit)}　{status_name(limit)}　"
        f"{end_of(limit.schedule.last_day, limit.schedule.due_at)}　"
        f"{limit.unit.name if limit.unit else '平台'}　[{limit.id}]"
        for limit in claim.limits
        if limit.schedule is not None
    ]


def _light_lines(claim: Claim) -> list[str]:
    return [
        f"亮牌　{label(light.colour)}　{light.unit_name}　{label(light.limit)}　{minute(light.at)}"
        f"{'（已撤销）' if light.revoked else ''}"
        for light in claim.lights
    ]
