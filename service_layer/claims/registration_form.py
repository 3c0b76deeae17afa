"""What a channel sends to register a claim (R10)."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from claims.model.terms import Category, Channel, EnterpriseStatus

PHONE_DIGITS: Final = range(5, 26)

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
FilledLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^\+?[0-9][0-9 ()*#,转-]{3,38}[0-9]$"),
]


class Registration(BaseModel):
    """A claim as a channel sends it."""

    model_config = ConfigDict(extra="ignore")

    channel: Channel = Field(description="来源渠道")
    external_id: Line = Field(default="", description="渠道自己的编号；同一渠道同一编号只登记一次")
    enterprise: FilledLine = Field(description="企业名称")
    contact: FilledLine = Field(description="联系人")
    phone: Phone = Field(description="联系电话")
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

    linked_to: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = Field(
        default="", description="关联的已办结工单编号（R48：同一事项有新情况）"
    )

    @field_validator("phone")
    @classmethod
    def _has_enough_digits(cls, phone: str) -> str:
        if not PHONE_DIGITS.start <= len(digits_of(phone)) < PHONE_DIGITS.stop:
            raise ValueError(f"应有{PHONE_DIGITS.start}至{PHONE_DIGITS.stop - 1}位数字")
        return phone


def digits_of(phone: str) -> str:
    """The digits of a phone number."""
    return "".join(char for char in phone if char in "0123456789")
