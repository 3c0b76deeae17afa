"""What a correction changes, as people read it (R62): `枣庄供电公司：按时办结率7/8 → 8/8（新计入QH…）`."""

from collections.abc import Iterator, Mapping

from assessment.editions.model import Area, Edition, PlatformDelay, UnitResult
from assessment.facts.exclusions import Exclusion
from assessment.scoring.figures import Correction, Figure, corrections
from assessment.terms import Group, name
from claims.model.labels import label
from claims.model.terms import LimitKind

_SHOWN = 3
"""Claim numbers named in one line."""


Names = Mapping[str, str]
"""What people call units and districts, by id."""


def differences(before: Edition, after: Edition, names: Names | None = None) -> tuple[str, ...]:
    """Return every figure, score, band and rank that differs; empty where none does. `names`: of districts
    and units; those of the editions' own units are known.
    """
    known = {**(names or {}), **{line.unit: line.name for line in (*before.units, *after.units)}}
    groups = {group.value: f"组别{name(group)}" for group in Group}
    return (
        *_changed("考核方案", before.scheme, after.scheme),
        *_exclusions(before, after, known),
        *_units(before, after),
        *_areas(before.districts, after.districts, {id: f"{known[id]}辖区" for id in known}),
        *_areas(before.groups, after.groups, groups),
        *_platform(before, after),
    )


def _exclusions(before: Edition, after: Edition, names: Names) -> Iterator[str]:
    old, new = (frozenset(_excluded(one, names) for one in edition.exclusions) for edition in (before, after))
    yield from (f"新增剔除：{what}" for what in sorted(new - old))
    yield from (f"取消剔除：{what}" for what in sorted(old - new))


def _excluded(one: Exclusion, names: Names) -> str:
    what = name(one.measure) if one.measure else "整件"
    return f"{names.get(one.unit, one.unit)}的{one.claim}{what}（{name(one.reason)}）"


def _units(before: Edition, after: Edition) -> Iterator[str]:
    old, new = ({result.unit: result for result in edition.units} for edition in (before, after))
    for unit in sorted(old.keys() | new.keys()):
        if unit not in new:
            yield f"{old[unit].name}：不再列入"
        elif unit not in old:
            yield f"{new[unit].name}：新列入"
        else:
            yield from _unit(old[unit], new[unit])


def _unit(old: UnitResult, new: UnitResult) -> Iterator[str]:
    for each in corrections(old.measures, new.measures):
        yield f"{new.name}：{_corrected(each)}"
    pairs: tuple[tuple[str, object, object], ...] = (
        ("名称", old.name, new.name),
        ("有效诉求", old.valid_claims, new.valid_claims),
        ("扣分", old.penalty, new.penalty),
        ("加分", old.bonus, new.bonus),
        ("得分", old.score, new.score),
        ("等次", old.band, new.band),
        ("名次", old.rank, new.rank),
    )
    for what, one, other in pairs:
        yield from _changed(f"{new.name}：{what}", one, other)
    if old.trace != new.trace and [line.points for line in old.trace] == [line.points for line in new.trace]:
        yield f"{new.name}：得分依据的说明或工单有变化"


def _changed(what: str, one: object, other: object) -> Iterator[str]:
    if one != other:
        yield f"{what} {_text(one)} → {_text(other)}"


def _text(value: object) -> str:
    return "无" if value is None or value == "" else f"{value}"


def _corrected(each: Correction) -> str:
    moved = [
        f"{verb}{'、'.join(claims[:_SHOWN])}{f'等{len(claims)}件' if len(claims) > _SHOWN else ''}"
        for verb, claims in (("不再计入", each.gone), ("新计入", each.new))
        if claims
    ]
    told = f"（{'；'.join(moved)}）" if moved else ""
    return f"{name(each.measure)} {_figure(each.before)} → {_figure(each.after)}{told}"


def _figure(figure: Figure) -> str:
    return f"{figure.n}" if figure.of is None else f"{figure.n}/{figure.of}"


def _areas(before: tuple[Area, ...], after: tuple[Area, ...], names: Names) -> Iterator[str]:
    old, new = ({area.id: area.measures for area in areas} for areas in (before, after))
    for area in sorted(old.keys() | new.keys()):
        for each in corrections(old.get(area, {}), new.get(area, {})):
            yield f"{names.get(area, area)}：{_corrected(each)}"


def _platform(before: Edition, after: Edition) -> Iterator[str]:
    old, new = ({each.kind: each for each in edition.platform} for edition in (before, after))
    for kind in sorted(old.keys() | new.keys()):
        one, other = _late(old.get(kind)), _late(new.get(kind))
        yield from _changed(f"平台延误（{label(LimitKind(kind))}）", one, other)


def _late(delay: PlatformDelay | None) -> str:
    return f"{delay.n}/{delay.of}" if delay else ""
