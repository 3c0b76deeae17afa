"""The content of a bulletin, independent of the file format: titles, sentences and tables, built from an edition."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final

from assessment.editions.model import Edition, PlatformDelay, UnitResult
from assessment.periods import Period, PeriodKind, parse_period
from assessment.scoring.figures import Figure, Figures
from assessment.terms import Group, Measure, name
from calendar_rules import local_day
from claims.model.labels import label
from claims.model.terms import LimitKind

MAIN: Final = (
    Measure.CONTACT,
    Measure.REPLY,
    Measure.COMPLETION,
    Measure.RESOLVED,
    Measure.SATISFIED,
)
"""The parts of the score (R61)."""
FURTHER: Final = (
    Measure.SATISFIED_WITH_VERIFIED,
    Measure.SAME_DAY,
    Measure.SIGNED_FOR,
    Measure.FIRST_DISPATCH,
    Measure.RETURNS,
    Measure.RETURNS_REFUSED,
    Measure.REDO,
    Measure.CO_UNIT_LATE,
    Measure.KNOWLEDGE,
)
EVENTS: Final = (Measure.YELLOW, Measure.RED, Measure.CRITICISMS, Measure.EXTENSIONS)
TITLES: Final = {
    PeriodKind.MONTH: "关于{}“企呼枣（早）应、接诉即办”工作情况的通报",
    PeriodKind.QUARTER: "关于{}“企呼枣（早）应、接诉即办”工作测评情况的通报",
    PeriodKind.HALF: "关于{}“企呼枣（早）应、接诉即办”工作排名情况的通报",
    PeriodKind.YEAR: "关于{}“企呼枣（早）应、接诉即办”工作总评情况的通报",
}
COMPOSED_BY: Final = "R62"
"""The rule of the trace lines that combine the months' figures."""
NUMERALS: Final = "一二三四五六七八九"
_NUMBER: Final = re.compile(r"QH\d+")
_MOVED: Final = re.compile(r"（(?:不再计入|新计入)[^）]*）$")
PLAN: Final = "《枣庄市“企呼枣（早）应、接诉即办”工作实施方案》（枣办发〔2021〕4号）"


@dataclass(frozen=True, slots=True)
class Heading:
    """The edition that the bulletin shows. A draft has no publication instant."""

    published_at: datetime | None
    hash: str
    reason: str = ""
    differences: tuple[str, ...] = ()
    scheme: str = ""
    """The scheme's title."""

    @property
    def day(self) -> date | None:
        """The day of publication in Beijing."""
        return local_day(self.published_at) if self.published_at else None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: columns with widths in millimetres, 156 in total, and rows."""

    title: str
    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart: one bar for each scored unit of a group, best first."""

    title: str
    bars: tuple[tuple[str, Decimal, str], ...]
    """For each bar: the unit's row number in the table, its score, its band."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the bulletin."""

    title: str
    sentences: tuple[str, ...] = ()
    parts: tuple[Grid | Bars, ...] = ()


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A whole bulletin."""

    title: str
    subtitle: str
    opening: str
    sections: tuple[Section, ...]
    closing: tuple[str, ...]
    day: date | None
    hash: str


def bulletin(
    edition: Edition,
    heading: Heading,
    districts: Mapping[str, str],
    names: Mapping[str, str] = MappingProxyType({}),
) -> Bulletin:
    """Return the bulletin of an edition. `districts` maps ids to names, `names` maps units' ids to full names
    (GB/T 9704).
    """
    period = parse_period(edition.period)
    sections = [
        part for part in _sections(edition, heading, districts, names) if part.sentences or part.parts
    ]
    return Bulletin(
        title=TITLES[period.kind].format(period_name(period)),
        subtitle=f"（第{edition.edition}期{'' if heading.published_at else '，草案，仅供核对'}）",
        opening=f"依据{PLAN}第三部分第（三）项，现将{period_name(period)}有关情况通报如下。",
        sections=tuple(
            Section(f"{NUMERALS[n]}、{part.title}", part.sentences, part.parts)
            for n, part in enumerate(sections)
        ),
        closing=(
            *([f"考核方案：{heading.scheme}。"] if heading.scheme else []),
            "本期校验码（SHA-256）：",
            heading.hash,
        ),
        day=heading.day,
        hash=heading.hash,
    )


def period_name(period: Period) -> str:
    """Return a period's name: `2026年11月`, `2026年第四季度`, `2026年下半年`, `2026年度`."""
    match period.kind:
        case PeriodKind.MONTH:
            return f"{period.year}年{period.n}月"
        case PeriodKind.QUARTER:
            return f"{period.year}年第{NUMERALS[period.n - 1]}季度"
        case PeriodKind.HALF:
            return f"{period.year}年{'上' if period.n == 1 else '下'}半年"
        case PeriodKind.YEAR:
            return f"{period.year}年度"


