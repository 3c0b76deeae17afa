"""A unit's score with its full trace (R61): every point leads to a rule, and to the claims that made it.

Computed exactly and rounded once, half up, to two decimals. The lines of a trace add up to the score.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final, Self

from assessment.schemes.model import Scheme
from assessment.schemes.validation import plain
from assessment.scoring.figures import Figure, Figures, valid_claims
from assessment.terms import COUNTS, Measure, name
from claims.model.terms import Colour
from claims.model.values import Value

CENTS: Final = 100
NOTHING: Final = Decimal("0.00")


def two_decimals(exact: Fraction) -> Decimal:
    """Half up: 0.005 is 0.01, and -0.005 is 0.00."""
    return Decimal(floor(exact * CENTS + Fraction(1, 2))).scaleb(-2)


class TraceLine(Value):
    """Why some points were given or taken away."""

    rule: str
    points: Decimal
    text: str
    claims: tuple[str, ...] = ()
    """Those that made the difference: they fell short, or they earned the bonus."""


class Tally(Value):
    """Penalties or a bonus: the total, within its limit, and its lines, which add up to it."""

    total: Decimal = NOTHING
    lines: tuple[TraceLine, ...] = ()

    @classmethod
    def capped(cls, lines: Iterable[TraceLine], most: Decimal, text: str) -> Self:
        """Return the lines, and one more if together they exceed the limit."""
        kept = tuple(lines)
        total = sum((line.points for line in kept), NOTHING)
        if abs(total) > most:
            over = two_decimals(Fraction(abs(total) - most))
            kept += (TraceLine(rule="R61", points=over if total < 0 else -over, text=text),)
            total = sum((line.points for line in kept), NOTHING)
        return cls(total=abs(total), lines=kept)


class Score(Value):
    """`points` is None where there are too few claims to say anything (R61)."""

    points: Decimal | None
    valid_claims: int
    penalty: Decimal
    bonus: Decimal
    trace: tuple[TraceLine, ...]


def penalties(figures: Figures, scheme: Scheme) -> Tally:
    """R61: each incident costs its points, all together at most so many."""
    lines = _per_incident(figures, scheme.penalties, -1, "扣")
    return Tally.capped(lines, scheme.penalty_at_most, f"扣分以{plain(scheme.penalty_at_most)}分为限")


def bonus(figures: Figures, scheme: Scheme) -> Tally:
    """R61: what earns a bonus, up to its limit."""
    lines = _per_incident(figures, scheme.bonus, 1, "加")
    return Tally.capped(lines, scheme.bonus_at_most, f"加分以{plain(scheme.bonus_at_most)}分为限")


def _per_incident(
    figures: Figures, points: Mapping[Measure, Decimal], sign: int, verb: str
) -> Iterator[TraceLine]:
    for measure in (measure for measure in Measure if measure in points):
        figure = figures[measure]
        if figure.n:
            fewer = sign < 0 or measure in COUNTS
            claims = figure.lost if fewer else _earned(figure)
            text = f"{name(measure)}{figure.n}次，每次{verb}{plain(points[measure])}分"
            total = two_decimals(Fraction(points[measure]) * figure.n * sign)
            yield TraceLine(rule=RULE_OF.get(measure, "R61"), points=total, text=text, claims=claims)


def _earned(figure: Figure) -> tuple[str, ...]:
    lost = frozenset(figure.lost)
    return tuple(claim for claim in figure.claims if claim not in lost)


RULE_OF: Final = {
    Measure.CONTACT: "§二.四.1",
    Measure.REPLY: "§二.四.2",
    Measure.COMPLETION: "§二.四.2",
    Measure.RESOLVED: "R42",
    Measure.SATISFIED: "R40",
    Measure.SATISFIED_WITH_VERIFIED: "R40",
    Measure.SAME_DAY: "R19",
    Measure.SIGNED_FOR: "R20",
    Measure.FIRST_DISPATCH: "R14",
    Measure.KNOWLEDGE: "R12",
    Measure.YELLOW: Colour.YELLOW.rule,
    Measure.RED: Colour.RED.rule,
    Measure.RETURNS_REFUSED: "R15",
    Measure.ORDERS_MISSED: "R45",
    Measure.FALSE_FEEDBACK: "R52",
}
"""The rule behind a line of a trace."""


def score(figures: Figures, scheme: Scheme, *, taken: Tally, given: Tally) -> Score:
    """S: the points of the figures, minus penalties, plus bonus, between 0 and the maximum."""
    valid = len(valid_claims(figures, scheme.weights))
    if valid < scheme.few_claims:
        text = f"有效诉求{valid}件，少于{scheme.few_claims}件，不计分、不排名"
        trace: tuple[TraceLine, ...] = (TraceLine(rule="R61", points=NOTHING, text=text),)
        points = None
    else:
        points, trace = _reckoned(figures, scheme, taken, given)
    return Score(points=points, valid_claims=valid, penalty=taken.total, bonus=given.total, trace=trace)


def _reckoned(
    figures: Figures, scheme: Scheme, taken: Tally, given: Tally
) -> tuple[Decimal, tuple[TraceLine, ...]]:
    measured = {measure: ratio for measure in scheme.weights if (ratio := figures[measure].ratio) is not None}
    counted = sum((Fraction(scheme.weights[m]) for m in measured), Fraction(0))
    earned = sum((Fraction(scheme.weights[m]) * ratio for m, ratio in measured.items()), Fraction(0))
    scaled = earned * Fraction(scheme.whole) / counted
    lines = [*(_line(m, figures[m], scheme.weights[m]) for m in Measure if m in scheme.weights)]
    if counted < scheme.whole:
        text = f"没有数据的指标不猜测，已有指标的得分按{plain(scheme.whole)}/{counted}折算"
        lines.append(_rest(two_decimals(scaled), lines, text))
    lines += [*taken.lines, *given.lines]
    exact = scaled - Fraction(taken.total) + Fraction(given.total)
    kept = min(max(exact, Fraction(0)), Fraction(scheme.whole))
    if kept != exact:
        text = "得分不低于0分" if exact < 0 else f"得分不高于{plain(scheme.whole)}分"
        lines.append(_rest(two_decimals(kept), lines, text))
    elif (tail := _rest(two_decimals(kept), lines, "各行四舍五入的尾差")).points:
        lines.append(tail)
    return two_decimals(kept), tuple(lines)


def _line(measure: Measure, figure: Figure, weight: Decimal) -> TraceLine:
    rule, ratio = RULE_OF[measure], figure.ratio
    if ratio is None:
        return TraceLine(rule=rule, points=NOTHING, text=f"{name(measure)}本期没有数据")
    text = f"{name(measure)}{figure.n}/{figure.of}，权重{plain(weight)}分"
    return TraceLine(rule=rule, points=two_decimals(Fraction(weight) * ratio), text=text, claims=figure.lost)


def _rest(total: Decimal, lines: Iterable[TraceLine], text: str) -> TraceLine:
    """Return the difference between the lines so far and a total."""
    points = total - sum((line.points for line in lines), NOTHING)
    return TraceLine(rule="R61", points=points, text=text)
