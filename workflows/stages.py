"""The stages of the procedure (办理流程) in the plan's order, with their names in the log and the Temporal UI."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from claims.model.terms import Stage

PROCEDURE: Final[Mapping[Stage, tuple[str, str]]] = MappingProxyType(
    {
        Stage.REGISTERED: ("§二.三.2", "分类处置：即时答复、不予受理或派单"),
        Stage.ANSWERED: ("R12", "即时答复后的满意度回访"),
        Stage.HANDLING: ("§二.四", "限期办理：1个工作日联系，2个答复，10个（延期25个）解决"),
        Stage.REDETERMINATION: ("§二.三.2", "退单核定，承办单位时限暂停"),
        Stage.ARBITRATION: ("§二.三.2", "市委编办会同市司法局裁定"),
        Stage.CALL_BACK: ("§二.五.3", "回访评价"),
        Stage.REDO: ("§二.五.3", "不满意件当日退回，5个工作日重办"),
        Stage.REVIEW: ("§二.六.2", "报送不满意诉求审核反馈表"),
        Stage.VERIFICATION: ("§二.六.2", "平台核实"),
        Stage.COMPLETION: ("§二.六.3", "责成限期办结"),
        Stage.LEADERSHIP: ("R45", "提请领导小组研究"),
        Stage.CLOSED: ("R41", "办结后跟踪：重新打开、解释说明、核对联系记录"),
    }
)
"""Clause and name of each. Who may do what in each is `claims.lifecycle`'s table; the limits that each starts are
`claims.limits`'."""
