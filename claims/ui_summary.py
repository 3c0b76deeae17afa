"""A claim as Markdown in Chinese, shown to administrators in the Temporal UI.

It holds no personal data and nothing that people wrote: names, phones and reasons stay in the claim.
"""

from datetime import datetime

from claims.limits import limit_name, status_name
from claims.model.claim import Claim
from claims.model.claim_parts import CoUnit, Dispatch, Extension, WorkOrder
from claims.model.labels import instant_end, label, minute, schedule_end
from claims.model.limit import Limit
from claims.model.terms import UNIT_STAGES, Category, LimitStatus, Stage
from claims.urgency import most_urgent_end

_WHOSE_TURN = {
    Stage.REGISTERED: "市指挥平台（受理专员）",
    Stage.ANSWERED: "12345（满意度回访）",
    Stage.REDETERMINATION: "市指挥平台（平台审核）",
    Stage.ARBITRATION: "市委编办会同市司法局",
    Stage.CALL_BACK: "12345（回访员）",
    Stage.VERIFICATION: "市指挥平台（平台审核）",
    Stage.LEADERSHIP: "领导小组（综合协调组）",
    Stage.CLOSED: "—",
}
_MARK = {
    LimitStatus.RUNNING: "⏳",
    LimitStatus.PAUSED: "⏸",
    LimitStatus.MET: "✅",
    LimitStatus.MISSED: "❗",
    LimitStatus.VOID: "—",
    LimitStatus.DISPROVED: "❗",
}


def title(number: str, category: Category, district: str, channel: str) -> str:
    """Return one line about a claim, for lists."""
    return " · ".join(part for part in (label(category), district, channel, number) if part)


def fixed_details(order: WorkOrder, received_at: datetime | None) -> str:
    """Return the claim's fixed details in the Temporal UI; no personal data."""
    lines = [
        f"类别：{label(order.category)}　{order.subcategory}".rstrip(),
        f"渠道：{order.channel}",
        f"区（市）：{order.district_name or '未写明'}　{order.town}".rstrip(),
    ]
    if received_at is not None:
        lines.append(f"收到：{minute(received_at)}")
    return "\n\n".join(lines)


def ui_summary(claim: Claim, now: datetime) -> str:
    """Return the claim as Markdown."""
    lines = [f"## {claim.number}　{label(claim.stage)}", "", *_facts(claim, now)]
    if claim.dispatches:
        lines += ["", "**派单**", "", *(_dispatch(dispatch) for dispatch in claim.dispatches)]
    if shown := [limit for limit in claim.limits if limit.schedule and limit.status is not LimitStatus.VOID]:
        lines += ["", "**时限**", "", *(_limit(limit) for limit in shown)]
    if claim.lights:
        lines += ["", "**亮牌**", ""]
        lines += [
            f"- {light.colour.emoji} {light.unit_name} {label(light.limit)}"
            f"（{minute(light.at)}）{'，已撤销' if light.revoked else ''}"
            for light in claim.lights
        ]
    return "\n".join(lines)


def _facts(claim: Claim, now: datetime) -> list[str]:
    order = claim.order
    facts = [
        f"- 类别：{label(order.category)}　属地：{order.district_name or '—'}　渠道：{order.channel}",
        f"- 登记：{minute(claim.registered_at)}　本页更新于：{minute(now)}",
    ]
    if claim.closed is not None:
        facts.append(f"- 办结：{label(claim.closed.reason)}（{minute(claim.closed.at)}）")
    if claim.stage is not Stage.CLOSED:
        due = most_urgent_end(claim)
        facts.append(
            f"- **等待：{whose_turn(claim)}**" + (f"　最紧急的时限：{instant_end(due)}" if due else "")
        )
    if claim.merging is not None:
        facts.append(f"- 并案：等待工单{claim.merging.into}答复")
    if claim.merged_into:
        facts.append(f"- 并案：已并入工单{claim.merged_into}")
    if claim.extension is not None:
        facts.append(f"- 延期申请：{_extension_status(claim.extension)}")
    return facts


def _extension_status(extension: Extension) -> str:
    if extension.decided_at is None:
        return "待审核"
    return {None: "已反馈，不再审核", True: "已同意（25个工作日）", False: "未同意"}[extension.approved]


def whose_turn(claim: Claim) -> str:
    """Return who is to act next."""
    return turn_in(claim.stage, claim.dispatch.acting.name if claim.dispatch else "")


def turn_in(stage: Stage, unit: str) -> str:
    """Return who is to act next in a stage; `unit` is the name of the unit that has the claim."""
    return unit if unit and stage in UNIT_STAGES else _WHOSE_TURN.get(stage, "—")


def _dispatch(dispatch: Dispatch) -> str:
    co_units = "、".join(map(_co_unit, dispatch.co_units))
    parts = [f"{dispatch.n}. {dispatch.unit.name}（{minute(dispatch.delivered_at)} 送达）"]
    if co_units:
        parts.append(f"协办：{co_units}")
    if dispatch.delegate is not None:
        parts.append(f"转办：{dispatch.delegate.name}")
    if dispatch.returned is not None:
        parts.append(f"{minute(dispatch.returned.at)} 退单")
    return "；".join(parts)


def _co_unit(part: CoUnit) -> str:
    """R22: a co-unit, and what it has said of its part."""
    if part.outcome is not None:
        return f"{part.unit.name}（{label(part.outcome)}）"
    return f"{part.unit.name}（协办超期）" if part.overdue else part.unit.name


def _limit(limit: Limit) -> str:
    end = schedule_end(limit.schedule) if limit.schedule else ""
    return f"- {_MARK[limit.status]} {limit_name(limit, '·')}　{end}　{status_name(limit)}"
