"""Writing a claim's search attributes: only those that changed."""

from temporalio import workflow

from claims.model.claim import Claim
from workflows.messages import AUTHENTIC
from workflows.patches import SEARCHABLE_CLOSING
from workflows.search_attributes import (
    CLOSED,
    Attribute,
    attributes_of,
    closing_of,
    due_of,
    initial_attributes,
)


class Visibility:
    """The search attributes that a claim has."""

    def __init__(self, *, protocol: int) -> None:
        self._protocol = protocol
        self._shown: dict[str, Attribute] = {}
        if protocol > 1:
            self._shown = initial_attributes(workflow.info().typed_search_attributes)
        self._is_searchable_when_closed = protocol > 1

    def show(self, claim: Claim) -> None:
        """Write the attributes that have changed."""
        attributes = self._attributes_of(claim)
        if changed := [new for name, new in attributes.items() if new != self._shown.get(name)]:
            workflow.upsert_search_attributes(changed)
            self._shown = attributes

    def _attributes_of(self, claim: Claim) -> dict[str, Attribute]:
        attributes = attributes_of(claim)
        if self._protocol >= AUTHENTIC:
            attributes |= due_of(claim)
        if claim.closed and not self._is_searchable_when_closed:
            self._is_searchable_when_closed = workflow.patched(SEARCHABLE_CLOSING)
        if CLOSED.name in self._shown or (claim.closed and self._is_searchable_when_closed):
            attributes |= closing_of(claim)
        return attributes
