"""Validation of editions: what is wrong, which rule says so, and what to do (R7, R8)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from itertools import pairwise
from typing import Final, TypeVar

from pydantic import JsonValue

from calendar_rules import SHANGHAI, local_day
from claims.editions.edition import OWN_NUMBERS, Changes, Edition, Reach, built_in_editions, policy_for
from claims.editions.ranges import MAY_BE_ZERO, range_of
from claims.model.labels import label, minute
from claims.model.policy import Policy
from claims.model.terms import Category, Channel

MAX_TEXT: Final = 500
"""Characters in an edition's source and note."""
MOST_AHEAD: Final = timedelta(days=730)
"""How long before it comes into force an edition may be published: until then no other can come into force before it, so a
mistyped year would keep the law as it is."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_OF_THE_SYSTEM: Final = frozenset({"version", "revision", "built_in"})
PARAMETERS: Final = frozenset(Policy.model_fields) - _OF_THE_SYSTEM
"""The parameters that an edition can change."""

Term = TypeVar("Term", bound=StrEnum)


class EditionRefused(ValueError):
    """An edition that contradicts itself, the published ones or the rules. `conflict`: with what was published."""

    def __init__(self, reason: str, *, rule: str = "R7", conflict: bool = False) -> None:
        super().__init__(f"{reason}（{rule}）")
        self.rule = rule
        self.conflict = conflict


def validate_edition(raw: Mapping[str, object]) -> Edition:
    """Return the edition, valid by itself. Raises EditionRefused with the first error in it."""
    if unknown := sorted(set(raw) - set(Edition.model_fields)):
        raise EditionRefused(f"版本里有不认识的字段：{'、'.join(unknown)}，请删去或改正")
    edition = Edition(
        id=_id(raw.get("id")),
        source=_text(raw.get("source"), where="依据 source（文号和标题）"),
        in_force_from=_instant(raw.get("in_force_from")),
        reaches=_term(Reach, raw.get("reaches"), where="适用范围 reaches"),
        changes=_changes(raw.get("changes", {}), where="changes"),
        channels=_own_numbers(Channel, raw.get("channels", {}), where="channels"),
        categories=_own_numbers(Category, raw.get("categories", {}), where="categories"),
        note=_text(raw.get("note", ""), where="说明 note", required=False),
    )
    if not (edition.changes or edition.channels or edition.categories):
        raise EditionRefused("版本没有改变任何参数：请填写 changes、channels 或 categories")
    return edition


def check_fits(edition: Edition, published: Sequence[Edition], *, now: datetime) -> None:
    """Raise EditionRefused for an edition that cannot follow the published ones."""
    if edition.id in {known.id for known in (*built_in_editions(), *published)}:
        raise EditionRefused(f"编号 {edition.id} 已用于内容不同的版本：请另取编号", conflict=True)
    if local_day(edition.in_force_from) < local_day(now):
        reason = f"生效时间 {minute(edition.in_force_from)} 已过：新规定不溯及既往，请填写今天或以后的时间"
        raise EditionRefused(reason, conflict=True)
    if edition.in_force_from > now + MOST_AHEAD:
        reason = f"生效时间 {minute(edition.in_force_from)} 在两年以后：版本须按生效先后公布，此前将不能再公布别的版本"
        raise EditionRefused(f"{reason}，请核对年份")
    if published and edition.in_force_from < published[-1].in_force_from:
        last = published[-1]
        reason = (
            f"生效时间 {minute(edition.in_force_from)} 早于已公布的 {last.id}（{minute(last.in_force_from)}）"
        )
        raise EditionRefused(f"{reason}：版本须按生效先后公布", conflict=True)
    for who, policy in _policies([*published, edition]):
        if contradiction := contradiction_in(policy):
            raise EditionRefused(f"{contradiction}{who}：请改正")


def _policies(editions: Sequence[Edition]) -> Iterator[tuple[str, Policy]]:
    """Yield the policies that anybody may have while all these editions are in force, with whom they are for."""
    at = editions[-1].in_force_from
    channels = [None, *dict.fromkeys(name for edition in editions for name in edition.channels)]
    categories = [None, *dict.fromkeys(name for edition in editions for name in edition.categories)]
    before_all = built_in_editions()[0].in_force_from
    registrations = dict.fromkeys([at, before_all, *(edition.in_force_from for edition in editions)])
    for channel in channels:
        for category in categories:
            who = "、".join(label(term) for term in (channel, category) if term is not None)
            for registered_at in registrations:
                policy = policy_for(editions, at, channel, category, registered_at=registered_at)
                yield f"（{who}）" if who else "", policy


def contradiction_in(policy: Policy) -> str:
    """Return the contradiction in a policy, in Chinese; empty if there is none."""
    for name in PARAMETERS:
        value, least = getattr(policy, name), 0 if name in MAY_BE_ZERO else 1
        is_of_before = value == Policy.model_fields[name].default
        if type(value) is int and value < least and not is_of_before:
            return f"{_named(policy, name)} 小于 {least}"
    days = ("contact_days", "reply_days", "resolve_days", "extended_resolve_days")
    orders = ("ordered_completion_days", "ordered_completion_most_days")
    attempts = ("unreachable_attempt_days", "unreachable_attempts")
    for smaller, larger in (*pairwise(days), orders, attempts, ("at_least_days", "contact_days")):
        if getattr(policy, smaller) > getattr(policy, larger):
            return f"{_named(policy, smaller)} 大于 {_named(policy, larger)} ，自相矛盾"
    for name in ("contact_days", "reply_days", "resolve_days", "redo_days", "review_form_days"):
        if policy.warning_days >= getattr(policy, name) > 1:
            return f"{_named(policy, 'warning_days')} 不小于 {_named(policy, name)} ，预警没有意义"
    if policy.co_unit_lead_days >= policy.resolve_days:
        return f"{_named(policy, 'co_unit_lead_days')} 不小于 {_named(policy, 'resolve_days')} ，协办没有时间"
    return ""


def _named(policy: Policy, name: str) -> str:
    return f"{name}={getattr(policy, name)}"


def _id(value: object) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise EditionRefused("编号 id 应是不超过40个字母、数字、点、横线或下划线，例如 2027-1")
    return value


def _text(value: object, *, where: str, required: bool = True) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or (required and not value.strip()):
        raise EditionRefused(f"{where} 应是不超过 {MAX_TEXT} 字的文字，必填的不能空着")
    return value.strip()


def _instant(value: object) -> datetime:
    """Return an instant with an offset, or a day, whose beginning in Beijing it is."""
    wrong = f"生效时间 in_force_from 不对：{value!r}，请写成 2027-01-01 或 2027-01-01T00:00:00+08:00"
    if not isinstance(value, str):
        raise EditionRefused(wrong)
    try:
        if _DAY.fullmatch(value):
            return datetime.combine(date.fromisoformat(value), time(), SHANGHAI)
        at = datetime.fromisoformat(value)
        local_day(at)
    except ValueError:
        raise EditionRefused(wrong) from None
    return at


def _term(kind: type[Term], value: object, *, where: str) -> Term:
    known = {term.value: term for term in kind}
    if not isinstance(value, str) or value not in known:
        raise EditionRefused(f"{where} 不对：{value!r}，应为 {'、'.join(known)} 之一")
    return known[value]


def _own_numbers(kind: type[Term], raw: object, *, where: str) -> dict[Term, Changes]:
    if not isinstance(raw, Mapping):
        raise EditionRefused(f"{where} 应是一个对象", rule="R8")
    found: dict[Term, Changes] = {}
    for name, changes in raw.items():
        term = _term(kind, name, where=where)
        found[term] = _changes(changes, where=f"{where}.{term}")
        if general := sorted(set(found[term]) - OWN_NUMBERS):
            raise EditionRefused(f"{where}.{term} 里的 {'、'.join(general)} 不能按渠道或类别另定", rule="R8")
        if not found[term]:
            raise EditionRefused(f"{where}.{term} 没有填写参数", rule="R8")
    return found


def _changes(raw: object, *, where: str) -> dict[str, JsonValue]:
    if not isinstance(raw, Mapping):
        raise EditionRefused(f"{where} 应是参数和数值的对象")
    return {str(name): _value(str(name), value, where=where) for name, value in raw.items()}


def _value(name: str, value: object, *, where: str) -> JsonValue:
    if name not in PARAMETERS:
        near = get_close_matches(name, sorted(PARAMETERS), n=1)
        hint = f"，是否想填 {near[0]}？" if near else ""
        raise EditionRefused(f"{where} 里没有名为 {name[:60]} 的参数{hint}")
    kind = Policy.model_fields[name].annotation
    if kind is bool:
        return _switch(name, value)
    if kind is int:
        return _number(name, value)
    return _time_of_day(name, value)


def check_parameter(name: str, value: object) -> None:
    """Raises EditionRefused for a value that no edition may give a parameter."""
    _value(name, value, where="政策参数")


def _switch(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise EditionRefused(f"{name} 是开关：应为 true 或 false，收到的是 {value!r}")
    return value


def _number(name: str, value: object) -> int:
    least, most = range_of(name)
    if type(value) is not int or not least <= value <= most:
        raise EditionRefused(f"{name} 应是 {least} 至 {most} 的整数，收到的是 {value!r}")
    return value


def _time_of_day(name: str, value: object) -> str | None:
    """R3: a close of business lies after 00:00; null is 24:00."""
    if value is None and name == "cutoff":
        return None
    try:
        found = time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or found == time():
        raise EditionRefused(f"{name} 应是 17:30 这样的北京时间，收到的是 {value!r}")
    return found.isoformat()
