"""View models of a unit, its lights and its measures (R21, R33-R36)."""

from datetime import datetime

from pydantic import BaseModel, Field

from claims.model.organisation import Recipient, UnitKind, UnitLevel, UnitRole
from claims.model.terms import Colour, LimitKind
from claims.model.unit_account import MeasureKind, MeasureStatus, Note
from records.queries.units import UnitCounts


class UnitSummary(BaseModel):
    """One unit of the tree."""

    id: str
    name: str
    short: str
    level: UnitLevel
    kind: UnitKind
    parent: str | None
    roles: list[UnitRole]
    handles: bool = Field(description="可以派单给它")
    accountable: str = Field(description="亮灯记在哪个单位")
    counts: UnitCounts | None = Field(description="办理中、已办结的工单和有效的黄灯、红灯；无权查看时为 null")


class UnitLight(BaseModel):
    """A light of a unit."""

    id: str
    number: str
    unit: str
    colour: Colour
    colour_name: str = Field(description="亮牌颜色的名称")
    limit: LimitKind
    limit_name: str = Field(description="时限的名称")
    dispatch: int
    round: int
    at: datetime
    caused_by: str
    caused_by_name: str
    revoked: bool


class MeasureView(BaseModel):
    """An interview (R35) or an accountability file (R36)."""

    id: str
    kind: MeasureKind
    kind_name: str
    status: MeasureStatus
    status_name: str
    lights: list[str] = Field(description="所依据的亮牌")
    rule: str
    reason: str
    opened_at: datetime
    due_at: datetime | None = Field(description="约谈时限")
    missed: bool = Field(description="约谈时限已过，尚无记录")
    superseded: bool = Field(description="所依据的亮牌已撤销，但已有办理记录")
    paper: str | None = Field(description="约谈记录或问责材料的附件编号；尚未制发为 null")
    notes: list[Note]


class UnitView(UnitSummary):
    """A unit with its lights."""

    path: list[str] = Field(description="自本单位至市的各级编号")
    children: list[str]
    duties: str
    recipients: list[Recipient] = Field(description="工单接收岗位（R20）")
    lights: list[UnitLight] | None = Field(description="全部黄灯、红灯，含已撤销的；无权查看时为 null")
    measures: list[MeasureView] | None = Field(description="约谈与问责；无权查看时为 null")


class Units(BaseModel):
    """The whole tree, in its order."""

    units: list[UnitSummary]
