"""知识库维护 (R60): which articles were due for review, and whether their units reviewed them in time.

R60 ◇: an article is due half a year after its last review; where that is missed, again a month later, until it is reviewed.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import count
from typing import Final

from assessment.facts.model import Fact, check_unique
from assessment.terms import Measure
from calendar_rules import due_at, local_day
from claims.model.organisation import PLATFORM
from claims.model.unit_account import corresponding_day
from claims.model.values import Value

REVIEW_MONTHS: Final = 6
"""R60 ◇: from one review to the day on which the next is due."""


class ArticleVersion(Value):
    """A version of an article: from which day on, whose it is, and the day of the review that it came from."""

    article: str
    unit: str
    unit_name: str
    since: date
    ends: date | None = None
    """Last day on which the answer holds."""
    reviewed_on: date | None = None
    """None for a version that did not come from a review."""
    change: str = ""
    """The change that two people made; empty for articles that came with a release."""


class ArticleReview(Value):
    """An article of the knowledge base was due for review (R12); `reviewed_on` is None while it is not done."""

    article: str
    unit: str
    unit_name: str
    due: date
    reviewed_on: date | None = None


def facts_of_articles(
    articles: Mapping[str, Sequence[ArticleVersion]],
    units: Container[str],
    *,
    last_day: date,
    until: datetime,
) -> tuple[Fact, ...]:
    """Return all rows of days to a last one; of articles of units that are not assessed there are none."""
    last = min(last_day, local_day(until))
    due = (review for versions in articles.values() for review in reviews_due(versions, until=last))
    return knowledge_facts((one for one in due if one.unit in units), until=until)


def wrong_answers(
    facts: Iterable[Fact], articles: Mapping[str, Sequence[ArticleVersion]], units: Container[str]
) -> tuple[Fact, ...]:
    """Return the answers among rows that were wrong (`events`), each as a row of the unit that kept the
    article on that day.
    """
    return check_unique(
        _wrong_answer(fact, owner)
        for fact in facts
        if fact.measure is Measure.KNOWLEDGE and fact.unit == PLATFORM.id and not fact.n
        if (owner := _newest_on(fact.day, articles.get(fact.about, ()))) is not None and owner.unit in units
    )


def reviews_due(versions: Sequence[ArticleVersion], *, until: date) -> Iterator[ArticleReview]:
    """Yield the reviews of one article that were due by a day, from its versions in their order. Whose it was
    on the day counts.
    """
    days = sorted({one.reviewed_on for one in versions if one.reviewed_on is not None})
    for last, following in zip(days, (*days[1:], None), strict=True):
        for months in count(REVIEW_MONTHS):
            due = corresponding_day(last, months)
            if due > until:
                break
            if (owner := _version_on(due, versions)) is not None:
                given = owner.model_dump(include={"article", "unit", "unit_name"})
                yield ArticleReview(**given, due=due, reviewed_on=following)
            if following is not None and following <= due:
                break


def _version_on(day: date, versions: Sequence[ArticleVersion]) -> ArticleVersion | None:
    """None where no version's answer holds on that day: nobody has to review it."""
    newest = _newest_on(day, versions)
    return newest if newest is not None and (newest.ends is None or day <= newest.ends) else None


def _newest_on(day: date, versions: Sequence[ArticleVersion]) -> ArticleVersion | None:
    return next((one for one in reversed(versions) if one.since <= day), None)


def knowledge_facts(reviews: Iterable[ArticleReview], *, until: datetime) -> tuple[Fact, ...]:
    """知识库维护: reviews in time, of those due. A wrong answer (`wrong_answers`) counts as one that was not."""
    return check_unique(_reviews(reviews, until))


def _reviews(reviews: Iterable[ArticleReview], until: datetime) -> Iterator[Fact]:
    for review in reviews:
        if review.reviewed_on is None and local_day(until) <= review.due:
            continue
        in_time = review.reviewed_on is not None and review.reviewed_on <= review.due
        done = f"{review.reviewed_on}复核" if review.reviewed_on else "未复核"
        yield Fact(
            article=review.article,
            unit=review.unit,
            unit_name=review.unit_name,
            measure=Measure.KNOWLEDGE,
            about=f"{review.due}",
            n=1 if in_time else 0,
            of=1,
            day=review.due,
            at=due_at(review.due),
            rule="R12",
            why=f"{review.article}应于{review.due}前复核，{done}",
        )


def _wrong_answer(fact: Fact, owner: ArticleVersion) -> Fact:
    given = {"unit": owner.unit, "unit_name": owner.unit_name, "counted": True}
    return fact.model_copy(update=given)
