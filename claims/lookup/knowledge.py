"""The knowledge base for immediate answers (R12): articles and a search over them, without I/O.

Chinese has no spaces to split on, so a question is compared by the keywords it contains and by the pairs
of neighbouring characters (bigrams) it shares with an article's title and keywords.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from claims.text.normalisation import half_width

KEYWORD_WEIGHT = 3
"""Per character of a keyword found, against 1 per shared bigram."""
MIN_SHARED_BIGRAMS = 0.4
FEWEST_SHARED_BIGRAMS = 2
"""Without any keyword, this share of the question's bigrams must be in title and keywords."""
STOP_WORDS = (
    "请问想问一下怎么办理怎样如何什么哪些哪里能不能可不可以是不是需要准备材料资料流程我们公司企业单位政府部门"
    "办理申请受理"
)
"""Words common to all questions; their bigrams do not count."""


class Article(BaseModel):
    """One article of the knowledge base; `unit` is the short name of the unit that keeps it true."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    keywords: tuple[str, ...]
    answer: str
    legal_basis: str
    topic: str
    unit: str
    effective_from: date
    effective_to: date | None = None
    """Last day on which the answer holds; None while it is open-ended."""
    reviewed_on: date

    def in_force(self, on: date) -> bool:
        """Does the answer hold on this day?"""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class Hit(BaseModel):
    """An article that answers a question, with the reasons why it was found."""

    model_config = ConfigDict(frozen=True)

    article: str
    title: str
    score: int
    reasons: tuple[str, ...]
    answer: str
    legal_basis: str


def plain(text: str) -> str:
    """Return the text as it is compared: full width folded, lower case, letters, digits and characters only."""
    return "".join(char for char in half_width(text).lower() if char.isalnum())


def found_in(text: str, words: Iterable[str]) -> tuple[str, ...]:
    """Return the words that the plain text contains, longest first; one inside a longer one is left out."""
    found: list[str] = []
    for word in sorted(set(words), key=lambda word: (-len(plain(word)), word)):
        bare = plain(word)
        if bare and bare in text and not any(bare in plain(longer) for longer in found):
            found.append(word)
    return tuple(found)


def bigrams(text: str) -> frozenset[str]:
    bare = plain(text)
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))


_STOP_BIGRAMS = bigrams(STOP_WORDS)


def search(q: str, articles: Sequence[Article], limit: int = 5, *, on: date | None = None) -> list[Hit]:
    """Articles that cover the question, best first, ties by id; `on` leaves out what is not in force then."""
    bare, asked = plain(q), bigrams(q) - _STOP_BIGRAMS
    hits = [
        hit
        for article in articles
        if (on is None or article.in_force(on)) and (hit := _match(bare, asked, article)) is not None
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.article))[:limit]


def _match(bare: str, asked: frozenset[str], article: Article) -> Hit | None:
    """`bare`: the plain question; `asked`: its bigrams that count."""
    found = found_in(bare, article.keywords)
    shared = asked & _bigrams_of(article)
    if not found and (len(shared) < FEWEST_SHARED_BIGRAMS or len(shared) < MIN_SHARED_BIGRAMS * len(asked)):
        return None
    reasons = [f"提到“{word}”" for word in found]
    if not found:
        reasons.append(f"与标题“{article.title}”用词相近")
    return Hit(
        article=article.id,
        title=article.title,
        score=KEYWORD_WEIGHT * sum(len(plain(word)) for word in found) + len(shared),
        reasons=tuple(reasons),
        answer=article.answer,
        legal_basis=article.legal_basis,
    )


def _bigrams_of(article: Article) -> frozenset[str]:
    return frozenset().union(*(bigrams(text) for text in (article.title, *article.keywords)))
