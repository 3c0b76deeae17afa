"""联席会议议程 and 会议纪要 as official papers in Word (R63)."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime

from docx import Document
from docx.document import Document as Paper

from assessment.meetings.model import AGENDA_NAMES, AgendaKind, MeetingState
from assessment.periods import parse_period
from calendar_rules import local_day
from claims.model.labels import minute
from documents.bulletins.content import NUMERALS, period_name
from documents.bulletins.word import ORGAN
from documents.rendering import PLATFORM, UNDATED, dated_zip
from documents.typesetting.page_setup import page
from documents.typesetting.tables import grid
from documents.typesetting.text import paragraph, section, sign_off, title
from documents.wording import chinese_dates


def agenda_paper(meeting: MeetingState, names: Mapping[str, str], *, at: datetime | None = None) -> bytes:
    """Return the agenda: the subject of each item. `names` maps units' ids to full names; `at` is when the
    agenda was made.
    """
    paper = _new_paper(f"{period_name(parse_period(meeting.period))}联席会议议程")
    kinds = [kind for kind in AgendaKind if any(item.kind is kind for item in meeting.agenda)]
    if not kinds:
        paragraph(paper, "本期没有需提交联席会议研究的事项。")
    for n, kind in enumerate(kinds):
        section(paper, f"{NUMERALS[n]}、{AGENDA_NAMES[kind]}")
        rows = [
            (one.claim or "—", names.get(one.unit) or one.unit_name or PLATFORM, chinese_dates(one.text))
            for one in meeting.agenda
            if one.kind is kind
        ]
        grid(paper, (("工单", 44), ("单位", 42), ("情况", 70)), rows)
    _sign(paper, at)
    return _finished(paper, meeting)


def minutes_paper(meeting: MeetingState, names: Mapping[str, str]) -> bytes:
    """Return the minutes: decisions, who carries them out, by when, and whether they are done."""
    paper = _new_paper(f"{period_name(parse_period(meeting.period))}联席会议纪要")
    held = chinese_dates(minute(meeting.held_at)) if meeting.held_at else ""
    paragraph(
        paper, f"{held}，{meeting.host}主持召开联席会议。参加：{'、'.join(meeting.attendants) or '略'}。"
    )
    for text in meeting.summary.splitlines():
        paragraph(paper, text)
    section(paper, "议定事项")
    rows = [
        (
            one.id.rpartition("-")[2],
            one.text,
            names.get(one.unit, one.unit),
            chinese_dates(f"{one.until}"),
            one.done or ("超期未落实" if one.overdue else "落实中"),
        )
        for one in meeting.followed
    ]
    columns = (("序号", 12), ("事项", 50), ("责任单位", 34), ("完成日期", 36), ("落实情况", 24))
    grid(paper, columns, rows)
    _sign(paper, meeting.held_at)
    return _finished(paper, meeting)


def _new_paper(name: str) -> Paper:
    paper = Document()
    page(paper)
    title(paper, name)
    paper.core_properties.title = name
    return paper


def _sign(paper: Paper, at: datetime | None) -> None:
    sign_off(paper, ORGAN, width=300, day=chinese_dates(f"{local_day(at)}") if at else "")


def _finished(paper: Paper, meeting: MeetingState) -> bytes:
    properties = paper.core_properties
    properties.author = properties.last_modified_by = PLATFORM
    properties.identifier, properties.comments, properties.revision = meeting.id, "", 1
    properties.created = properties.modified = (meeting.held_at or UNDATED).astimezone(UTC)
    written = io.BytesIO()
    paper.save(written)
    return dated_zip(written)
