"""What the papers about a unit say: the record of an interview (R35), the file for people to decide on (R36).

Field names are those of the templates. No phone number stays in what people wrote (个保法).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Protocol

from pydantic import JsonValue

from claims.journal import Entry
from claims.labels import label, minute
from claims.model import Claim
from claims.papers import NONE, Fields, PaperKind, PaperRequest
from claims.phones import without_phones
from claims.supervision import Letter
from claims.terms import Colour, LimitKind
from claims.values import Value

LONGEST_LINE: Final = 500
"""Characters of one journal line that a file quotes."""


class GivenLight(Protocol):
    """A light, as a claim or a unit's account holds it; its id begins with the claim's number."""

    @property
    def id(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def colour(self) -> Colour: ...
    @property
    def limit(self) -> LimitKind: ...
    @property
    def revoked(self) -> bool: ...


class Promised(Protocol):
    """A measure that the unit promised, with its day."""

    @property
    def text(self) -> str: ...
    @property
    def until(self) -> date | None: ...


class Interview(Value):
    """An interview of a unit's head as it took place."""

    unit: str
    unit_name: str
    at: datetime
    interviewer: str
    interviewee: str
    place: str = ""
    reason: str
    content: str


class Case(Value):
    """Why a file on a unit is made."""

    unit: str
    unit_name: str
    at: datetime
    reason: str


def interview_paper(
    id: str, interview: Interview, *, promises: Sequence[Promised] = (), lights: Sequence[GivenLight] = ()
) -> PaperRequest:
    """约谈记录 (R35): the unit's head, what was said, measures with their dates."""
    fields: Fields = {
        "单位": interview.unit_name,
        "约谈人": interview.interviewer,
        "约谈对象": interview.interviewee,
        "约谈时间": minute(interview.at),
        "约谈地点": interview.place or NONE,
        "约谈事由": interview.reason,
        "亮牌": [_light_row(light) for light in lights],
        "约谈情况": interview.content,
        "整改措施": [
            {"措施": one.text, "完成时限": one.until.isoformat() if one.until else NONE} for one in promises
        ],
    }
    return PaperRequest(
        id=f"{PaperKind.INTERVIEW_RECORD}/{id}",
        kind=PaperKind.INTERVIEW_RECORD,
        unit=interview.unit,
        at=interview.at,
        fields=_private(fields),
    )


def accountability_paper(
    id: str,
    case: Case,
    *,
    lights: Sequence[GivenLight] = (),
    letters: Sequence[Letter] = (),
    journal: Sequence[Entry] = (),
    claim: Claim | None = None,
) -> PaperRequest:
    """问责材料 (R36, R45, R52): lights, letters and journal; of one claim where it is about one."""
    fields: Fields = {
        "单位": case.unit_name,
        "工单编号": claim.number if claim else NONE,
        "事由": case.reason,
        "亮牌": [_light_row(light) for light in lights],
        "督办": [{"时间": minute(letter.at), "内容": letter.text} for letter in letters],
        "日志": [_journal_row(entry) for entry in journal],
    }
    return PaperRequest(
        id=f"{PaperKind.ACCOUNTABILITY_FILE}/{id}",
        kind=PaperKind.ACCOUNTABILITY_FILE,
        number=claim.number if claim else "",
        unit=case.unit,
        at=case.at,
        fields=_private(fields, claim.order.phone if claim else ""),
    )


def _light_row(light: GivenLight) -> dict[str, JsonValue]:
    return {
        "时间": minute(light.at),
        "颜色": label(light.colour),
        "时限": label(light.limit),
        "工单编号": light.id.partition("/")[0],
        "撤销": "已撤销" if light.revoked else "有效",
    }


def _journal_row(entry: Entry) -> dict[str, JsonValue]:
    return {
        "时间": minute(entry.at),
        "事项": entry.text[:LONGEST_LINE],
        "依据": "、".join(entry.rules),
    }


def _private(fields: Fields, phone: str = "") -> Fields:
    return {name: without_phones(value, phone) for name, value in fields.items()}
