"""The searches measured by `bench_search.py`, each with a generator of values."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from bench.search.data import SUBJECTS
from claims.model.terms import Category, Channel, Colour, Stage
from data import load_organisation
from records.database.engine import Records
from records.queries.claims import ClaimRow, find_claims
from records.queries.filters import ClaimFilter, Sight
from records.queries.paging import ClaimSort, PageRequest

Search = tuple[str, Callable[[], tuple[ClaimFilter, ClaimSort]]]


@dataclass(frozen=True)
class Sample:
    """Claims and units from which the searches take their values."""

    chance: random.Random
    units: list[str]
    rows: list[ClaimRow]

    @classmethod
    def of(cls, records: Records, chance: random.Random) -> Self:
        """Sample the newest claims of the records."""
        units = [unit.id for unit in load_organisation().units if unit.handles]
        return cls(chance, units, list(find_claims(records, page=PageRequest(limit=200)).rows))

    @property
    def now(self) -> datetime:
        """Return when the newest claim was registered."""
        return self.rows[0].registered_at

    def row(self) -> ClaimRow:
        """Return any claim."""
        return self.chance.choice(self.rows)

    def text(self, length: int) -> str:
        """Return some characters of any claim's matter."""
        text = self.row().matter
        start = self.chance.randrange(len(text) - length)
        return text[start : start + length]

    def order(self) -> ClaimSort:
        """Return any order."""
        return self.chance.choice(list(ClaimSort))


def searches(records: Records, chance: random.Random) -> Iterator[Search]:
    """Yield all searches."""
    sample = Sample.of(records, chance)
    yield from by_column(sample)
    yield from by_time(sample)
    yield from by_text(sample)
    yield from by_sight(sample)
    yield from by_several(sample)


def by_text(sample: Sample) -> Iterator[Search]:
    """Yield searches by number, name and words."""
    yield "by number", lambda: (ClaimFilter(text=sample.row().number), ClaimSort.NEWEST)
    yield "by a day's numbers", lambda: (ClaimFilter(number=sample.row().number[:10]), sample.order())
    yield (
        "enterprise, part of its name",
        lambda: (ClaimFilter(enterprise=sample.row().enterprise[2:5]), ClaimSort.NEWEST),
    )
    yield "text, a common word", lambda: (ClaimFilter(text=sample.chance.choice(SUBJECTS)), sample.order())
    yield "text, a rare word", lambda: (ClaimFilter(text=rare_word(sample.row().matter)), ClaimSort.NEWEST)
    yield "text, two characters", lambda: (ClaimFilter(text=sample.text(2)), sample.order())
    yield "text, eight characters", lambda: (ClaimFilter(text=sample.text(8)), ClaimSort.NEWEST)
    yield "text, one character", lambda: (ClaimFilter(text=sample.text(1)), ClaimSort.NEWEST)
    yield "text that nowhere stands", lambda: (ClaimFilter(text="齉龘" + sample.text(2)), ClaimSort.NEWEST)


def by_column(sample: Sample) -> Iterator[Search]:
    """Yield searches by one or two columns."""
    yield "everything, any order", lambda: (ClaimFilter(), sample.order())
    yield "stage", lambda: (ClaimFilter(stage=sample.chance.choice(list(Stage))), sample.order())
    yield "unit and below", lambda: (ClaimFilter(unit=sample.chance.choice(sample.units)), sample.order())
    yield "district", lambda: (ClaimFilter(district=sample.row().district), sample.order())
    yield (
        "category and channel",
        lambda: (
            ClaimFilter(
                category=sample.chance.choice(list(Category)), channel=sample.chance.choice(list(Channel))
            ),
            sample.order(),
        ),
    )
    yield "light", lambda: (ClaimFilter(light=sample.chance.choice(list(Colour))), sample.order())


def by_time(sample: Sample) -> Iterator[Search]:
    """Yield searches by time ranges."""
    yield (
        "due within three days",
        lambda: (
            ClaimFilter(due_after=sample.now, due_before=sample.now + timedelta(days=3)),
            ClaimSort.DUE_FIRST,
        ),
    )
    yield (
        "registered in a month",
        lambda: (
            ClaimFilter(
                registered_after=(day := sample.now - timedelta(days=sample.chance.randrange(60, 1700))),
                registered_before=day + timedelta(days=30),
            ),
            sample.order(),
        ),
    )


def by_several(sample: Sample) -> Iterator[Search]:
    """Yield searches by columns and words together."""
    yield (
        "district, word, light",
        lambda: (
            ClaimFilter(
                district=sample.row().district, text=sample.chance.choice(SUBJECTS), light=Colour.RED
            ),
            sample.order(),
        ),
    )
    yield (
        "district, category, word",
        lambda: (
            ClaimFilter(
                district=sample.row().district,
                category=Category.SUGGESTION,
                text=sample.chance.choice(SUBJECTS),
            ),
            sample.order(),
        ),
    )


def by_sight(sample: Sample) -> Iterator[Search]:
    """Yield searches with a unit's visibility."""
    yield (
        "open ones of a unit's sight",
        lambda: (
            ClaimFilter(visible_to=Sight(unit=sample.chance.choice(sample.units)), stage=Stage.HANDLING),
            sample.order(),
        ),
    )
    yield (
        "a district's platform, a common word",
        lambda: (
            ClaimFilter(visible_to=Sight(unit=sample.row().district), text=sample.chance.choice(SUBJECTS)),
            sample.order(),
        ),
    )


def rare_word(text: str) -> str:
    """Return the two characters before 项目."""
    return text.split("项目")[0][-2:]
