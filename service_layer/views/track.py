"""View models of a public enquiry (R39)."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from claims.model.terms import LimitKind, LimitStatus, Stage
from service_layer.views.claim import ClosedView


class PublicEvent(BaseModel):
    """Something that happened to the claim."""

    at: datetime
    text: str


class PublicLimit(BaseModel):
    """A public deadline."""

    kind: LimitKind
    kind_name: str
    due_at: datetime
    last_day: date
    due_text: str
    status: LimitStatus
    status_name: str


class Track(BaseModel):
    """A claim's state."""

    number: str
    stage: Stage
    stage_name: str
    closed: ClosedView | None
    registered_at: datetime
    merged_into: str = Field(default="", description="并入后继续办理的工单编号（R48）；未并案时为空")
    same_call: list[str] = Field(description="同一次反映中分别登记的其他工单编号（R49）")
    unit_name: str = Field(description="承办单位；尚未派单时为空")
    events: list[PublicEvent]
    limits: list[PublicLimit]
