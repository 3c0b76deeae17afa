"""An edition of a period (R62): what is published, as bytes that anybody can reproduce, and its hash."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from assessment.facts.exclusions import Exclusion
from assessment.scoring.figures import Figure
from assessment.scoring.score import TraceLine
from assessment.terms import Group, Measure
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Value

Shown = Mapping[Measure, Figure]
"""The published measures."""


class PlatformDelay(Value):
    """The platform's own delays of one kind: `n` late of `of`."""

    kind: str
    n: int
    of: int
    claims: tuple[str, ...] = ()
    """The late ones."""


class UnitResult(Value):
    """One unit's line, with everything that explains it."""

    unit: str
    name: str
    former_names: tuple[str, ...] = ()
    """Other names under which it, or a unit merged into it, was given claims within the period."""
    group: Group
    valid_claims: int
    measures: Shown
    penalty: Decimal
    bonus: Decimal
    score: Decimal | None
    band: str
    rank: int | None
    trace: tuple[TraceLine, ...]


class Area(Value):
    """A district as the place where enterprises are, or a group of units: pooled, without a score."""

    id: str
    measures: Shown


class Edition(Value):
    """Everything about a period that is published; when and by whom is not part of it."""

    period: str
    edition: int
    scheme: str
    built_on: Mapping[str, str] = {}
    """The hashes of the monthly editions behind it, by period; none behind a month's own."""
    seed: str = ""
    """Of the re-interview sample, where there is one."""
    units: tuple[UnitResult, ...]
    districts: tuple[Area, ...] = ()
    groups: tuple[Area, ...] = ()
    platform: tuple[PlatformDelay, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    differs_from: int | None = None
    """The edition before, which this one corrects."""

    def unit(self, id: str) -> UnitResult | None:
        """Return a unit's line."""
        return next((result for result in self.units if result.unit == id), None)


def canonical(edition: Edition) -> bytes:
    """Canonical JSON: UTF-8, keys sorted, no spaces, decimals as text. Raises TypeError for a float."""
    return to_json(_in_order(edition))


def _in_order(value: object) -> object:
    """Return the value with the keys of every object sorted. A list that starts with a text contains only
    texts (many claims), so its items are skipped.
    """
    if isinstance(value, BaseModel):
        return {name: _in_order(getattr(value, name)) for name in sorted(type(value).model_fields)}
    if isinstance(value, Mapping):
        return {key: _in_order(value[key]) for key in sorted(value)}
    if isinstance(value, tuple | list):
        return value if value and isinstance(value[0], str) else [_in_order(each) for each in value]
    if isinstance(value, float):
        raise TypeError(f"an edition holds no float: {value}")
    return value


def sha256(edition: Edition) -> str:
    """Return the hash of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(edition)).hexdigest()


def read_edition(text: bytes, expected: str = "") -> Edition:
    """Return an edition from its canonical JSON. Raises `Refused` where it is none, or not the one expected."""
    found = hashlib.sha256(text).hexdigest()
    if expected and found != expected:
        raise _refused(f"通报内容的哈希为{found[:12]}…，与登记的{expected[:12]}…不符")
    try:
        return Edition.model_validate_json(text)
    except ValidationError as error:
        raise _refused(f"通报内容有误（共{error.error_count()}处）") from error


def _refused(reason: str) -> Refused:
    return Refused("R62", reason, "请从归档重新取得该期通报", kind=RefusalKind.INCOMPLETE)
