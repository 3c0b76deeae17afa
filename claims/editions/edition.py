"""Editions: dated changes of the policy, each with its source document (R7), and own numbers (R8).

An edition is published like a holiday arrangement. The policy of a claim follows from the editions that are in force
and reach it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Final

from pydantic import AwareDatetime, Field, JsonValue

from claims.model.policy import Policy
from claims.model.terms import Category, Channel
from claims.model.values import Value

Changes = Mapping[str, JsonValue]
"""New values of the policy's parameters, by name."""


class Reach(StrEnum):
    """Whom an edition reaches: claims registered while it is in force, or those that were open by then as well."""

    NEW = "new"
    OPEN = "open"


class Edition(Value):
    """A change of the policy. `channels` and `categories` hold numbers of their own (R8)."""

    id: str
    source: str
    in_force_from: AwareDatetime
    reaches: Reach
    changes: Changes = Field(default_factory=dict)
    channels: Mapping[Channel, Changes] = Field(default_factory=dict)
    categories: Mapping[Category, Changes] = Field(default_factory=dict)
    note: str = ""

    def changes_for(
        self, channel: Channel | None, category: Category | None
    ) -> tuple[Changes, Changes, Changes]:
        """Return what it changes for all claims, and the own numbers of a channel and of a category."""
        of_channel = self.channels.get(channel, {}) if channel else {}
        of_category = self.categories.get(category, {}) if category else {}
        return self.changes, of_channel, of_category


LOWER_IS_STRICTER: Final = frozenset(
    {
        "dispatch_days",
        "return_window_days",
        "redetermine_days",
        "arbitrate_days",
        "contact_days",
        "reply_days",
        "resolve_days",
        "extended_resolve_days",
        "extension_decision_days",
        "supervised_feedback_days",
        "call_back_days",
        "redo_days",
        "at_least_days",
        "review_form_days",
        "verification_days",
        "ordered_completion_days",
        "ordered_completion_most_days",
        "escalate_after_red_days",
        "max_orders",
        "max_dispatches",
    }
)
"""R8: own numbers of which the smaller is the stricter."""
HIGHER_IS_STRICTER: Final = frozenset(
    {
        "warning_days",
        "reminders_after_red",
        "unreachable_attempts",
        "unreachable_attempt_days",
        "link_days",
        "reopening_days",
        "explanation_days",
        "dispute_days",
        "answered_follow_up_days",
    }
)
"""R8: own numbers of which the larger is the stricter: more care for the enterprise."""
OWN_NUMBERS: Final = LOWER_IS_STRICTER | HIGHER_IS_STRICTER
"""Parameters that a channel or category can override."""


_BUILT_IN: Final = ("2021-4", "2021-4-1", "2021-4-2")
"""The files of the built-in editions, in their order."""


@lru_cache(maxsize=1)
def built_in_editions() -> tuple[Edition, ...]:
    """Return the plan of the city, with the defaults where it is silent; then what the rulebook decided
    later. They come before every published edition.
    """
    folder = resources.files("claims") / "editions"
    read = (json.loads((folder / f"{id}.json").read_text("utf-8")) for id in _BUILT_IN)
    return tuple(
        Edition.model_validate({**raw, "in_force_from": f"{raw['in_force_from']}T00:00:00+08:00"})
        for raw in read
    )


def built_in_policy(count: int | None = None) -> Policy:
    """Return the policy of the built-in editions, or of the first ones."""
    editions = built_in_editions()[:count]
    changes = {name: value for edition in editions for name, value in edition.changes.items()}
    version = "+".join(edition.id for edition in editions)
    return Policy.model_validate({**changes, "version": version, "built_in": len(editions)})


def policy_for(
    editions: Sequence[Edition],
    at: datetime,
    channel: Channel | None = None,
    category: Category | None = None,
    *,
    registered_at: datetime | None = None,
) -> Policy:
    """Return the policy at an instant of a claim that was registered then, or at `registered_at` (R7).

    `editions` are the published ones in their order. An own number of a channel or a category stands until an
    edition changes it; where both have one, the stricter applies (R8).
    """
    built_in = built_in_policy()
    general: dict[str, JsonValue] = built_in.model_dump(mode="json")
    of_channel: dict[str, JsonValue] = {}
    of_category: dict[str, JsonValue] = {}
    names, revision = [built_in.version], 0
    for n, edition in enumerate(editions, start=1):
        changes = edition.changes_for(channel, category)
        if any(changes) and is_reached(edition, at, registered_at or at):
            for known, new in zip((general, of_channel, of_category), changes, strict=True):
                known.update(new)
            names.append(edition.id)
            revision = n
    own = _stricter(of_channel, of_category)
    return Policy.model_validate({**general, **own, "version": "+".join(names), "revision": revision})


def is_reached(edition: Edition, at: datetime, registered_at: datetime) -> bool:
    """Does the edition reach a claim of that registration at an instant (R7)?"""
    is_new = registered_at >= edition.in_force_from
    return edition.in_force_from <= at and (is_new or edition.reaches is Reach.OPEN)


def policy_after(
    policy: Policy,
    editions: Sequence[Edition],
    at: datetime,
    channel: Channel | None = None,
    category: Category | None = None,
    *,
    registered_at: datetime,
) -> Policy:
    """Return a policy after the editions that it does not include yet; the same object if none reaches it.

    Unchanged parameters stay, even if they differ from the plan: a policy may be older than some of its
    parameters.
    """
    later = [
        (n, edition, edition.changes_for(channel, category))
        for n, edition in enumerate(editions, start=1)
        if n > policy.revision and is_reached(edition, at, registered_at)
    ]
    later = [item for item in later if any(item[2])]
    built_in = built_in_editions()[policy.built_in :]
    if not (later or built_in):
        return policy
    full = policy_for(editions, at, channel, category, registered_at=registered_at)
    names = {name for edition in built_in for name in edition.changes}
    names |= {name for _, _, changes in later for part in changes for name in part}
    version = "+".join((policy.version, *(one.id for one in built_in), *(one.id for _, one, _ in later)))
    revision = later[-1][0] if later else policy.revision
    of_the_system = {"version": version, "revision": revision, "built_in": full.built_in}
    return policy.model_copy(update={**{name: getattr(full, name) for name in names}, **of_the_system})


def editions_between(old: Policy, new: Policy, published: Sequence[Edition]) -> tuple[Edition, ...]:
    """Return the editions that a policy may follow from and the one before it does not."""
    built_in = built_in_editions()[old.built_in : new.built_in]
    return (*built_in, *published[old.revision : new.revision])


def _stricter(one: Changes, other: Changes) -> Changes:
    """R8: both, and of what both have the stricter."""
    both = {**one, **other}
    for name in one.keys() & other.keys():
        choose = min if name in LOWER_IS_STRICTER else max
        both[name] = choose(_number(one[name]), _number(other[name]))
    return both


def _number(value: JsonValue) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no own number")
    return value
