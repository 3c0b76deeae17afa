"""The sample of a quarter's re-interviews (R62), drawn so that anybody can draw it again.

The seed is the SHA-256 of the period and the hashes of the published editions that it is built on, a line each:
nobody knows it before they are published, nobody can change it afterwards. A unit's claims are put in the order of
the SHA-256 of `seed/unit/claim`; the first ones are the sample.
"""

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import ceil

from assessment.periods import Period
from assessment.scoring.figures import Figure
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Value


class Reinterview(Value):
    """The answer of a claim's enterprise in a re-interview; `satisfied` is None if nobody was reached."""

    claim: str
    unit: str
    satisfied: bool | None


def seed(period: Period, hashes: Iterable[str]) -> str:
    """Return the seed, in hexadecimal; `hashes` in the order of the months."""
    return hashlib.sha256("\n".join([str(period), *hashes]).encode()).hexdigest()


def sample(seed: str, unit: str, claims: Iterable[str], *, share: Decimal, at_least: int) -> tuple[str, ...]:
    """Return the claims to re-interview, in the order drawn: a share of all, rounded up, and no fewer than
    the minimum.
    """
    drawn = sorted(set(claims), key=lambda claim: (_draw(seed, unit, claim), claim))
    return tuple(drawn[: max(at_least, ceil(Fraction(share) * len(drawn)))])


def _draw(seed: str, unit: str, claim: str) -> str:
    return hashlib.sha256(f"{seed}/{unit}/{claim}".encode()).hexdigest()


def answers_of(unit: str, drawn: tuple[str, ...], answers: Iterable[Reinterview]) -> Figure:
    """Satisfied of those reached. Raises `Refused` where an answer is missing, given twice, or not of the sample."""
    given: dict[str, bool | None] = {}
    for answer in answers:
        if answer.unit != unit:
            continue
        if answer.claim in given:
            raise _refused(f"{answer.claim}的再回访结果重复")
        if answer.claim not in drawn:
            raise _refused(f"{answer.claim}不在{unit}的再回访样本之内")
        given[answer.claim] = answer.satisfied
    if missing := [claim for claim in drawn if claim not in given]:
        raise _refused(f"{unit}还缺少{len(missing)}件再回访结果：{'、'.join(missing[:3])}")
    reached = sorted(claim for claim, satisfied in given.items() if satisfied is not None)
    lost = tuple(claim for claim in reached if not given[claim])
    return Figure(n=len(reached) - len(lost), of=len(reached), claims=tuple(reached), lost=lost)


def _refused(reason: str) -> Refused:
    return Refused("R62", reason, "请核对再回访登记", kind=RefusalKind.INCOMPLETE)
