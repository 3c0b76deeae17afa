"""The unified social credit code (统一社会信用代码, GB 32100) that an enterprise is known by (§1)."""

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from claims.text.normalisation import identifier


class NotACreditCode(ValueError):
    """A text that is no code, or whose check digit is wrong."""


def credit_code(text: str) -> str:
    """Return the code in its one form: 18 characters, half width, capitals. Raises NotACreditCode."""
    try:
        return str(uscc.validate(identifier(text)))
    except ValidationError as error:
        raise NotACreditCode("不是有效的统一社会信用代码：应为18位，且校验码正确") from error
