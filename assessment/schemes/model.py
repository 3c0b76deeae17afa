"""What a scheme holds. Numbers are decimals, written as text: no point value is ever a float."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from assessment.periods import PeriodKind
from assessment.terms import Measure

CENT: Final = Decimal("0.01")
MOST_POINTS: Final = 1000


def _exact(value: object) -> Decimal:
    """Return a decimal of at most two places, from its text or from a whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError('分值须写成文本，如 "0.5"')
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError('分值不是数字，应写成 "0.5"') from None
    if not number.is_finite():
        raise ValueError("分值应为有限的数")
    if abs(number) > MOST_POINTS:
        raise ValueError(f"分值不得超过{MOST_POINTS}")
    if number != number.quantize(CENT):
        raise ValueError("分值最多两位小数")
    return number


Points = Annotated[Decimal, BeforeValidator(_exact)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Band(_Part):
    """A name beside the rank, for scores from `at_least` on."""

    name: Words = Field(min_length=1, max_length=20)
    at_least: Points


class Composition(_Part):
    """What a period's score is made of: a share of S, re-interviews, organisation (R62)."""

    share: Points = Decimal(1)
    reinterviews: Points = Decimal(0)
    """Points for all of the re-interviewed being satisfied."""
    organisation: Points = Decimal(0)
    """Points at most for how a unit organises the work, given by the coordinators."""
    sample_share: Points = Decimal("0.1")
    """R62 ◇: how many of a unit's claims are re-interviewed."""
    sample_at_least: int = Field(default=5, ge=1, le=1000)
    """R62 ◇: or all of them, if it has fewer."""


class Scheme(_Part):
    """A dated scheme. `in_force_from` is None for one that nobody has adopted yet: it is used only by name."""

    id: str = Field(pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]*\z", max_length=40)
    title: Words
    source: Words = Field(min_length=1)
    in_force_from: date | None
    few_claims: int = Field(ge=1, le=1000)
    """R61: a unit with fewer valid claims has neither score nor rank."""
    weights: dict[Measure, Points]
    penalties: dict[Measure, Points] = Field(default_factory=dict)
    """Points for each incident."""
    penalty_at_most: Points = Decimal(0)
    bonus: dict[Measure, Points] = Field(default_factory=dict)
    """Points for each claim."""
    bonus_at_most: Points = Decimal(0)
    bands: tuple[Band, ...]
    compositions: dict[PeriodKind, Composition]

    @property
    def whole(self) -> Decimal:
        """The sum of all weights, which is the maximum of S."""
        return sum(self.weights.values(), Decimal(0))
