"""A bulletin as an official paper (GB/T 9704-2012) in Word."""

import io
from datetime import UTC, datetime, time
from typing import Final

from docx import Document
from docx.document import Document as Paper

from calendar_rules import SHANGHAI
from documents.bulletins.charts import LEGEND, png
from documents.bulletins.content import Bars, Bulletin, Grid
from documents.rendering import PLATFORM, UNDATED, dated_zip
from documents.typesetting.page_setup import page
from documents.typesetting.tables import grid, picture
from documents.typesetting.text import line, note, paragraph, section, sign_off, title
from documents.wording import chinese_dates

ORGAN: Final = "枣庄市“企呼枣（早）应、接诉即办”\n工作领导小组综合协调组"
"""The signature (署名) on two lines, as it is too long for one (GB/T 9704)."""


def word(bulletin: Bulletin) -> bytes:
    """Return the paper as a .docx. The same bulletin gives the same bytes."""
    paper = Document()
    page(paper)
    title(paper, bulletin.title)
    line(paper, bulletin.subtitle)
    paragraph(paper, bulletin.opening)
    for part in bulletin.sections:
        section(paper, part.title)
        for sentence in part.sentences:
            paragraph(paper, sentence)
        for content in part.parts:
            _add(paper, content)
    for closing in bulletin.closing:
        note(paper, closing)
    _sign(paper, bulletin)
    _describe(paper, bulletin)
    written = io.BytesIO()
    paper.save(written)
    return dated_zip(written)


def _add(paper: Paper, content: Grid | Bars) -> None:
    if isinstance(content, Bars):
        picture(paper, png(content), width=140)
        note(paper, f"图：{content.title}。{LEGEND}")
        return
    if content.title:
        paragraph(paper, content.title).paragraph_format.keep_with_next = True
    grid(paper, content.columns, content.rows)


def _sign(paper: Paper, bulletin: Bulletin) -> None:
    sign_off(paper, ORGAN, width=300, day=chinese_dates(f"{bulletin.day}") if bulletin.day else "")


def _describe(paper: Paper, bulletin: Bulletin) -> None:
    properties = paper.core_properties
    properties.title = bulletin.title
    properties.author = properties.last_modified_by = PLATFORM
    properties.identifier, properties.comments, properties.revision = bulletin.hash, "", 1
    at = datetime.combine(bulletin.day, time(), SHANGHAI).astimezone(UTC) if bulletin.day else UNDATED
    properties.created = properties.modified = at
