"""The dispatch directory 派单目录 (R14): which unit a matter belongs to, ranked and with reasons.

属地管理、谁主管谁负责: an entry names its unit, or the claim's own district. The operator decides;
this only suggests, and hints at what the platform does not accept (R13).
"""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from claims.lookup.knowledge import found_in, plain
from claims.lookup.unit_tree import Organisation
from claims.model.organisation import Unit, UnitKind

OWN_DISTRICT = "属地区（市）"
"""In an entry: the district of the claim."""
MATTER_WEIGHT = 3
KEYWORD_WEIGHT = 2
"""Per character: a word of the matter's own name says more than a keyword."""


class DirectoryEntry(BaseModel):
    """One matter and its units by short name; `effective_to` is the last day on which it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    matter: str
    keywords: tuple[str, ...]
    unit: str
    co_units: tuple[str, ...] = ()
    level: str
    legal_basis: str
    duty_basis: str
    statutory_limit: str | None = None
    note: str = ""
    effective_from: date
    effective_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Does the entry hold on this day?"""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class Candidate(BaseModel):
    """A unit that may be the right one, and why. `unit` and `co_units` are ids."""

    model_config = ConfigDict(frozen=True)

    entry_id: str | None
    """None when no entry knows the matter and the district is suggested."""
    unit: str
    unit_name: str
    co_units: tuple[str, ...] = ()
    score: int
    reasons: tuple[str, ...]
    legal_basis: str
    note: str = ""
    statutory_limit: str | None = None


def suggest(
    text: str,
    district: str | None,
    *,
    on: date,
    entries: Iterable[DirectoryEntry],
    organisation: Organisation,
    limit: int = 5,
    complained_of: str | None = None,
) -> list[Candidate]:
    """Candidate units for a matter, best first, each unit once; ties by entry id.

    `district` is a district's or town's id or name; None or "" leaves out whatever is the district's. R53:
    the unit `complained_of` (its id) and those below it are no candidates; units beside it in the directory
    and above it are. Raises UnknownUnit for a district that is not one, and for an unknown unit complained
    of.
    """
    bare = plain(text)
    own = organisation.district_of(district) if district else None
    barred = _at_or_below(complained_of, organisation) if complained_of else frozenset()
    found = [
        candidate
        for entry in entries
        if entry.in_force(on)
        and (candidate := _candidate(bare, entry, own, organisation, barred)) is not None
    ]
    ranked = _once_each(sorted(found, key=lambda candidate: (-candidate.score, candidate.entry_id or "")))
    if not ranked and own is not None and own.id not in barred:
        ranked = [_by_territory(own)]
    above = _above(complained_of, organisation) if complained_of else None
    if above is not None and above.unit not in {one.unit for one in ranked}:
        return [*ranked[: limit - 1], above]
    return ranked[:limit]


def has_entry(
    unit_id: str, *, on: date, entries: Iterable[DirectoryEntry], organisation: Organisation
) -> bool:
    """Does the directory know the unit on this day? A district is always known, by 属地管理."""
    unit = organisation.get(unit_id)
    if unit.kind is UnitKind.DISTRICT:
        return True
    return any(entry.in_force(on) and unit.short in (entry.unit, *entry.co_units) for entry in entries)


def _matter_words(matter: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"[、，与和及]", matter) if len(word) > 1)


def _candidate(
    bare: str, entry: DirectoryEntry, own: Unit | None, organisation: Organisation, barred: frozenset[str]
) -> Candidate | None:
    """`bare`: the plain matter."""
    matter_words = _matter_words(entry.matter)
    words = found_in(bare, matter_words.union(entry.keywords))
    named = _resolve(entry.unit, own, organisation)
    if not words or named is None:
        return None
    resolved = (named, *(_resolve(name, own, organisation) for name in entry.co_units))
    units = {unit.id: unit for unit in resolved if unit is not None and unit.id not in barred}
    if not units:
        return None
    lead, *beside = units.values()
    return Candidate(
        entry_id=entry.id,
        unit=lead.id,
        unit_name=lead.short,
        co_units=tuple(unit.id for unit in beside),
        score=sum(
            len(plain(word)) * (MATTER_WEIGHT if word in matter_words else KEYWORD_WEIGHT) for word in words
        ),
        reasons=_reasons(entry, words=words, matter_words=matter_words, named=named, lead=lead),
        legal_basis=entry.legal_basis,
        note=entry.note,
        statutory_limit=entry.statutory_limit,
    )


def _reasons(
    entry: DirectoryEntry, *, words: tuple[str, ...], matter_words: frozenset[str], named: Unit, lead: Unit
) -> tuple[str, ...]:
    in_matter = [f"“{word}”" for word in words if word in matter_words]
    by_keyword = [f"“{word}”" for word in words if word not in matter_words]
    reasons = []
    if in_matter:
        reasons.append(f"诉求内容与事项名称“{entry.matter}”相符：{'、'.join(in_matter)}")
    if by_keyword:
        reasons.append(f"诉求内容含事项“{entry.matter}”的关键词：{'、'.join(by_keyword)}")
    if lead.id != named.id:
        reasons.append(f"诉求投诉该事项的{named.short}或其上级，改由同一事项的{lead.short}承办（R53）")
    elif entry.unit == OWN_DISTRICT:
        reasons.append(f"属地管理：由企业所在的{lead.short}承办")
    reasons.append(f"职责依据：{entry.duty_basis}；法律依据：{entry.legal_basis}")
    return tuple(reasons)


