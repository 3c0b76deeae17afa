"""View models of a claim's journal. Instants are UTC."""

from datetime import datetime

from pydantic import BaseModel, Field

from claims.model.events import EventKind
from claims.model.terms import (
    Role,
)


class ActorView(BaseModel):
    """Who acted."""

    name: str
    roles: list[Role]
    role_names: list[str] = Field(description="身份的名称，次序相同")
    unit: str | None
    unit_name: str | None


class EntryView(BaseModel):
    """One entry of the journal."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: EventKind
    kind_name: str = Field(description="事项的名称")
    rules: list[str]
    text: str
    actor: ActorView | None
    request_id: str


class JournalView(BaseModel):
    """Every entry in order."""

    number: str
    entries: list[EntryView]
