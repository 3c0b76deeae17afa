"""Validation of schemes: contradictions are refused with the rule and the remedy."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final

from assessment.periods import KIND_NAMES
from assessment.schemes.model import Scheme
from assessment.terms import COUNTS, FEWER_IS_BETTER, INTERNAL, Measure, name
from claims.model.refusals import RefusalKind, Refused

FULL: Final = Decimal(100)


def check_scheme(scheme: Scheme) -> Scheme:
    """Return the scheme, or `Refused` with everything that is wrong with it."""
    wrong = [*_weights(scheme), *_compositions(scheme), *_penalties(scheme), *_bands(scheme)]
    if wrong:
        raise refused(f"考核方案{scheme.id}：{'；'.join(wrong)}")
    return scheme


def refused(reason: str) -> Refused:
    """R61: a scheme that cannot be used."""
    return Refused("R61", reason, "请改正方案文件后重新提交", kind=RefusalKind.INCOMPLETE)


def _weights(scheme: Scheme) -> Iterator[str]:
    if not scheme.weights:
        yield "没有任何权重"
    for measure, weight in scheme.weights.items():
        if weight <= 0:
            yield f"{name(measure)}的权重{weight}应大于0"
        if measure in FEWER_IS_BETTER or measure in COUNTS | INTERNAL:
            yield f"{name(measure)}越少越好，不能作为得分项"
    if {Measure.SATISFIED, Measure.SATISFIED_WITH_VERIFIED} <= scheme.weights.keys():
        yield "满意率含与不含审核办结只能取其一，不能重复计分"


def _compositions(scheme: Scheme) -> Iterator[str]:
    if not scheme.compositions:
        yield "没有写明适用于哪种周期"
    for kind, parts in scheme.compositions.items():
        if min(parts.share, parts.reinterviews, parts.organisation) < 0 or parts.share == 0:
            yield f"{KIND_NAMES[kind]}的各部分不能为负，S的比例应大于0"
        total = parts.share * scheme.whole + parts.reinterviews + parts.organisation
        if total != FULL:
            yield f"{KIND_NAMES[kind]}的权重合计为{plain(total)}，应为{FULL}"
        if not 0 < parts.sample_share <= 1:
            yield f"{KIND_NAMES[kind]}的再回访抽样比例{parts.sample_share}应大于0、不大于1"


def _penalties(scheme: Scheme) -> Iterator[str]:
    yield from _capped("扣分", scheme.penalties.values(), scheme.penalty_at_most)
    yield from _capped("加分", scheme.bonus.values(), scheme.bonus_at_most)
    for measure in scheme.penalties.keys() - FEWER_IS_BETTER:
        yield f"{name(measure)}越多越好，不能扣分"
    for measure in scheme.bonus.keys() & FEWER_IS_BETTER:
        yield f"{name(measure)}越少越好，不能加分"
    both = {Measure.CRITICISMS} & scheme.penalties.keys()
    if both and {Measure.ORDERS_MISSED, Measure.FALSE_FEEDBACK} & scheme.penalties.keys():
        yield "通报批评与其事由不能重复扣分"
    yellow, red = scheme.penalties.get(Measure.YELLOW), scheme.penalties.get(Measure.RED)
    if yellow is not None and red is not None and red < yellow:
        yield f"红灯扣{red}分，少于黄灯的{yellow}分"


def _capped(what: str, points: Iterable[Decimal], most: Decimal) -> Iterator[str]:
    points = tuple(points)
    if not 0 <= most <= FULL:
        yield f"{what}上限{most}应在0至{FULL}之间"
    if any(each <= 0 for each in points):
        yield f"每次{what}应大于0"
    if bool(points) is not (most > 0):
        yield f"{what}的项目与上限{most}不一致"


def _bands(scheme: Scheme) -> Iterator[str]:
    floors = [band.at_least for band in scheme.bands]
    if not floors or floors[-1] != 0:
        yield "等次的最后一档应从0分起"
    if any(lower >= upper for upper, lower in pairwise(floors)):
        yield "等次的分数线应逐档递减"
    if floors and floors[0] > FULL:
        yield f"等次“{scheme.bands[0].name}”的分数线高于{FULL}"
    if len({band.name for band in scheme.bands}) < len(scheme.bands):
        yield "等次名称重复"


def plain(number: Decimal) -> str:
    """`95.00` is 95."""
    return f"{number.normalize():f}"
