"""Differences between the claims, articles and rows stored with an edition, and the histories and records (R62)."""

from collections.abc import Iterator
from datetime import date

from activities.assessment.contents import kept_facts
from activities.assessment.knowledge import Articles
from activities.assessment.month_facts import Basis
from assessment.cadence.model import PublishedEdition
from assessment.facts.model import Fact
from audit.assessments.replayed_claims import ReplayedClaims, by_claim
from records.contents import ContentLost, ContentStore


def claims_that_differ(
    basis: Basis, replayed: ReplayedClaims, facts: dict[str, tuple[Fact, ...]]
) -> Iterator[str]:
    """Yield claims that were counted without a history or a row, and claims with rows that were not counted."""
    for number in sorted(basis.claims.keys() - replayed.claims.keys()):
        yield f"工单{number}计入了通报，但服务器和归档中都没有其历史"
    for number in sorted(basis.claims.keys() & replayed.claims.keys()):
        if number not in facts:
            yield f"工单{number}计入了通报，但其历史中没有本期数据"
    for number in sorted(facts.keys() - basis.claims.keys()):
        yield f"工单{number}的历史中有本期数据，但没有计入通报"


def articles_that_differ(basis: Articles, known: Articles) -> Iterator[str]:
    """Yield articles whose changes differ. The basis is authoritative: its hash is in the edition's history,
    while the knowledge base is only in the records. Releases replace their own articles, so these are not
    compared.
    """
    counted, recorded = _changes(basis), _changes(known) if basis else {}
    for change in sorted(counted.keys() | recorded.keys()):
        if counted.get(change) != recorded.get(change):
            article, *_ = counted.get(change) or recorded[change]
            yield f"知识库条目{article}的修改{change}，台账与归集依据不符"


def _changes(articles: Articles) -> dict[str, tuple[str, date, date | None]]:
    versions = (one for versions in articles.values() for one in versions if one.change)
    return {one.change: (one.article, one.since, one.ends) for one in versions}


def rows_that_differ(
    contents: ContentStore, wanted: PublishedEdition, facts: dict[str, tuple[Fact, ...]]
) -> Iterator[str]:
    """Yield rows that differ between the edition and the histories."""
    try:
        kept = by_claim(fact for _, own in kept_facts(contents, wanted.facts) for fact in own)
    except (ContentLost, ValueError, OSError, EOFError):
        yield "所存的考核数据行缺失或已被改动"
        return
    for number in sorted(kept.keys() & facts.keys()):
        made = {fact.id: fact for fact in facts[number]}
        for id in sorted(kept[number].keys() | made.keys()):
            before, after = kept[number].get(id), made.get(id)
            if before != after:
                yield f"数据行{id}：公布时为{_fact_text(before)}，按历史为{_fact_text(after)}"


def _fact_text(fact: Fact | None) -> str:
    if fact is None:
        return "没有这一行"
    return f"{fact.n}/{fact.of}{'' if fact.counted else '（不计入）'}，{fact.why}"
