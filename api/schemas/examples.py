"""A complete example body of each action, for the documentation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue

from claims.model.terms import Action

REGISTRATION: Final[Mapping[str, JsonValue]] = MappingProxyType(
    {
        "channel": "12345",
        "external_id": "ZZ12345-20261124-0017",
        "enterprise": "山东拓岳精密铸造有限公司",
        "contact": "王经理",
        "phone": "0632-5550004",
        "enterprise_status": "operating",
        "district": "滕州市",
        "town": "级索镇",
        "category": "help",
        "subcategory": "企业全生命周期运行中的困难和问题",
        "matter": "厂区二期变压器已安装到位一个多月，供电验收一直排不上。",
    }
)

_SIGNATURE: Final[JsonValue] = {"head": "李主任", "paper": "att-0001"}
_AT: Final = "2026-11-24T10:30:00+08:00"

_FIELDS: Final[Mapping[Action, Mapping[str, JsonValue]]] = MappingProxyType(
    {
        Action.ANSWER: {"article": "KB-001", "text": "可以在预缴时先享受，资料留存备查。"},
        Action.DECLINE: {"reason": "已进入诉讼程序", "door": "受理案件的人民法院（12368）"},
        Action.DISPATCH: {"unit": "ZZ-GD", "co_units": ["ZZ-ZJJ"], "basis": ""},
        Action.SIGN_FOR: {},
        Action.REJECT: {
            "reason": "用水问题不属供电职责",
            "basis": "枣庄市机构职能规定",
            "suggested_unit": "ZZ-SWJ",
            "signature": _SIGNATURE,
        },
        Action.REDETERMINE: {"decision": "redispatch", "unit": "ZZ-SWJ", "reason": "退单理由成立"},
        Action.REFER: {"reason": "职责交叉，平台不能确定"},
        Action.ARBITRATE: {"unit": "ZZ-ZJJ", "reason": "按机构职能规定由其承办"},
        Action.CONTACT: {"at": _AT, "means": "电话", "person": "王经理", "summary": "已约定上门时间"},
        Action.REPLY: {"text": "已安排验收，三日内完成送电。"},
        Action.FEEDBACK: {"outcome": "resolved", "summary": "验收合格，已送电。"},
        Action.PROGRESS: {"summary": "验收人员已到现场。"},
        Action.DELEGATE: {"unit": "QX-370481-ZJJ"},
        Action.REQUEST_EXTENSION: {
            "kind": "difficult",
            "reason": "线路改造须分批停电",
            "work_so_far": "已完成现场勘察",
            "plan": "分三批改造，12月底前完成",
            "explained": {"at": _AT, "means": "电话", "person": "王经理"},
            "signature": _SIGNATURE,
        },
        Action.DECIDE_EXTENSION: {"approve": True, "reason": "情况属实"},
        Action.CALL_BACK: {"reached": True, "grade": "satisfied", "resolved": True, "contacted": True},
        Action.SPLIT: {
            "matters": [
                {"matter": "厂区二期变压器验收排不上。"},
                {"matter": "厂区门前道路破损，货车进出困难。", "category": "suggestion"},
            ]
        },
        Action.REPORT_PART: {"outcome": "done", "text": "道路占用手续已办结。"},
        Action.REVIEW_FORM: {
            "first_result": "已安排验收，因线路改造未能按期送电",
            "second_result": "线路改造完成，已送电",
            "reasons": "企业认为送电时间过长",
            "basis": "供电营业规则",
            "signature": _SIGNATURE,
            "seal": "att-0002",
        },
        Action.VERIFY: {"compliant": False, "opinion": "补偿事项尚未答复", "order_days": 5},
        Action.CONFIRM_FALSE_FEEDBACK: {"evidence": "核对通话记录，登记时段内无通话"},
        Action.MERGE: {"into": "QH202611240001"},
        Action.REOPEN: {"reason": "当时电话未接通，问题仍未解决"},
        Action.REMIND: {"text": "请尽快办理"},
        Action.SUPPLEMENT: {"text": "补充：变压器编号 TZ-2026-118。"},
        Action.WITHDRAW: {"reason": "企业已自行解决", "confirmed_by_call": True},
    }
)


def example_of(action: Action) -> dict[str, JsonValue]:
    """Return a complete body."""
    return {"request_id": f"{action.value}-0001", **_FIELDS.get(action, {})}
