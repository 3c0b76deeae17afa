"""The search attributes of claims. They never contain personal data, because they are not encrypted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from activities.workflow_ids import UNIT
from claims.deadlines.moments import next_due
from claims.model.claim import Claim
from claims.model.labels import label
from claims.model.limit import worst_colour
from claims.urgency import most_urgent_end

STAGE: Final = SearchAttributeKey.for_keyword("ClaimStage")
DISTRICT: Final = SearchAttributeKey.for_keyword("ClaimDistrict")
LIGHT: Final = SearchAttributeKey.for_keyword("ClaimLight")
NEXT_DUE: Final = SearchAttributeKey.for_datetime("ClaimNextDue")
CLOSED: Final = SearchAttributeKey.for_keyword("ClaimClosed")
ASSESSMENT_STAGE: Final = SearchAttributeKey.for_keyword("AssessmentStage")
PUBLISHED: Final = SearchAttributeKey.for_keyword("PublishedVersion")
"""The calendar or edition that an update workflow sends to the open claims."""

Attribute = SearchAttributeUpdate[str] | SearchAttributeUpdate[datetime]

SEARCH_ATTRIBUTES: Final[Mapping[str, Literal["Keyword", "Datetime"]]] = {
    STAGE.name: "Keyword",
    UNIT.name: "Keyword",
    DISTRICT.name: "Keyword",
    LIGHT.name: "Keyword",
    NEXT_DUE.name: "Datetime",
    CLOSED.name: "Keyword",
    ASSESSMENT_STAGE.name: "Keyword",
    PUBLISHED.name: "Keyword",
}
"""Name and type of each, as a server must know them."""


def attributes_of(claim: Claim) -> dict[str, Attribute]:
    """Return the claim's search attributes, in the words that people search for."""
    worst = worst_colour(claim.lights)
    due = next_due(claim)
    unit = claim.dispatch.unit.name if claim.dispatch else ""
    return {
        STAGE.name: STAGE.value_set(label(claim.stage)),
        UNIT.name: UNIT.value_set(unit) if unit else UNIT.value_unset(),
        DISTRICT.name: DISTRICT.value_set(claim.order.district_name or "全市"),
        LIGHT.name: LIGHT.value_set(label(worst)) if worst else LIGHT.value_unset(),
        NEXT_DUE.name: NEXT_DUE.value_set(due) if due else NEXT_DUE.value_unset(),
    }


def due_of(claim: Claim) -> dict[str, Attribute]:
    """Return the end of the claim's most urgent limit: one that was missed and is still not met stays until it is."""
    due = most_urgent_end(claim)
    return {NEXT_DUE.name: NEXT_DUE.value_set(due) if due else NEXT_DUE.value_unset()}


def closing_of(claim: Claim) -> dict[str, Attribute]:
    """Return how the claim was closed; unset while it is open or reopened (R41)."""
    closed = claim.closed
    return {CLOSED.name: CLOSED.value_set(label(closed.reason)) if closed else CLOSED.value_unset()}


def initial_attributes(given: TypedSearchAttributes) -> dict[str, Attribute]:
    """Return those that a workflow was started with; the others are unset."""
    due = given.get(NEXT_DUE)
    found: dict[str, Attribute] = {NEXT_DUE.name: NEXT_DUE.value_set(due) if due else NEXT_DUE.value_unset()}
    for key in (STAGE, UNIT, DISTRICT, LIGHT):
        value = given.get(key)
        found[key.name] = key.value_set(value) if value else key.value_unset()
    return found


def of_published(version: str) -> TypedSearchAttributes:
    """Return the attributes of a workflow that sends a calendar or an edition."""
    return TypedSearchAttributes([SearchAttributePair(PUBLISHED, version)])


def starting_attributes(claim: Claim) -> TypedSearchAttributes:
    """Return the attributes with which a claim's workflow is started."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(update.key, update.value)
            for update in attributes_of(claim).values()
            if update.value is not None
        ]
    )
