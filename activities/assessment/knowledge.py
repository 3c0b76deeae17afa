"""The knowledge base's versions, as the records have them: what knowledge upkeep is counted from (R60)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from assessment.facts.knowledge import ArticleVersion
from calendar_rules import local_day
from claims.lookup.knowledge import Article
from claims.lookup.unit_tree import Organisation
from claims.model.organisation import Unit, UnknownUnit
from data import load_knowledge
from records.database.engine import Records
from records.people.city_entries import CityKind, CityVersion, approved_versions

Articles = Mapping[str, tuple[ArticleVersion, ...]]
_Given = tuple[Article, date, date, str]


def article_versions(records: Records, organisation: Organisation, *, until: datetime) -> Articles:
    """Return each article's versions that were approved by an instant. Raises RecordsUnavailable.

    R60 ◇: a version with a later day of review is a review, made on the day on which it was proposed: that
    day is on record, while the one in the article is whatever somebody typed.
    """
    approved = [
        one
        for one in approved_versions(records, kind=CityKind.KNOWLEDGE)
        if one.decided_at is not None and one.decided_at <= until
    ]
    found: dict[str, list[ArticleVersion]] = {}
    known: dict[str, Article] = {}
    for article, since, reviewed_on, change in (*_released(), *_changed(approved)):
        before = known.get(article.id)
        is_review = before is None or article.reviewed_on > before.reviewed_on
        known[article.id] = article
        unit = _unit(article, organisation)
        if unit is None:
            continue
        version = ArticleVersion(
            article=article.id,
            unit=unit.id,
            unit_name=unit.short,
            since=since,
            ends=article.effective_to,
            reviewed_on=reviewed_on if is_review else None,
            change=change,
        )
        found.setdefault(article.id, []).append(version)
    return {id: tuple(versions) for id, versions in sorted(found.items())}


def _released() -> Iterator[_Given]:
    for article in load_knowledge():
        yield article, article.effective_from, article.reviewed_on, ""


def _changed(approved: Iterable[CityVersion]) -> Iterator[_Given]:
    for one in approved:
        article = Article.model_validate(dict(one.content))
        yield article, one.in_force_from, local_day(one.proposed_at), one.id


def _unit(article: Article, organisation: Organisation) -> Unit | None:
    try:
        return organisation.find(article.unit)
    except UnknownUnit:
        return None