def _resolve(name: str, own: Unit | None, organisation: Organisation) -> Unit | None:
    return own if name == OWN_DISTRICT else organisation.find(name)


def _once_each(ranked: list[Candidate]) -> list[Candidate]:
    best: dict[str, Candidate] = {}
    for candidate in ranked:
        first = best.get(candidate.unit)
        if first is None:
            best[candidate.unit] = candidate
        else:
            also = (*first.reasons, f"该单位另有相符事项：{candidate.entry_id}")
            best[candidate.unit] = first.model_copy(update={"reasons": also})
    return list(best.values())


def _by_territory(own: Unit) -> Candidate:
    return _by_principle(own, f"派单目录未列明该事项；按属地管理、谁主管谁负责原则，由{own.short}首接")


def _by_principle(unit: Unit, reason: str) -> Candidate:
    """Return a candidate that the plan itself names, and no entry of the directory."""
    return Candidate(
        entry_id=None,
        unit=unit.id,
        unit_name=unit.short,
        score=0,
        reasons=(reason,),
        legal_basis="枣办发〔2021〕4号 二（三）2",
    )


def _at_or_below(unit_id: str, organisation: Organisation) -> frozenset[str]:
    organisation.get(unit_id)
    return frozenset(unit.id for unit in organisation.units if unit_id in organisation.path(unit.id))


def _above(complained_of: str, organisation: Organisation) -> Candidate | None:
    """R53: the nearest unit above that handles claims."""
    _, *higher = organisation.path(complained_of)
    unit = next((organisation.get(id) for id in higher if organisation.can_handle(id)), None)
    if unit is None:
        return None
    about = organisation.get(complained_of).short
    return _by_principle(unit, f"诉求投诉{about}，可由其上级{unit.short}承办（R53）")


class NotAccepted(StrEnum):
    """Matters the platform does not take on (R13)."""

    LITIGATION = "诉讼"
    ARBITRATION = "仲裁"
    RECONSIDERATION = "行政复议"
    PETITION = "信访"
    DISCIPLINE = "纪检监察"
    STATE_SECRET = "国家秘密"
    EMERGENCY = "紧急警情"


class Hint(BaseModel):
    """A hint to the operator that the claim may not be acceptable, and which door is the right one (R13)."""

    model_config = ConfigDict(frozen=True)

    kind: NotAccepted
    words: tuple[str, ...]
    reason: str
    door: str


_SIGNS: tuple[tuple[NotAccepted, str, str], ...] = (
    (NotAccepted.EMERGENCY, "着火 起火 火灾 爆炸 泄漏 泄露 被困", "119（燃气泄漏同时联系燃气抢险）"),
    (NotAccepted.EMERGENCY, "正在打人 持刀 斗殴 被抢劫 正在打砸", "110"),
    (NotAccepted.EMERGENCY, "昏迷 中毒 生命危险", "120"),
    (NotAccepted.EMERGENCY, "交通事故 车祸", "122"),
    (
        NotAccepted.LITIGATION,
        "法院起诉 已起诉 已经起诉 提起诉讼 正在诉讼 开庭 法院立案 法院判决 "
        "法院一审 法院二审 一审判决 二审判决 申请再审 强制执行",
        "受理案件的人民法院（12368）；法律咨询拨打12348",
    ),
    (
        NotAccepted.ARBITRATION,
        "仲裁委 劳动仲裁 商事仲裁 申请仲裁 仲裁裁决 已仲裁",
        "受理案件的仲裁机构；法律咨询拨打12348",
    ),
    (
        NotAccepted.RECONSIDERATION,
        "行政复议 申请复议 复议决定",
        "行政复议机构；法律咨询拨打12348",
    ),
    (NotAccepted.PETITION, "信访 上访", "信访部门（原信访渠道）"),
    (
        NotAccepted.DISCIPLINE,
        "纪委 监委 违纪 受贿 索贿 行贿 贪污 吃拿卡要",
        "纪检监察机关（12388）",
    ),
    (NotAccepted.STATE_SECRET, "国家秘密 涉密 绝密 机密文件", "保密行政管理部门，不得在本平台登记内容"),
)
"""Kind, words that indicate it, and the right channel."""


def not_accepted_hint(text: str) -> list[Hint]:
    """Return which reasons for declining the text may show, emergencies first. A hint: the operator decides."""
    bare = plain(text)
    return [
        Hint(
            kind=kind,
            words=words,
            reason=f"诉求提到“{'”、“'.join(words)}”，可能属于{kind}事项，请核实后决定是否受理",
            door=door,
        )
        for kind, signs, door in _SIGNS
        if (words := found_in(bare, signs.split()))
    ]
