"""A claim's timeline for auditors: each line with its actor, rules and explanation."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from audit.replay.replayed_run import ReplayedRun
from audit.reports.rulebook import RuleText, rule_text
from claims.limits import limit_name
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.labels import label, minute
from claims.model.values import Actor, Value
from claims.papers.redaction import redact_identity, redact_phones, without_name

_AT_ONCE: Final = timedelta(minutes=1)
BY_ITSELF: Final = "系统"


class Line(Value):
    """One line. `at`: when it happened; `recorded_at`: when the claim recorded it."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: EventKind
    actor: str
    roles: str
    unit: str
    text: str
    rules: tuple[RuleText, ...]
    explanation: str


def timeline(replayed: ReplayedRun, *, names_owner: bool = True) -> list[Line]:
    """Return the journal as timeline lines, without phone numbers (R70). Empty if the run is not a claim's.
    `names_owner`: the reader may know whose claim it is (R54).
    """
    claim = replayed.claim
    return (
        [_line(claim, entry, names_owner=names_owner) for entry in replayed.journal]
        if claim is not None
        else []
    )


def _line(claim: Claim, entry: Entry, *, names_owner: bool) -> Line:
    order, by = claim.order, entry.actor
    name, roles, unit = _who(by if names_owner or by is None else without_name(by, order))
    text = redact_phones(entry.text, order.phone) if names_owner else redact_identity(entry.text, order)
    return Line(
        seq=entry.seq,
        at=entry.at,
        recorded_at=entry.recorded_at,
        kind=entry.kind,
        actor=name,
        roles=roles,
        unit=unit,
        text=str(text),
        rules=tuple(rule_text(rule) for rule in entry.rules),
        explanation="；".join(_explained(claim, entry)),
    )


def _who(actor: Actor | None) -> tuple[str, str, str]:
    if actor is None:
        return BY_ITSELF, "依规则自动", ""
    roles = "、".join(label(role) for role in actor.roles)
    return actor.name or actor.sub, roles, actor.unit.name if actor.unit else ""


def _explained(claim: Claim, entry: Entry) -> list[str]:
    words = [_fixed(claim, limit_id, told) for limit_id, told in entry.data.items() if isinstance(told, dict)]
    if entry.kind is EventKind.LIGHT_GIVEN:
        words += _why_lit(claim, str(entry.data.get("light", "")))
    if entry.recorded_at - entry.at > _AT_ONCE:
        words.append(f"事项发生于{minute(entry.at)}，{minute(entry.recorded_at)}记录在案")
    if entry.request_id:
        words.append(f"请求编号 {entry.request_id}")
    return [word for word in words if word]


def _fixed(claim: Claim, limit_id: str, told: Mapping[str, object]) -> str:
    """R6: return the journal's text about a limit's schedule as it was then."""
    limit = next((found for found in claim.limits if found.id == limit_id), None)
    if limit is None or "due_at" not in told:
        return ""
    mark = "，暂定" if told.get("provisional") else ""
    days = f"{told.get('working_days')}个工作日"
    end = f"最后一日{told.get('last_day')}"
    return f"{limit_name(limit)}：{days}，{end}{mark}，日历版本{told.get('calendar_version')}"


def _why_lit(claim: Claim, light_id: str) -> list[str]:
    light = next((found for found in claim.lights if found.id == light_id), None)
    if light is None:
        return []
    base = light_id.removeprefix(f"{claim.number}/").rpartition("/")[0]
    missed = next((limit for limit in claim.limits if limit.id == base), None)
    words = [f"亮牌时刻即时限终止时刻{minute(light.at)}"]
    if missed is not None:
        words.insert(0, f"{limit_name(missed)}自{minute(missed.started_at)}起算")
    if light.revoked:
        words.append("该亮牌后经撤销（R37）")
    return words


def line_text(line: Line) -> str:
    """Return a line as text: instant, actor, event; then rules and explanation."""
    who = "　".join(part for part in (line.actor, line.roles, line.unit) if part)
    rules = "；".join(f"{rule.id} {rule.text}".strip() for rule in line.rules)
    below = [f"      规则：{rules}"] if rules else []
    below += [f"      说明：{line.explanation}"] if line.explanation else []
    return "\n".join([f"{line.seq:>3}　{minute(line.at)}　{who}", f"      {line.text}", *below])