def _sections(
    edition: Edition, heading: Heading, districts: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[Section]:
    yield Section("总体情况", tuple(_overall(edition)))
    words = (*_ranking_words(edition), *_former_names(edition, names))
    yield Section("得分和排名", words, (*_rankings(edition, names), *_compositions(edition, names)))
    yield Section("主要指标", (), tuple(_figures(edition, MAIN, names)))
    yield Section("其他指标", (), tuple(_figures(edition, FURTHER, names, wide=False)))
    yield Section("亮牌、通报批评和延期", (), tuple(_figures(edition, EVENTS, names)))
    yield Section("按企业所在区（市）", (), tuple(_districts(edition, districts)))
    yield Section("平台自身延误", tuple(map(_delay, edition.platform)))
    yield Section("剔除情况", tuple(_exclusions(edition)))
    yield Section("更正说明", _correction(heading))


def _overall(edition: Edition) -> Iterator[str]:
    scored = [line for line in edition.units if line.score is not None]
    few = len(edition.units) - len(scored)
    yield f"本期考核单位{len(edition.units)}个，其中计分排名{len(scored)}个，有效诉求不足、不排名{few}个。"
    for area in edition.groups:
        told = "、".join(f"{name(m)}{ratio(area.measures[m])}" for m in MAIN)
        yield f"{name(Group(area.id))}：{told}。"


def _ranking_words(edition: Edition) -> tuple[str, ...]:
    return (
        ("得分相同的名次并列；各组分别排名。图中横条依次对应左起序号，纹理表示等次。",)
        if edition.units
        else ()
    )


def _former_names(edition: Edition, names: Mapping[str, str]) -> Iterator[str]:
    """R61: return a sentence on renamed and successor units, which answer for what was dispatched under
    former names.
    """
    for line in edition.units:
        if line.former_names:
            yield f"{_full_name(line, names)}的数据含派给{'、'.join(line.former_names)}的诉求。"


def _compositions(edition: Edition, names: Mapping[str, str]) -> Iterator[Grid]:
    """R62: return how the score of a longer period is computed, with n of m of the re-interviews."""
    rows = [
        (_full_name(line, names), "；".join(each.text for each in line.trace if each.rule == COMPOSED_BY))
        for line in edition.units
        if line.score is not None
    ]
    if any(how for _, how in rows):
        yield Grid("得分构成", (("单位", 56), ("折算、平均和加计", 100)), tuple(rows))


def _rankings(edition: Edition, names: Mapping[str, str]) -> Iterator[Grid | Bars]:
    columns = (
        *(("名次", 14), ("单位", 56), ("有效诉求", 22), ("扣分", 16), ("加分", 16)),
        *(("得分", 16), ("等次", 16)),
    )
    for group in Group:
        lines = [line for line in edition.units if line.group is group]
        if not lines:
            continue
        rows = tuple(_ranked(line, names) for line in lines)
        yield Grid(name(group), columns, rows)
        bars = tuple((str(line.rank), line.score, line.band) for line in lines if line.score is not None)
        if bars:
            yield Bars(f"{name(group)}得分", bars)


def _ranked(line: UnitResult, names: Mapping[str, str]) -> tuple[str, ...]:
    scored = (str(line.score), line.band) if line.score is not None else ("不计分", "—")
    rank = str(line.rank) if line.rank is not None else "—"
    counted = (str(line.valid_claims), str(line.penalty), str(line.bonus))
    return (rank, _full_name(line, names), *counted, *scored)


def _full_name(line: UnitResult, names: Mapping[str, str]) -> str:
    """Return a unit's full name (GB/T 9704)."""
    return names.get(line.unit, line.name)


def _figures(
    edition: Edition, measures: tuple[Measure, ...], names: Mapping[str, str], *, wide: bool = True
) -> Iterator[Grid]:
    """Yield a row for each unit with a column for each measure; as `n/m`, never only a percentage."""
    for some in [measures] if wide else [measures[:5], measures[5:]]:
        width = 116 // len(some)
        columns = (("单位", 156 - width * len(some)), *((name(m), width) for m in some))
        rows = tuple(
            (_full_name(line, names), *(_cell(line.measures[measure]) for measure in some))
            for line in edition.units
        )
        if rows:
            yield Grid("", columns, rows)


def _districts(edition: Edition, names: Mapping[str, str]) -> Iterator[Grid]:
    width = 116 // len(MAIN)
    columns = (("区（市）", 156 - width * len(MAIN)), *((name(m), width) for m in MAIN))
    rows = tuple(
        (names.get(area.id, area.id), *_cells(area.measures)) for area in edition.districts if area.id
    )
    if rows:
        yield Grid("", columns, rows)


def _cells(measures: Figures) -> tuple[str, ...]:
    return tuple(_cell(measures[measure]) for measure in MAIN)


def _cell(figure: Figure) -> str:
    """Return a ratio for a narrow column: n of m above its percentage."""
    return ratio(figure).replace("（", "\n（")


def ratio(figure: Figure) -> str:
    """Return `8/12（66.7%）`, a plain count, or a dash if nothing was counted."""
    if figure.of is None:
        return str(figure.n)
    if not figure.of:
        return "—"
    share = (Decimal(figure.n * 100) / figure.of).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{figure.n}/{figure.of}（{share}%）"


def _delay(delay: PlatformDelay) -> str:
    return f"{label(LimitKind(delay.kind))}：逾期{delay.n}件，到期{delay.of}件。"


def _exclusions(edition: Edition) -> Iterator[str]:
    counted: dict[str, int] = {}
    for one in edition.exclusions:
        counted[name(one.reason)] = counted.get(name(one.reason), 0) + 1
    if counted:
        told = "、".join(f"{reason}{n}项" for reason, n in sorted(counted.items()))
        yield f"依规核定剔除{len(edition.exclusions)}项：{told}。亮牌不因剔除而撤销。"


def _correction(heading: Heading) -> tuple[str, ...]:
    """Return the differences without claim numbers, which only the units concerned may see."""
    if not heading.reason:
        return ()
    told = tuple(f"{_NUMBER.sub('1件工单', _MOVED.sub('', line))}。" for line in heading.differences)
    return (f"更正理由：{heading.reason}。", *told)
