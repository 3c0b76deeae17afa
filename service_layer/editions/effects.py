"""The effects of an edition, and the claims that it reaches (R7, R8)."""

from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import BaseModel, Field, JsonValue

from claims.editions.edition import Changes, Edition, Reach, built_in_policy, policy_for
from claims.editions.parameter_names import PARAMETER_NAMES
from claims.model.labels import label
from claims.model.policy import Policy
from claims.model.terms import Category, Channel

REACH_NAMES: Final = {Reach.NEW: "生效后登记的诉求", Reach.OPEN: "生效后登记的诉求，以及尚未办结的诉求"}


class ParameterChange(BaseModel):
    """One parameter; of a channel or a category, or of all claims."""

    parameter: str
    parameter_name: str
    channel: str = ""
    channel_name: str = ""
    category: str = ""
    category_name: str = ""
    was: JsonValue = Field(description="此前的数值")
    becomes: JsonValue = Field(description="新的数值")


def changes_of(edition: Edition, earlier: Sequence[Edition]) -> list[ParameterChange]:
    """Return the changes of the policy for new claims, compared with the previous editions."""
    return list(_changes(edition, earlier))


def changes_of_built_in(edition: Edition, count: int) -> list[ParameterChange]:
    """Return a built-in edition's changes compared with the first `count` ones; for the plan itself, its content."""
    before = built_in_policy(count or 1)
    return [_change(before, name, value) for name, value in edition.changes.items()]


def _changes(edition: Edition, earlier: Sequence[Edition]) -> Iterator[ParameterChange]:
    of_whom: list[tuple[Channel | None, Category | None, Changes]] = [(None, None, edition.changes)]
    of_whom += [(channel, None, changes) for channel, changes in edition.channels.items()]
    of_whom += [(None, category, changes) for category, changes in edition.categories.items()]
    for channel, category, changes in of_whom:
        before = policy_for(earlier, edition.in_force_from, channel, category)
        for name, value in changes.items():
            yield _change(before, name, value, channel, category)


def _change(
    before: Policy,
    name: str,
    value: JsonValue,
    channel: Channel | None = None,
    category: Category | None = None,
) -> ParameterChange:
    return ParameterChange(
        parameter=name,
        parameter_name=PARAMETER_NAMES[name],
        channel=channel or "",
        channel_name=label(channel) if channel else "",
        category=category or "",
        category_name=label(category) if category else "",
        was=before.model_dump(mode="json", include={name})[name],
        becomes=value,
    )
