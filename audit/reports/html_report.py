"""The report of a package: a self-contained, printable HTML page in Chinese."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from audit.histories.parsing import Run
from audit.reports.deadlines import LimitExplained
from audit.reports.timeline import Line
from audit.verification.evidence import Exhibit
from calendar_rules import SHANGHAI
from calendar_rules.wording import weekday_name
from claims.model.claim import Claim
from claims.model.labels import end_of, label, minute

_STYLE: Final = """
@page { size: A4; margin: 22mm 20mm; }
body { font-family: "FangSong", "STFangsong", "仿宋", "Noto Serif CJK SC", serif; font-size: 11pt;
  line-height: 1.6; color: #111; max-width: 178mm; margin: 0 auto; padding: 8mm; }
h1 { font-family: "SimSun", "STSong", "宋体", serif; font-size: 20pt; text-align: center; color: #b00000;
  letter-spacing: .1em; margin: 6mm 0 2mm; }
.no { text-align: center; border-bottom: 2px solid #b00000; padding-bottom: 4mm; margin-bottom: 6mm; }
h2 { font-family: "SimHei", "STHeiti", "黑体", sans-serif; font-size: 13pt; margin: 8mm 0 2mm;
  break-after: avoid; }
h3 { font-size: 11pt; margin: 5mm 0 1mm; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 9.5pt; }
th, td { border: 1px solid #777; padding: 1mm 2mm; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #f3f0ea; font-weight: bold; white-space: nowrap; }
thead + tbody td:first-child { white-space: nowrap; }
thead + tbody td:nth-child(2), thead + tbody td:nth-child(3):not(:last-child) { min-width: 6.5em; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
.why { color: #555; font-size: 8.5pt; }
.hash { font-family: monospace; font-size: 8pt; }
@media print { body { padding: 0; max-width: none; } }
"""


def report(
    claim: Claim,
    run: Run,
    lines: Sequence[Line],
    limits: Sequence[LimitExplained],
    papers: Sequence[tuple[str, Exhibit]],
) -> str:
    """Return the page. `papers` are listed with their names in the package."""
    parts = [
        _facts(claim, run),
        _section("二、办理过程", _table(("序", "时间", "经办", "事项、规则与说明"), map(_line, lines))),
        _section("三、时限及逐日说明", "".join(map(_limit, limits)) or "<p>无。</p>"),
        _section("四、亮牌与督办函", _lights(claim)),
        _section("五、文书与附件", _papers(papers)),
        _section("六、核验方法", _HOW),
    ]
    return _PAGE.format(style=_STYLE, number=escape(claim.number), body="\n".join(parts))


_PAGE: Final = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>审计报告 {number}</title>
<style>{style}</style>
</head>
<body>
<h1>企业诉求工单审计报告</h1>
<p class="no">“企呼枣（早）应、接诉即办”平台　工单编号 {number}</p>
{body}
</body>
</html>
"""

_HOW: Final = """<p>本报告及所附材料由该工单的完整历史重演得出，不依赖原系统即可核验：</p>
<ol>
<li>解开压缩包，在其目录下执行 <code>sha256sum -c SHA256SUMS</code>，各文件均应为 OK。</li>
<li><code>archive/</code> 下为归档清单中本工单的条目及其前后各一条：每条的 <code>previous</code> 应等于前一条的
<code>hash</code>；条目中的 <code>content_sha256</code> 应等于 <code>history.json</code> 的 SHA-256。</li>
<li><code>history.json</code> 为 Temporal 的标准历史，可用其重演工具独立重演。</li>
</ol>"""


def _section(title: str, body: str) -> str:
    return f"<h2>{title}</h2>\n{body}"


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table. Cells must already be HTML."""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    if not body:
        return "<p>无。</p>"
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def _facts(claim: Claim, run: Run) -> str:
    order = claim.order
    closed = f"{label(claim.closed.reason)}，{minute(claim.closed.at)}" if claim.closed else "尚未办结"
    facts = (
        ("企业", order.enterprise),
        ("联系人", f"{order.contact}　{order.phone}"),
        ("诉求类别", f"{label(order.category)}　{order.subcategory}"),
        ("来源", f"{label(order.channel)}　{order.external_id}"),
        ("属地", f"{order.district_name}{order.town}"),
        ("诉求事项", order.matter),
        ("登记时间", minute(claim.registered_at)),
        ("承办单位", "；".join(f"第{d.n}次派单：{d.unit.name}" for d in claim.dispatches) or "未派单"),
        ("现状", label(claim.stage)),
        ("办结", closed),
        ("历史", f"{run.events}条事件，{minute(run.started_at)} 至 {minute(run.last_event_at)}"),
    )
    rows = "".join(f"<tr><th>{name}</th><td>{escape(said)}</td></tr>\n" for name, said in facts)
    note = "<p>时间均为北京时间。</p>"
    return _section("一、基本情况", f"<table>\n{rows}</table>\n{note}")


def _line(line: Line) -> Sequence[str]:
    who = "<br>".join(escape(part) for part in (line.actor, line.roles, line.unit) if part)
    rules = "；".join(escape(f"{rule.id} {rule.text}".strip()) for rule in line.rules)
    below = "".join(f'<div class="why">{said}</div>' for said in (rules, escape(line.explanation)) if said)
    return str(line.seq), minute(line.at), who, f"{escape(line.text)}{below}"


def _limit(limit: LimitExplained) -> str:
    head = f"{limit.name}（{limit.unit}，{limit.status_name}，{minute(limit.started_at)} 起算）"
    parts = [f"<h3>{escape(head)}</h3>"]
    for fixed in limit.fixed:
        schedule = fixed.schedule
        mark = "，暂定" if schedule.provisional else ""
        said = (
            f"{minute(fixed.at)}：{fixed.why}；{schedule.working_days}个工作日，截止 "
            f"{end_of(schedule.last_day, schedule.due_at)}{mark}；日历版本 {schedule.calendar_version}"
        )
        days = "；".join(
            f"{day.date:%m-%d} {weekday_name(day.date)} {day.why}{f'（第{day.n}日）' if day.n else ''}"
            for day in schedule.explanation
        )
        parts.append(f'<p>{escape(said)}</p><p class="why">{escape(days)}</p>')
    return "\n".join(parts)


def _lights(claim: Claim) -> str:
    lights = (
        (
            label(light.colour) + ("（已撤销）" if light.revoked else ""),
            escape(light.unit_name),
            label(light.limit),
            minute(light.at),
        )
        for light in claim.lights
    )
    letters = (
        (escape(letter.unit_name), label(letter.limit), minute(letter.at), escape(letter.text))
        for letter in claim.letters
    )
    return (
        _table(("亮牌", "单位", "时限", "时刻"), lights)
        + "<h3>督办函</h3>\n"
        + _table(("单位", "时限", "时刻", "正文"), letters)
    )


def _papers(papers: Sequence[tuple[str, Exhibit]]) -> str:
    rows = (
        (
            escape(exhibit.attachment.file_name),
            escape(exhibit.attachment.document_number),
            f"{exhibit.attachment.uploaded_at.astimezone(SHANGHAI):%Y-%m-%d}",
            f'<span class="hash">{escape(name)}<br>{exhibit.attachment.sha256}</span>',
        )
        for name, exhibit in papers
    )
    return _table(("名称", "文号", "日期", "文件及 SHA-256"), rows)
