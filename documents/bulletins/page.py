"""A bulletin as one self-contained HTML page, with its charts as SVG."""

from collections.abc import Iterator
from html import escape
from typing import Final

from documents.bulletins.charts import LEGEND, svg
from documents.bulletins.content import Bars, Bulletin, Grid, Section

STYLE: Final = """
@page { size: A4; margin: 22mm 20mm; }
body { font-family: "FangSong", "STFangsong", "仿宋", "Noto Serif CJK SC", serif; font-size: 12pt;
  line-height: 1.7; color: #111; max-width: 178mm; margin: 0 auto; padding: 8mm; }
h1 { font-family: "SimSun", "STSong", "宋体", serif; font-size: 20pt; text-align: center; }
h2 { font-family: "SimHei", "STHeiti", "黑体", sans-serif; font-size: 13pt; break-after: avoid; }
.no, .day { text-align: center; }
table { border-collapse: collapse; width: 100%; font-size: 10pt; margin: 2mm 0; }
caption { text-align: left; }
th, td { border: 1px solid #777; padding: 1mm 2mm; text-align: left; }
th { background: #f2f2f2; }
tr { break-inside: avoid; }
svg { max-width: 100%; height: auto; }
.note { font-size: 9pt; overflow-wrap: anywhere; }
"""


def page(bulletin: Bulletin) -> bytes:
    """Return the page as UTF-8 bytes."""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(bulletin.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"{body(bulletin)}\n</body>\n</html>\n"
    ).encode()


def body(bulletin: Bulletin) -> str:
    """Return the page's content without its frame, for pages with their own frame."""
    return "\n".join(_parts(bulletin))


def _parts(bulletin: Bulletin) -> Iterator[str]:
    yield f"<h1>{escape(bulletin.title)}</h1>"
    yield f'<p class="no">{escape(bulletin.subtitle)}</p>'
    yield f"<p>{escape(bulletin.opening)}</p>"
    for part in bulletin.sections:
        yield from _section(part)
    if bulletin.day:
        yield f'<p class="day">{bulletin.day.year}年{bulletin.day.month}月{bulletin.day.day}日</p>'
    for closing in bulletin.closing:
        yield f'<p class="note">{escape(closing)}</p>'


def _section(part: Section) -> Iterator[str]:
    yield f"<h2>{escape(part.title)}</h2>"
    yield from (f"<p>{escape(sentence)}</p>" for sentence in part.sentences)
    for content in part.parts:
        if isinstance(content, Bars):
            described = "；".join(f"第{rank}名{score}" for rank, score, _ in content.bars)
            label = escape(f"{content.title}：{described}", quote=True)
            yield f'<figure role="img" aria-label="{label}">{svg(content)}'
            yield f'<figcaption class="note">图：{escape(content.title)}。{LEGEND}</figcaption></figure>'
        else:
            yield table(content)


def table(content: Grid) -> str:
    """Return an HTML table."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name, _ in content.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in content.rows)
    caption = f"<caption>{escape(content.title)}</caption>" if content.title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
