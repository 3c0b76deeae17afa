"""Charts of scores, drawn by Matplotlib: readable in black and white, and deterministic.

A chart contains digits only, because the machine may have no Chinese font. The words are printed beside it.
"""

import io
from typing import TYPE_CHECKING, Final

from documents.bulletins.content import Bars

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HATCHES: Final = {"优秀": "", "良好": "///", "合格": "...", "需改进": "xxx"}
"""The hatch of each band. Bands also differ in shade, from dark to light."""
SHADES: Final = {"优秀": "0.35", "良好": "0.6", "合格": "0.8", "需改进": "1.0"}
LEGEND: Final = "深灰为优秀，斜线为良好，圆点为合格，交叉线为需改进。"
_MOST_HIGH: Final = 8.3
"""Inches. A page has room for the chart and the note below it."""
_WHOLE: Final = 100
_SALT: Final = "zaoying"


def png(chart: Bars) -> bytes:
    """Return the chart as PNG."""
    return _drawn(chart, "png", {"Software": None})


def svg(chart: Bars) -> str:
    """Return the chart as an SVG element, for a page."""
    text = _drawn(chart, "svg", {"Date": None, "Creator": None}).decode()
    return text[text.index("<svg") :]


def _drawn(chart: Bars, form: str, metadata: dict[str, str | None]) -> bytes:
    import matplotlib

    written = io.BytesIO()
    with matplotlib.rc_context(
        {
            "svg.hashsalt": _SALT,
            "svg.fonttype": "path",
            "font.family": "DejaVu Sans",
            "hatch.linewidth": 0.6,
        }
    ):
        _figure(chart).savefig(written, format=form, metadata=metadata)
    return written.getvalue()


def _figure(chart: Bars) -> "Figure":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = len(chart.bars)
    height = min(0.6 + 0.28 * count, _MOST_HIGH)
    figure = Figure(figsize=(6.0, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for place, (rank, score, band) in enumerate(chart.bars):
        drawn = axes.barh(
            place,
            float(score),
            color=SHADES.get(band, "0.9"),
            edgecolor="0",
            hatch=HATCHES.get(band, ""),
            linewidth=0.8,
        )
        axes.bar_label(drawn, labels=[str(score)], padding=3, fontsize=8)
        axes.text(-1, place, rank, ha="right", va="center", fontsize=8)
    axes.set_xlim(0, _WHOLE * 1.12)
    axes.set_yticks([])
    axes.set_xticks(range(0, _WHOLE + 1, 20))
    axes.tick_params(labelsize=8)
    axes.invert_yaxis()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure
