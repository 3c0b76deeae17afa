"""A clue and what people do with it (R64)."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from assessment.cases.model import CaseBody, CaseState, Papers, Reason, ShortText
from claims.model.messages.field_types import UnitId
from claims.model.terms import Role
from claims.model.values import Value

ClaimNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Links = Annotated[tuple[ClaimNumber, ...], Field(max_length=50)]
Concerned = Annotated[tuple[UnitId, ...], Field(max_length=20)]


class ClueStage(StrEnum):
    """The stage of a clue."""

    NEW = "new"
    RECORDED = "recorded"
    TRANSFERRED = "transferred"
    RECEIPTED = "receipted"
    CLOSED = "closed"


CLUE_STAGES: Final = {
    ClueStage.NEW: "未登记",
    ClueStage.RECORDED: "已登记",
    ClueStage.TRANSFERRED: "已移送",
    ClueStage.RECEIPTED: "已签收",
    ClueStage.CLOSED: "已办结",
}


class ClueAction(StrEnum):
    """The workflow has a signal of the same name."""

    RECORD = "record"
    LINK = "link"
    TRANSFER = "transfer"
    RECEIPT = "receipt"
    EXPOSE = "expose"
    CLOSE = "close"


class RecordClue(CaseBody):
    """What a secret visit has found."""

    found_at: datetime = Field(description="发现时间")
    place: ShortText = Field(default="", description="地点")
    text: Reason = Field(description="线索内容")
    claims: Links = Field(default=(), description="所涉工单")
    units: Concerned = Field(default=(), description="所涉单位")
    evidence: Papers = Field(default=(), description="材料编号")


class LinkClue(CaseBody):
    """Further claims, units and materials."""

    claims: Links = Field(default=(), description="所涉工单")
    units: Concerned = Field(default=(), description="所涉单位")
    evidence: Papers = Field(default=(), description="材料编号")


class TransferClue(CaseBody):
    """移送纪检监委, with a paper."""

    to: ShortText = Field(min_length=1, description="移送的纪检监委")
    paper: ShortText = Field(min_length=1, description="移送函文号或附件编号")
    text: Reason = Field(description="移送意见")


class ReceiptClue(CaseBody):
    """纪检监委 has signed for it."""

    paper: ShortText = Field(min_length=1, description="回执文号或附件编号")
    person: ShortText = Field(min_length=1, description="签收人")


class ExposeClue(CaseBody):
    """It was exposed in public."""

    medium: ShortText = Field(min_length=1, description="曝光的媒体或栏目")
    text: Reason = Field(description="曝光情况")


class CloseClue(CaseBody):
    """Nothing is left to do about it."""

    text: Reason = Field(description="办结情况")


CLUE_BODIES: Final[Mapping[ClueAction, type[CaseBody]]] = MappingProxyType(
    {
        ClueAction.RECORD: RecordClue,
        ClueAction.LINK: LinkClue,
        ClueAction.TRANSFER: TransferClue,
        ClueAction.RECEIPT: ReceiptClue,
        ClueAction.EXPOSE: ExposeClue,
        ClueAction.CLOSE: CloseClue,
    }
)
CLUE_NAMES: Final = {
    ClueAction.RECORD: "登记线索",
    ClueAction.LINK: "补充线索",
    ClueAction.TRANSFER: "移送线索",
    ClueAction.RECEIPT: "登记回执",
    ClueAction.EXPOSE: "登记曝光",
    ClueAction.CLOSE: "办结线索",
}
READERS: Final = (Role.INSPECTOR,)
"""R64: 督导问效组 alone; nobody else learns even that there is one."""


class Transfer(Value):
    """To whom, with which paper."""

    to: str
    paper: str
    text: str
    at: datetime
    receipt: str = ""
    receipt_by: str = ""


class Exposure(Value):
    """Where it was exposed."""

    medium: str
    text: str
    at: datetime


class ClueState(CaseState):
    """Everything about a clue."""

    id: str
    stage: ClueStage = ClueStage.NEW
    found_at: datetime | None = None
    place: str = ""
    text: str = ""
    claims: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    transfer: Transfer | None = None
    exposures: tuple[Exposure, ...] = ()
    closing: str = ""
