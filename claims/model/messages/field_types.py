"""Types of the fields of bodies: texts of people, names, ids, instants, signatures, each with its greatest length."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from claims.model.claim_parts import Signature

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
UnitId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
RequestId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]

_YEARS: Final = range(2000, 2100)
_LONGEST_NAME: Final = 200


def _check_year(at: datetime) -> datetime:
    if at.year not in _YEARS:
        raise ValueError("年份不对")
    return at


def _check_length(signature: Signature) -> Signature:
    if max(len(signature.head), len(signature.paper)) > _LONGEST_NAME:
        raise ValueError(f"不得超过{_LONGEST_NAME}个字")
    return signature


Instant = Annotated[AwareDatetime, AfterValidator(_check_year)]
Signed = Annotated[Signature, AfterValidator(_check_length)]
