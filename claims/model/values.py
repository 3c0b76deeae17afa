"""The base of value objects, and the actor."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from claims.model.organisation import UnitRef
from claims.model.terms import Role


class Value(BaseModel):
    """A frozen value object that ignores what later versions may add."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        """Immutable, so a deep copy of a claim shares it."""
        return self


class Actor(Value):
    """Who acts, from the token; never from a request's body."""

    sub: str
    name: str = ""
    roles: tuple[Role, ...] = ()
    unit: UnitRef | None = None

    def has(self, *roles: Role) -> bool:
        """Does the actor have one of these roles?"""
        return any(role in self.roles for role in roles)


CONSOLE = Actor(sub="console", name="系统管理员（Temporal 控制台）", roles=(Role.CONSOLE,))
"""Whoever sends a signal from the Temporal UI."""
