"""The columns of each export: heading and cell."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from claims.model.labels import end_of, label
from claims.notifications import STATE_NAMES, what
from documents.spreadsheets import Cell, Row
from records.contact_readings import KeptRead
from records.outbox import Delivery
from records.queries.export_rows import LetterLine, LightLine, PartLine
from service_layer.views.claim_list import ClaimSummary

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[Line]):
    """A kind of export: its title, and each column's heading and cell."""

    title: str
    columns: Mapping[str, Callable[[Line], Cell]]

    @property
    def headings(self) -> list[str]:
        """From left to right."""
        return list(self.columns)

    def rows(self, lines: Iterable[Line]) -> Iterator[Row]:
        """Return one for each line."""
        return ([cell(line) for cell in self.columns.values()] for line in lines)


CLAIMS: Final[Sheet[ClaimSummary]] = Sheet(
    "工单",
    {
        "工单编号": lambda row: row.number,
        "阶段": lambda row: row.stage_name,
        "承办单位": lambda row: row.unit_name,
        "区（市）": lambda row: row.district_name,
        "类别": lambda row: label(row.category),
        "来源渠道": lambda row: label(row.channel),
        "企业名称": lambda row: row.enterprise,
        "诉求事项": lambda row: row.matter,
        "亮灯": lambda row: label(row.light) if row.light else "",
        "现在轮到": lambda row: row.whose_turn,
        "最近截止时间": lambda row: row.next_due_text,
        "全部时限": lambda row: "；".join(
            f"{limit.kind_name} {limit.due_text} {limit.status_name}" for limit in row.limits
        ),
        "登记时间": lambda row: row.registered_at,
        "更新时间": lambda row: row.updated_at,
        "办结方式": lambda row: row.closed.reason_name if row.closed else "",
        "办结时间": lambda row: row.closed.at if row.closed else None,
    },
)
LIGHTS: Final[Sheet[LightLine]] = Sheet(
    "亮灯",
    {
        "编号": lambda row: row.id,
        "工单编号": lambda row: row.number,
        "单位": lambda row: row.unit_name,
        "责任单位": lambda row: row.caused_by_name,
        "颜色": lambda row: label(row.colour),
        "时限": lambda row: label(row.limit),
        "第几次派单": lambda row: row.dispatch,
        "轮次": lambda row: row.round,
        "亮灯时间": lambda row: row.at,
        "已撤销": lambda row: "是" if row.revoked else "",
    },
)
LETTERS: Final[Sheet[LetterLine]] = Sheet(
    "督办函",
    {
        "编号": lambda row: row.id,
        "文号": lambda row: row.document_number or "",
        "工单编号": lambda row: row.number,
        "单位": lambda row: row.unit_name,
        "时限": lambda row: label(row.limit),
        "发函时间": lambda row: row.at,
        "内容": lambda row: row.text,
    },
)
PARTS: Final[Sheet[PartLine]] = Sheet(
    "协办事项",
    {
        "工单编号": lambda row: row.number,
        "第几次派单": lambda row: row.dispatch,
        "协办单位": lambda row: row.unit_name,
        "首接单位": lambda row: row.lead_name,
        "截止时间": lambda row: end_of(row.last_day, row.due_at) if row.last_day and row.due_at else "",
        "签收时间": lambda row: row.signed_for_at,
        "报送时间": lambda row: row.reported_at,
        "报送结果": lambda row: label(row.outcome) if row.outcome else "",
        "协办情况": lambda row: row.text,
        "协办超期": lambda row: "是" if row.overdue else "",
    },
)
READS: Final[Sheet[KeptRead]] = Sheet(
    "联系信息读取记录",
    {
        "序号": lambda row: row.id,
        "时间": lambda row: row.at,
        "工单编号": lambda row: row.number,
        "读取内容": lambda row: row.what.label,
        "附件编号": lambda row: row.attachment,
        "读取人标识": lambda row: row.sub,
        "读取人": lambda row: row.name,
        "身份": lambda row: "、".join(label(role) for role in row.roles),
        "单位编号": lambda row: row.unit,
        "接口": lambda row: row.route,
        "请求编号": lambda row: row.request_id,
    },
)


def notices(names: Mapping[str, str]) -> Sheet[Delivery]:
    """With the addressees' names."""
    return Sheet(
        "通知台账",
        {
            "编号": lambda row: row.id,
            "工单编号": lambda row: row.number,
            "收件单位": lambda row: names.get(row.addressee, row.addressee),
            "事项": lambda row: what(row.kind, "见平台"),
            "时间": lambda row: row.at,
            "通道": lambda row: row.channel,
            "状态": lambda row: STATE_NAMES[row.state],
            "次数": lambda row: row.tries,
            "原因": lambda row: row.error,
            "送达时间": lambda row: row.ended_at,
        },
    )
