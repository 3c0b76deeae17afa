"""A unit's account as Markdown in Chinese, shown to administrators in the Temporal UI."""

from claims.model.labels import end_of, label, minute
from claims.model.unit_account import Measure, UnitAccount


def unit_ui_summary(account: UnitAccount) -> str:
    """Return the account as Markdown."""
    lights = sorted(account.lights.values(), key=lambda light: light.at)
    lines = [f"## {account.name or account.unit}", "", "**亮牌**", ""]
    lines += [
        f"- {light.colour.emoji} {minute(light.at)}　工单{light.number}"
        f"　{label(light.limit)}{'（已撤销）' if light.revoked else ''}"
        for light in lights
    ]
    if account.measures:
        lines += ["", "**约谈与问责**", "", *(_measure(measure) for measure in account.measures)]
    return "\n".join(lines)


def _measure(measure: Measure) -> str:
    schedule = measure.schedule
    end = f"　时限 {end_of(schedule.last_day, schedule.due_at)}" if schedule else ""
    return f"- {label(measure.kind)}（{label(measure.status)}）{measure.reason}{end}"
