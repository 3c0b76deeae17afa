"""An edition of a period (R62): what is published, as bytes that anybody can reproduce, and its hash."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pydantic import JsonValue, ValidationError

from assessment.facts.exclusions import Exclusion
from assessment.scoring.figures import Figure
from assessment.scoring.score import TraceLine
from assessment.terms import Group, Measure
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Value

_EXACT: Final = frozenset({str, int, bool, type(None)})
"""JSON without floats."""
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
        """A unit's line."""
        return next((result for result in self.units if result.unit == id), None)


def canonical(edition: Edition) -> bytes:
    """Canonical JSON: UTF-8, keys sorted, no spaces, decimals as text. Raises TypeError for a float."""
    data = edition.model_dump(mode="json")
    _check_exact(data)
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _check_exact(value: JsonValue) -> None:
    if isinstance(value, float):
        raise TypeError(f"an edition holds no float: {value}")
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if set(map(type, inside)) <= _EXACT:
        return
    for each in inside:
        _check_exact(each)


def sha256(edition: Edition) -> str:
    """The hash of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(edition)).hexdigest()


def read_edition(text: bytes, expected: str = "") -> Edition:
    """An edition from its canonical JSON. Raises `Refused` where it is none, or not the one expected."""
    found = hashlib.sha256(text).hexdigest()
    if expected and found != expected:
        raise _refused(f"通报内容的哈希为{found[:12]}…，与登记的{expected[:12]}…不符")
    try:
        return Edition.model_validate_json(text)
    except ValidationError as error:
        raise _refused(f"通报内容有误（共{error.error_count()}处）") from error


def _refused(reason: str) -> Refused:
    return Refused("R62", reason, "请从归档重新取得该期通报", kind=RefusalKind.INCOMPLETE)
