"""Contents of papers about a unit: interview records (R35) and accountability files (R36).

Field names are those of the templates. Phone numbers are redacted (个保法).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, Protocol

from pydantic import JsonValue

from claims.model.claim import Claim
from claims.model.journal import Entry
from claims.model.labels import label, minute
from claims.model.terms import Colour, LimitKind
from claims.model.unit_account import AccountLight, Measure, MeasureKind
from claims.model.values import Value
from claims.papers.redaction import redact_identity, redact_phones, shortened
from claims.papers.requests import NONE, Fields, PaperKind, PaperRequest

LONGEST_LINE: Final = 500
"""Maximum characters quoted from a journal entry."""
SHORTEST_LINE: Final = 30
QUOTED: Final = 60_000
"""Approximate maximum characters quoted from all journals. From long journals, only the start of each line is
quoted.
"""


class IssuedLight(Protocol):
    """A light of a claim or of a unit's account. Its id starts with the claim's number."""

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
    """A measure that the unit promised, and its due day."""

    @property
    def text(self) -> str: ...
    @property
    def until(self) -> date | None: ...


class Interview(Value):
    """An interview of a unit's head, as recorded."""

    unit: str
    unit_name: str
    at: datetime
    held_at: datetime | None = None
    interviewer: str
    interviewee: str
    place: str = ""
    reason: str
    content: str


class Case(Value):
    """The reason for a file on a unit (R36): two lights, or an event in one claim. `measure` is the file's
    id, `numbers` are the claims, `seen` is the journal line of the cause.
    """

    measure: str
    unit: str
    unit_name: str
    at: datetime
    reason: str
    numbers: tuple[str, ...] = ()
    lights: tuple[AccountLight, ...] = ()
    seen: int = 0


class CaseLine(Value):
    """A letter or a journal line."""

    number: str
    at: datetime
    text: str
    rules: tuple[str, ...] = ()


class CaseMaterial(Value):
    """The records of a case's claims, without phone numbers."""

    letters: tuple[CaseLine, ...] = ()
    journal: tuple[CaseLine, ...] = ()


def is_on_record(case: Case, claim: Claim, journal: Sequence[Entry]) -> bool:
    """Return whether the claim's records contain the lights and the cause of the case."""
    lit = {light.id for light in case.lights if light.number == claim.number}
    known = lit <= {light.id for light in claim.lights}
    return known and (not case.seen or any(entry.seq == case.seen for entry in journal))


def material_of(case: Case, claims: Sequence[tuple[Claim, Sequence[Entry]]]) -> CaseMaterial:
    """Return the unit's letters and each claim's whole journal, in order."""
    letters, lines = [], []
    count = sum(len(journal) for _, journal in claims)
    longest = max(SHORTEST_LINE, min(LONGEST_LINE, QUOTED // max(1, count)))
    for claim, journal in claims:
        number = claim.number
        letters += [
            CaseLine(number=number, at=letter.at, text=_quoted(claim, letter.text))
            for letter in claim.letters
            if letter.unit == case.unit
        ]
        lines += [
            CaseLine(
                number=number,
                at=entry.at,
                text=shortened(_quoted(claim, entry.text), longest),
                rules=entry.rules,
            )
            for entry in journal
        ]
    return CaseMaterial(letters=tuple(letters), journal=tuple(lines))


def _quoted(claim: Claim, text: str) -> str:
    """R54: return a line for a file about a unit, which must not identify the claims' owners."""
    if claim.policy.need_to_know:
        return str(redact_identity(text, claim.order))
    return str(redact_phones(text, claim.order.phone))


def measure_paper_id(measure: Measure) -> str | None:
    """Return the paper id of a measure. An interview has a paper once it is recorded, a file at once."""
    if measure.kind is MeasureKind.ACCOUNTABILITY:
        return f"{PaperKind.ACCOUNTABILITY_FILE}/{measure.id}"
    return f"{PaperKind.INTERVIEW_RECORD}/{measure.id}" if measure.notes else None


def interview_paper(
    id: str, interview: Interview, *, promises: Sequence[Promised] = (), lights: Sequence[IssuedLight] = ()
) -> PaperRequest:
    """Return 约谈记录 (R35): the unit's head, what was said, and measures with their dates."""
    fields: Fields = {
        "单位": interview.unit_name,
        "约谈人": interview.interviewer,
        "约谈对象": interview.interviewee,
        "约谈时间": minute(interview.held_at or interview.at),
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


def accountability_paper(case: Case, material: CaseMaterial) -> PaperRequest:
    """Return 问责材料 (R36, R45, R52): lights, letters and journal, for people to decide on."""
    fields: Fields = {
        "单位": case.unit_name,
        "工单编号": "、".join(case.numbers) or NONE,
        "事由": case.reason,
        "亮牌": [_light_row(light) for light in case.lights],
        "督办": [{"时间": minute(line.at), "内容": line.text} for line in material.letters],
        "日志": [_journal_row(line, several=len(case.numbers) > 1) for line in material.journal],
    }
    return PaperRequest(
        id=f"{PaperKind.ACCOUNTABILITY_FILE}/{case.measure}",
        kind=PaperKind.ACCOUNTABILITY_FILE,
        unit=case.unit,
        at=case.at,
        fields=_private(fields),
    )


def _light_row(light: IssuedLight) -> dict[str, JsonValue]:
    return {
        "时间": minute(light.at),
        "颜色": label(light.colour),
        "时限": label(light.limit),
        "工单编号": light.id.partition("/")[0],
        "撤销": "已撤销" if light.revoked else "有效",
    }


def _journal_row(line: CaseLine, *, several: bool) -> dict[str, JsonValue]:
    return {
        "时间": minute(line.at),
        "事项": f"{line.number}：{line.text}" if several else line.text,
        "依据": "、".join(line.rules),
    }


def _private(fields: Fields) -> Fields:
    return {name: redact_phones(value, "") for name, value in fields.items()}
