"""Requests for papers (公文): their kinds, document numbers, and the data to file one.

`claims.papers.claim_papers` builds the contents; `documents` renders them as Word files.
"""

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from pydantic import Field, JsonValue

from calendar_rules import local_day
from claims.model.limit import Letter
from claims.model.values import Value


class PaperKind(StrEnum):
    """The kinds of papers in the plan."""

    SUPERVISION_LETTER = "supervision-letter"
    DISPATCH_ORDER = "dispatch-order"
    REVIEW_FORM = "review-form"
    EXTENSION_APPLICATION = "extension-application"
    INTERVIEW_RECORD = "interview-record"
    CRITICISM = "criticism"
    ACCOUNTABILITY_FILE = "accountability-file"


class PaperForm(NamedTuple):
    """A kind's name, and the word for it in document numbers."""

    name: str
    word: str


FORMS: Final = MappingProxyType(
    {
        PaperKind.SUPERVISION_LETTER: PaperForm("督办函", "督"),
        PaperKind.DISPATCH_ORDER: PaperForm("派单", "派"),
        PaperKind.REVIEW_FORM: PaperForm("不满意诉求审核反馈表", "审"),
        PaperKind.EXTENSION_APPLICATION: PaperForm("延期申请", "延"),
        PaperKind.INTERVIEW_RECORD: PaperForm("约谈记录", "约"),
        PaperKind.CRITICISM: PaperForm("通报批评", "通"),
        PaperKind.ACCOUNTABILITY_FILE: PaperForm("问责材料", "问"),
    }
)

Fields = dict[str, JsonValue]
BLANK_FORM: Final = "/blank"
"""The suffix of a blank form's id."""
NONE: Final = "无"
"""The text of an empty field."""


class PaperRequest(Value):
    """A paper to file once per `id`. `number` is its claim's, or empty."""

    id: str
    kind: PaperKind
    number: str = ""
    unit: str
    """Id of the unit that receives, sends or is the subject of the paper."""
    at: datetime
    fields: Fields = Field(default_factory=dict)


class NumberedPaper(Value):
    """A paper with its document number. The rendered file depends on nothing else."""

    request: PaperRequest
    document_number: str

    @property
    def file_name(self) -> str:
        """The name for saving it: `督办函 枣接诉督〔2026〕1号.docx`."""
        return f"{FORMS[self.request.kind].name} {self.document_number or self.request.number}.docx"


class FiledPaper(Value):
    """A filed paper: its attachment, document number and hash."""

    attachment: str
    document_number: str
    sha256: str


def document_number(kind: PaperKind, year: int, count: int) -> str:
    """Return the 发文字号: `枣接诉督〔2026〕1号`."""
    return f"枣接诉{FORMS[kind].word}〔{year}〕{count}号"


def paper_attachment_id(paper_id: str) -> str:
    """Return the attachment id of a paper, which is known before it is filed."""
    return uuid5(NAMESPACE_URL, f"urn:zaoying:paper:{paper_id}").hex


def letter_paper_id(letter: Letter) -> str:
    """Return the id of a supervision letter's paper."""
    return f"{PaperKind.SUPERVISION_LETTER}/{letter.id}"


def is_blank_form(paper: PaperRequest) -> bool:
    """R44: return whether it is a form that the unit has still to fill in. Such a form is not a record and
    takes no number.
    """
    return paper.kind is PaperKind.REVIEW_FORM and paper.id.endswith(BLANK_FORM)


def year_of(paper: PaperRequest) -> int:
    """Return the year of a paper's number: its date's year in Beijing."""
    return local_day(paper.at).year
