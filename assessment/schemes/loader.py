"""Reading schemes: the packaged files, and whatever the city has adopted since."""

import json
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import NoReturn

from pydantic import ValidationError

from assessment.periods import Period
from assessment.schemes.model import Scheme
from assessment.schemes.problems import first_problem
from assessment.schemes.validation import check_scheme, refused
from claims.model.refusals import Refused
from claims.text.file_problems import json_problem


def read_scheme(text: str | bytes) -> Scheme:
    """Return a scheme from its JSON. Raises `Refused` with what is wrong."""
    try:
        raw = json.loads(
            text,
            parse_float=_no_float,
            parse_constant=_no_constant,
            object_pairs_hook=_without_repetition,
        )
        scheme = Scheme.model_validate(raw)
    except ValidationError as error:
        raise refused(f"考核方案有误：{first_problem(error)}") from error
    except (ValueError, RecursionError) as error:
        raise refused(f"考核方案{json_problem(error)}") from error
    return check_scheme(scheme)


def _no_float(text: str) -> NoReturn:
    raise ValueError(f'{text[:40]}须写成文本，如 "0.5"')


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text}不是数字")


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = sorted({key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1})
        raise ValueError(f"重复写了{'、'.join(repeated)}")
    return found


@cache
def load_schemes() -> tuple[Scheme, ...]:
    """Return the packaged schemes, by id."""
    folder = resources.files("assessment") / "schemes"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda f: f.name)
    return check_schemes(read_scheme(file.read_bytes()) for file in files)


def check_schemes(schemes: Iterable[Scheme]) -> tuple[Scheme, ...]:
    """In the order of their ids. Raises `Refused` where two have one id, or come into force for the same kind of
    period on the same day."""
    ordered = tuple(sorted(schemes, key=lambda scheme: scheme.id))
    seen: dict[object, str] = {}
    for scheme in ordered:
        if scheme.id in seen:
            raise refused(f"考核方案编号重复：{scheme.id}")
        seen[scheme.id] = scheme.id
        for kind in scheme.compositions if scheme.in_force_from else ():
            other = seen.setdefault((kind, scheme.in_force_from), scheme.id)
            if other != scheme.id:
                raise refused(f"方案{other}与{scheme.id}同日（{scheme.in_force_from}）施行，且同用于{kind}")
    return ordered


def scheme_for(period: Period, schemes: Iterable[Scheme], id: str = "") -> Scheme:
    """Return the scheme in force on a period's first day, or the one that is named. Raises `Refused`."""
    fitting = [scheme for scheme in schemes if period.kind in scheme.compositions]
    if id:
        named = next((scheme for scheme in fitting if scheme.id == id), None)
        if named is None:
            raise Refused("R61", f"没有适用于{period}、编号为{id}的考核方案", "请核对方案编号")
        return named
    dated = [(s.in_force_from, s) for s in fitting if s.in_force_from and s.in_force_from <= period.first_day]
    if not dated:
        raise Refused("R61", f"{period}开始时没有施行中的考核方案", "请先公布考核方案")
    return max(dated, key=lambda pair: pair[0])[1]
