"""The kinds of matters 小类 within each category (R11, §二.二), and the matters of the dispatch directory beneath them."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from claims.model.terms import Category
from claims.text.normalisation import name_key


class Subcategory(BaseModel):
    """One kind. `also`: other names of it; `matters`: entries of the dispatch directory that belong beneath it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    category: Category
    name: str
    also: tuple[str, ...] = ()
    source: str
    matters: tuple[str, ...] = ()


def kinds_of(category: Category, kinds: Iterable[Subcategory]) -> list[Subcategory]:
    """Return the kinds of a category, in the order of the data."""
    return [kind for kind in kinds if kind.category is category]


def find_subcategory(text: str, category: Category, kinds: Iterable[Subcategory]) -> Subcategory | None:
    """Return the category's kind with this id or name; None where it has none."""
    wanted = name_key(text)
    for kind in kinds_of(category, kinds):
        if wanted in map(name_key, (kind.id, kind.name, *kind.also)):
            return kind
    return None
