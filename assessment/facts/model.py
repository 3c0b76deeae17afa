"""A fact: one row that counts, or says why it does not (R60). Facts are all that figures are made of."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import Literal

from assessment.terms import Measure
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Value


class Fact(Value):
    """What one claim (or one article of the knowledge base) adds to one measure of one unit."""

    claim: str = ""
    article: str = ""
    """Instead of a claim: the article to be reviewed (knowledge upkeep)."""
    dispatch: int = 0
    round: int = 0
    unit: str
    """The accountable unit (R33); the city platform for its own delays."""
    unit_name: str
    """Its name at that time."""
    district: str = ""
    """Where the enterprise is."""
    measure: Measure
    about: str = ""
    """Which limit, light or journal line, where a measure has several in one dispatch."""
    n: Literal[0, 1]
    of: Literal[0, 1]
    """Always 0 for a count."""
    day: date
    """Beijing's day that says into which period the row falls: the due date, or the day of what happened."""
    at: datetime | None = None
    """The instant of the end of the limit, exclusive, or of what happened; UTC."""
    counted: bool = True
    rule: str
    """Why it counts, or does not."""
    why: str

    @property
    def id(self) -> str:
        """The fact's id, which is unique."""
        source = self.claim or self.article
        return "/".join((source, str(self.dispatch), self.measure, self.about, self.unit))


def check_unique(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts in the order of their ids. Raises `Refused` for a duplicate: nothing counts twice."""
    ordered = sorted(facts, key=lambda fact: fact.id)
    for before, fact in pairwise(ordered):
        if before.id == fact.id:
            raise Refused(
                "R60",
                f"考核数据重复：{fact.id}",
                "同一工单的数据只能计入一次，请重新归集",
                kind=RefusalKind.INCOMPLETE,
            )
    return tuple(ordered)
