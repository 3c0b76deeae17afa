"""The body of a registration (R10)."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from claims.model.terms import Category, Channel, EnterpriseStatus
from claims.text.credit_code import credit_code
from claims.text.normalisation import checked, claim_number, identifier, one_line
from claims.text.phones import normalised

LONGEST_PHONES: Final = 200
BY_CODE: Final = "（短信验证码）"
"""Suffix of the displayed name of an enterprise that acts by a one-time code."""


def _clean(value: object) -> object:
    return checked(value) if isinstance(value, str) else value


def _code(text: str) -> str:
    return credit_code(text) if text else ""


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
_Clean: Final = BeforeValidator(_clean)
EnterpriseName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    _Clean,
    AfterValidator(one_line),
]
ExternalId = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), _Clean, AfterValidator(identifier)
]
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_PHONES),
    _Clean,
    AfterValidator(normalised),
]
CreditCode = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=60), _Clean, AfterValidator(_code)
]


class Registration(BaseModel):
    """A claim as a channel sends it."""

    model_config = ConfigDict(extra="ignore")

    channel: Channel = Field(description="来源渠道")
    external_id: ExternalId = Field(default="", description="渠道自己的编号；同一渠道同一编号只登记一次")
    enterprise: EnterpriseName = Field(description="企业名称")
    credit_code: CreditCode = Field(
        default="", description="统一社会信用代码（18位）；已签约待落地、尚无代码的可不填"
    )
    contact: EnterpriseName = Field(description="联系人")
    phone: Phone = Field(description="联系电话；可填多个，用顿号分开，可带分机（转801）")
    enterprise_status: EnterpriseStatus = Field(
        default=EnterpriseStatus.OPERATING, description="operating 在营，contracted 已签约待落地"
    )
    district: Line = Field(default="", description="区（市）编号或简称")
    town: Line = Field(default="", description="镇（街）")
    category: Category = Field(
        description="consultation 咨询，help 求助，suggestion 意见建议，complaint 投诉"
    )
    subcategory: Line = Field(default="", description="小类（GET /directory/subcategories 所列）；可不填")
    matter: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)] = Field(
        description="诉求内容"
    )

    linked_to: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=40), _Clean, AfterValidator(claim_number)
    ] = Field(default="", description="关联的已办结工单编号（R48：同一事项有新情况）")
    complained_of: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] = Field(
        default="", description="被投诉单位的编号；仅投诉类"
    )
