"""Figures: numerators and denominators, pooled (R60). A figure is n of m and the claims behind it, never a bare
percentage; adding figures is the same as counting all their facts, in whatever order."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import chain, islice
from operator import eq
from types import MappingProxyType
from typing import Final, Self

from assessment.facts.model import Fact
from assessment.terms import COUNTS, FEWER_IS_BETTER, Measure
from claims.model.values import Value


class Figure(Value):
    """`of` is None for a count. `claims` are behind the denominator (a count's: behind the number), `lost` those
    among them that fell short of what is wanted; in Measure.KNOWLEDGE articles may stand among them."""

    n: int = 0
    of: int | None = None
    claims: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def ratio(self) -> Fraction | None:
        """The ratio; None if nothing was counted."""
        return Fraction(self.n, self.of) if self.of else None

    def plus(self, other: Self) -> Self:
        """Return the two figures pooled."""
        of = None if self.of is None and other.of is None else (self.of or 0) + (other.of or 0)
        return self.model_copy(
            update={
                "n": self.n + other.n,
                "of": of,
                "claims": _union(self.claims, other.claims),
                "lost": _union(self.lost, other.lost),
            }
        )


def _union(*parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sorted union. Both parts are sorted, so sorting them together only merges them."""
    return distinct([*chain.from_iterable(parts)])


def distinct(numbers: list[str]) -> tuple[str, ...]:
    """Sorted, each once. Most lists hold none twice; comparing neighbours says so sooner than a set does."""
    numbers.sort()
    repeats = any(map(eq, numbers, islice(numbers, 1, None)))
    return tuple(dict.fromkeys(numbers)) if repeats else tuple(numbers)


Figures = Mapping[Measure, Figure]
"""All measures of one unit, district or group."""
BLANK: Final[Figures] = MappingProxyType(
    {measure: Figure(of=None if measure in COUNTS else 0) for measure in Measure}
)


class _Tally:
    """Counts facts; a figure at the end."""

    __slots__ = ("claims", "lost", "n", "of")

    def __init__(self) -> None:
        self.n = self.of = 0
        self.claims: set[str] = set()
        self.lost: set[str] = set()

    def take(self, fact: Fact) -> None:
        self.n += fact.n
        self.of += fact.of
        source = fact.claim or fact.article
        self.claims.add(source)
        if bool(fact.n) is (fact.measure in FEWER_IS_BETTER):
            self.lost.add(source)

    def figure(self, measure: Measure) -> Figure:
        of = None if measure in COUNTS else self.of
        return Figure(n=self.n, of=of, claims=tuple(sorted(self.claims)), lost=tuple(sorted(self.lost)))


def pooled(facts: Iterable[Fact], by: Callable[[Fact], str]) -> dict[str, Figures]:
    """Return the figures of each unit (or district, or limit), by what `by` says; what does not count is left out."""
    tallies: dict[tuple[str, Measure], _Tally] = {}
    keys: set[str] = set()
    for fact in facts:
        key = by(fact)
        keys.add(key)
        if fact.counted:
            tallies.setdefault((key, fact.measure), _Tally()).take(fact)
    found = {key: dict(BLANK) for key in sorted(keys)}
    for (key, measure), tally in tallies.items():
        found[key][measure] = tally.figure(measure)
    return {key: MappingProxyType(figures) for key, figures in found.items()}


def added(parts: Iterable[Figures]) -> Figures:
    """Figures of several units, or of several months, pooled."""
    found = [*parts]
    total = dict(BLANK)
    for measure in dict.fromkeys(measure for part in found for measure in part):
        total[measure] = _together([part[measure] for part in found if measure in part])
    return MappingProxyType(total)


def _together(figures: list[Figure]) -> Figure:
    if len(figures) == 1:
        return figures[0]
    of = [figure.of for figure in figures if figure.of is not None]
    return Figure(
        n=sum(figure.n for figure in figures),
        of=sum(of) if of else None,
        claims=_union(*(figure.claims for figure in figures)),
        lost=_union(*(figure.lost for figure in figures)),
    )


def valid_claims(figures: Figures, measures: Iterable[Measure]) -> tuple[str, ...]:
    """Return the claims that count in at least one of these measures (R61: few claims)."""
    counted = (figures[measure].claims for measure in measures if measure is not Measure.KNOWLEDGE)
    return _union(*counted)


class Correction(Value):
    """One figure that differs between two counts of the same period."""

    measure: Measure
    before: Figure
    after: Figure

    @property
    def gone(self) -> tuple[str, ...]:
        """Claims that are no longer behind it."""
        return tuple(sorted(set(self.before.claims) - set(self.after.claims)))

    @property
    def new(self) -> tuple[str, ...]:
        """Claims that were not behind it before."""
        return tuple(sorted(set(self.after.claims) - set(self.before.claims)))


def corrections(before: Figures, after: Figures) -> tuple[Correction, ...]:
    """Return every figure that changed, in the order of the measures."""
    blank = Figure()
    return tuple(
        Correction(measure=measure, before=old, after=new)
        for measure in Measure
        if (old := before.get(measure, blank)) != (new := after.get(measure, blank))
    )
