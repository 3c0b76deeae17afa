"""A sample paper of each kind, and functions to read papers."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from docx import Document
from pydantic import JsonValue

from claims.model.events import EventKind
from claims.model.messages.action_bodies import Explained
from claims.model.terms import Action
from claims.model.unit_account import reported
from claims.papers import claim_papers
from claims.papers.requests import Fields, NumberedPaper, PaperKind, PaperRequest, document_number
from claims.papers.unit_papers import Case, Interview, accountability_paper, interview_paper, material_of
from documents.wording import worded
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import HANDLER, POWER, ref
from tests.support.dates import beijing, day

PHONE = "0632-5550004"
TUESDAY = beijing("Tue 2026-11-24 09:00")


def late() -> Paper:
    """Return a claim with every limit missed."""
    paper = Paper().dispatched(POWER)
    paper.until("Fri 2026-12-11 09:00")
    return paper


def of_letter() -> PaperRequest:
    claim = late().claim
    return claim_papers.letter_paper(claim, claim.letters[0])


def of_dispatch() -> PaperRequest:
    claim = Paper().dispatched(POWER).claim
    return claim_papers.dispatch_paper(claim, claim.dispatches[0])


def of_extension() -> PaperRequest:
    paper = Paper().dispatched(POWER)
    paper.must(Action.REQUEST_EXTENSION, HANDLER, reason=f"需停电改造，已与{PHONE}约定")
    assert paper.claim.extension is not None
    explained = Explained(at=paper.now, means="电话", person="王经理")
    return claim_papers.extension_paper(paper.claim, paper.claim.extension, explained)


def of_review() -> PaperRequest:
    claim = Paper().verifying().claim
    return claim_papers.review_form_paper(claim, claim.reviews[0], at=TUESDAY)


def of_criticism() -> PaperRequest:
    paper = Paper().completing()
    paper.until("Fri 2026-12-18 09:00")
    return claim_papers.criticism_paper(paper.claim, ref(POWER), paper.events(EventKind.CRITICISED)[0])


def of_accountability() -> PaperRequest:
    paper = late()
    case = Case(
        measure="ZZ-GD/1",
        unit=POWER,
        unit_name="枣庄供电公司",
        at=paper.now,
        reason="1个月内连续两次红灯亮牌",
        numbers=(paper.claim.number,),
        lights=tuple(reported(paper.claim.number, light) for light in paper.claim.lights),
    )
    return accountability_paper(case, material_of(case, [(paper.claim, paper.journal)]))


@dataclass(frozen=True)
class Promise:
    text: str
    until: date | None


def of_interview() -> PaperRequest:
    interview = Interview(
        unit=POWER,
        unit_name="枣庄供电公司",
        at=TUESDAY,
        interviewer="平台审核",
        interviewee="李主任",
        place="市民中心",
        reason="1个月内连续两次黄灯亮牌",
        content=f"企业电话{PHONE}无人接听",
    )
    promises = [Promise("专人值守", day("Tue 2026-12-01")), Promise("逐件回头看", None)]
    return interview_paper("ZZ-GD/1", interview, promises=promises, lights=late().claim.lights)


DRAWN_UP = {
    PaperKind.SUPERVISION_LETTER: of_letter,
    PaperKind.DISPATCH_ORDER: of_dispatch,
    PaperKind.EXTENSION_APPLICATION: of_extension,
    PaperKind.REVIEW_FORM: of_review,
    PaperKind.CRITICISM: of_criticism,
    PaperKind.ACCOUNTABILITY_FILE: of_accountability,
    PaperKind.INTERVIEW_RECORD: of_interview,
}


FURTHER: dict[PaperKind, Fields] = {
    PaperKind.SUPERVISION_LETTER: {"反馈期限": "2026-11-26 24:00"},
    PaperKind.REVIEW_FORM: {"承办意见": "办理结果符合规定，答复意见准确。", "签署日期": "2026年11月24日"},
    PaperKind.CRITICISM: {"事实": ["（一）2026年11月24日9时，派单。", "（二）2026年11月25日，黄灯亮牌。"]},
}
"""The fields that `activities.papers.fields` adds."""


def completed(request: PaperRequest) -> PaperRequest:
    """Return the paper with all fields of its template, worded as in papers."""
    given = {name: value for name, value in request.fields.items() if name != "依据"}
    return request.model_copy(update={"fields": worded({**given, **FURTHER.get(request.kind, {})}, {})})


def numbered(request: PaperRequest) -> NumberedPaper:
    return NumberedPaper(request=completed(request), document_number=document_number(request.kind, 2026, 1))


def with_fields(request: PaperRequest, **fields: JsonValue) -> PaperRequest:
    return request.model_copy(update={"fields": {**request.fields, **fields}})


def read(data: bytes) -> str:
    """Return all text of a Word file as displayed."""
    paper = Document(io.BytesIO(data))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


def words(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from words(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name != "依据":  # rule ids are only for the journal
                yield from words(one)
