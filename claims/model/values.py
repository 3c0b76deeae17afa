"""The base of value objects, and the actor."""

from typing import Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
)

from claims.model.organisation import UnitRef
from claims.model.terms import Channel, Role

_ROLES: Final = frozenset(Role)
_CHANNELS: Final = frozenset(Channel)


class Value(BaseModel):
    """A frozen value object that ignores what later versions may add."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        """Immutable, so a deep copy of a claim shares it."""
        return self


class FlatModel(BaseModel):
    """A mutable model whose fields are all immutable: a deep copy need not copy them."""

    def __deepcopy__(self, memo: dict[int, object] | None = None) -> Self:
        return self.model_copy()


class Actor(Value):
    """Who acts, from the token; never from a request's body."""

    sub: str
    name: str = ""
    roles: tuple[Role, ...] = ()
    unit: UnitRef | None = None
    credit_code: str = ""
    """An enterprise's 统一社会信用代码 (§1)."""
    channel: Channel | None = None
    """The source system that a `channel` stands for (R10)."""
    claims: tuple[str, ...] = ()
    """The claims whose enterprise this is by a one-time code (R39), whatever else it owns."""

    @field_validator("roles", mode="before")
    @classmethod
    def _known_roles(cls, roles: object) -> object:
        """A role of a newer API gives its holder nothing here, and does not make the action unreadable."""
        if not isinstance(roles, list | tuple):
            return roles
        return [role for role in roles if isinstance(role, str) and role in _ROLES]

    @field_validator("channel", mode="before")
    @classmethod
    def _known_channel(cls, channel: object) -> object:
        """Likewise a channel of a newer API."""
        return channel if isinstance(channel, str) and channel in _CHANNELS else None

    @model_serializer(mode="wrap")
    def _as_officials_were(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without what officials do not have, so that their acts are written as histories have them."""
        found: dict[str, object] = serialize(self)
        for name in ("credit_code", "channel", "claims"):
            if not found.get(name):
                found.pop(name, None)
        return found

    def has(self, *roles: Role) -> bool:
        """Return whether the actor has one of these roles."""
        return any(role in self.roles for role in roles)


CONSOLE = Actor(sub="console", name="系统管理员（Temporal 控制台）", roles=(Role.CONSOLE,))
"""The sender of a signal in the Temporal UI."""


def console_of(person: str) -> Actor:
    """Return the same, by the administrator's own name where it is known."""
    return CONSOLE.model_copy(update={"name": f"{person[:64]}（Temporal 控制台）"}) if person else CONSOLE


def is_console(actor: Actor) -> bool:
    """Return whether it was sent in the Temporal UI."""
    return (actor.sub, actor.roles) == (CONSOLE.sub, CONSOLE.roles)
