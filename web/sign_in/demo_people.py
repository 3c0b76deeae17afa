"""The people of the embedded default, among whom a visitor chooses. They exist only where no identity provider is set."""

from typing import Final, NamedTuple

from claims.lookup.unit_tree import Organisation
from claims.model.organisation import ARBITRATION_OFFICE
from claims.model.terms import Role
from claims.model.values import Actor


class DemoPerson(NamedTuple):
    """Somebody with one role; `what` says what they do there."""

    id: str
    name: str
    role: Role
    unit: str
    what: str
    credit_code: str = ""


DEMO_PEOPLE: Final = (
    DemoPerson("operator", "刘敏", Role.OPERATOR, "", "登记诉求，即时答复，派单"),
    DemoPerson("caller", "陈晨", Role.CALLER, "", "12345 回访评价"),
    DemoPerson("supervisor", "赵刚", Role.SUPERVISOR, "", "退单、延期、核实，亮牌撤销"),
    DemoPerson("power-handler", "孙磊", Role.HANDLER, "ZZ-GD", "市供电公司经办人：签收、联系、答复、反馈"),
    DemoPerson("power-head", "李建国", Role.HEAD, "ZZ-GD", "市供电公司主要负责人：签字"),
    DemoPerson("water-handler", "周婷", Role.HANDLER, "ZZ-SWJ", "经办人"),
    DemoPerson("tengzhou-handler", "马超", Role.HANDLER, "QX-370481", "滕州市：二级派单，转下级办理"),
    DemoPerson("tengzhou-head", "秦岭", Role.HEAD, "QX-370481", "滕州市主要负责人：签字"),
    DemoPerson("arbiter", "吴越", Role.ARBITER, ARBITRATION_OFFICE, "裁定承办单位"),
    DemoPerson("coordinator", "何平", Role.COORDINATOR, "", "领导小组：剔除、发布测评"),
    DemoPerson("inspector", "郑重", Role.INSPECTOR, "", "领导小组：督导问效"),
    DemoPerson("auditor", "钱谨", Role.AUDITOR, "", "查阅全部，不作改动"),
    DemoPerson("admin", "管宁", Role.ADMIN, "", "运行、日历、版本"),
    DemoPerson(
        "enterprise",
        "山东拓岳精密铸造有限公司",
        Role.ENTERPRISE,
        "",
        "反映诉求，查询进度",
        "91370400MA2979280T",
    ),
)


def demo_person(id: str) -> DemoPerson | None:
    """Return the person with this id."""
    return next((person for person in DEMO_PEOPLE if person.id == id), None)


def actor_for(person: DemoPerson, organisation: Organisation) -> Actor:
    """Return the person as they act."""
    unit = organisation.ref(organisation.acts_for(person.unit)) if person.unit else None
    return Actor(
        sub=f"demo-{person.id}",
        name=person.name,
        roles=(person.role,),
        unit=unit,
        credit_code=person.credit_code,
    )
