"""Holding a subcategory against the plan's kinds (R11)."""

from claims.lookup.subcategories import find_subcategory, kinds_of
from claims.model.labels import label
from claims.model.terms import Category
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services


def listed_subcategory(services: Services, text: str, category: Category) -> str:
    """Return the name of the category's kind; empty where none was given. Raises INVALID."""
    if not text:
        return ""
    kind = find_subcategory(text, category, services.subcategories)
    if kind is None:
        known = "；".join(one.name for one in kinds_of(category, services.subcategories))
        detail = f"subcategory：{label(category)}没有“{text[:40]}”这个小类"
        raise ServiceError(ErrorKind.INVALID, detail, rule="R11", instead=f"可填：{known}")
    return kind.name
