"""The fields of a paper that come from calendar, organisation and records instead of its claim."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from calendar_rules import local_day
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.labels import end_of, minute
from claims.model.policy import DEFAULT_POLICY
from claims.papers.redaction import NAME_REDACTED, redact_identity, shortened
from claims.papers.requests import Fields, PaperKind, PaperRequest, is_blank_form
from documents.wording import chinese_dates, ordinal, worded
from records.arrangements import all_published, calendar_of
from records.database.engine import Records
from records.queries.claims import journal, snapshot

FACTS: Final = frozenset(
    {
        *(EventKind.DISPATCHED, EventKind.CONTACTED, EventKind.REPLIED, EventKind.FED_BACK),
        *(EventKind.CALLED_BACK, EventKind.CONTACT_DISPUTED, EventKind.FALSE_FEEDBACK_CONFIRMED),
        *(EventKind.LETTER_ISSUED, EventKind.LIGHT_GIVEN, EventKind.COMPLETION_ORDERED),
        *(EventKind.REDO_ORDERED, EventKind.VERIFIED, EventKind.SENT_BACK, EventKind.REFERRED_TO_LEADERSHIP),
    }
)
"""Journal lines that a notice of criticism tells."""
MOST_FACTS: Final = 16
LONGEST_FACT: Final = 200


class NotYetRecorded(Exception):
    """The records have not come as far as the paper."""


class PaperFields:
    """Completes and words papers. `full_names`: of units, by their short names."""

    def __init__(self, records: Records, full_names: Callable[[], Mapping[str, str]]) -> None:
        self._records = records
        self._full_names = full_names

    def of(self, paper: PaperRequest) -> Fields:
        """Return every field that the paper's template asks for. Raises NotYetRecorded, RecordsUnavailable."""
        given = {name: value for name, value in paper.fields.items() if name != "依据"}
        return worded({**given, **self._further(paper)}, self._full_names())

    def _further(self, paper: PaperRequest) -> Fields:
        match paper.kind:
            case PaperKind.SUPERVISION_LETTER if "反馈工作日" in paper.fields:
                return {"反馈期限": self._last_day(paper)}
            case PaperKind.REVIEW_FORM:
                return _signing(paper)
            case PaperKind.CRITICISM:
                return {"事实": self._facts(paper), "通报事由": _reason(paper)}
        return {}

    def _last_day(self, paper: PaperRequest) -> str:
        """R31, R32: the last day of the supervised feedback, by the calendar in force."""
        claim = snapshot(self._records, paper.number)
        if claim is not None and (fixed := _fixed(claim, paper)):
            return fixed
        policy = claim.policy if claim is not None else DEFAULT_POLICY
        day_0 = local_day(paper.at)
        if not policy.light_starts_own_day:
            day_0 = local_day(paper.at - timedelta(microseconds=1))
        days = int(str(paper.fields["反馈工作日"]))
        return f"{calendar_of(all_published(self._records)).nth_working_day_after(day_0, days)} 24:00"

    def _facts(self, paper: PaperRequest) -> list[JsonValue]:
        """R45, R52: what the claim's journal says, without the enterprise and its phone (R54)."""
        last = int(paper.id.rpartition("/")[2])
        claim, lines = snapshot(self._records, paper.number), journal(self._records, paper.number)
        if claim is None or not lines or lines[-1].seq < last:
            raise NotYetRecorded(paper.id)
        told = [line for line in lines if line.kind in FACTS and line.seq < last][-MOST_FACTS:]
        return [f"{ordinal(n)}{_fact(line, claim)}" for n, line in enumerate(told, start=1)]


def _fixed(claim: Claim, paper: PaperRequest) -> str:
    """Return the end as scheduled with the missed limit; empty if it was not."""
    limit = next((one for one in claim.limits if paper.id.endswith(f"/{claim.number}/{one.id}")), None)
    schedule = limit.schedule if limit is not None else None
    if schedule is None or schedule.supervised_last_day is None or schedule.supervised_due_at is None:
        return ""
    return end_of(schedule.supervised_last_day, schedule.supervised_due_at)


def _fact(line: Entry, claim: Claim) -> str:
    """R54: everybody reads it; the enterprise has no name there, nor has its contact."""
    text = str(redact_identity(line.text, claim.order)).replace(NAME_REDACTED, "该企业")
    return chinese_dates(f"{minute(line.at)}，{shortened(text, LONGEST_FACT)}。")


def _reason(paper: PaperRequest) -> str:
    text = str(paper.fields["通报事由"])
    return text.partition("：")[2] or text


def _signing(paper: PaperRequest) -> Fields:
    """R44: a form that is still to be filled in has neither a verdict nor a date, nor a number of its own."""
    day = local_day(paper.at)
    if is_blank_form(paper):
        return {"承办意见": "", "签署日期": "　　　　年　　月　　日"}
    verdict = "办理结果符合规定，答复意见准确。"
    return {"承办意见": verdict, "签署日期": chinese_dates(day.isoformat())}


def names_of_units(units: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Full names by short ones; a short name that several units have stays short."""
    shorts = [short for short, _ in units]
    return {short: name for short, name in units if shorts.count(short) == 1}
