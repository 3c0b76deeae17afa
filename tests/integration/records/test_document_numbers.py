"""Document numbers: one per paper and never shared, also with concurrent or repeated requests."""

from datetime import datetime
from functools import partial

import pytest

from claims.papers.requests import PaperKind, PaperRequest
from records.database.engine import Records, open_records
from records.document_numbers import number_paper
from tests.support.claims.people import POWER
from tests.support.dates import beijing
from tests.support.polling import come_again
from tests.support.records.sample_steps import at_once

TUESDAY = beijing("Tue 2026-11-24 09:00")


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def paper(id: str, kind: PaperKind = PaperKind.SUPERVISION_LETTER, at: datetime = TUESDAY) -> PaperRequest:
    return PaperRequest(id=id, kind=kind, unit=POWER, at=at)


def test_numbers_count_up_within_a_kind_and_a_year(records: Records) -> None:
    assert [number_paper(records, paper(id)) for id in ("a", "b")] == [
        "枣接诉督〔2026〕1号",
        "枣接诉督〔2026〕2号",
    ]
    assert number_paper(records, paper("c", PaperKind.CRITICISM)) == "枣接诉通〔2026〕1号"


def test_the_year_is_beijings_at_the_papers_date(records: Records) -> None:
    last, first = beijing("Thu 2026-12-31 23:59"), beijing("Thu 2026-12-31 24:00")
    assert number_paper(records, paper("a", at=last)) == "枣接诉督〔2026〕1号"
    assert number_paper(records, paper("b", at=first)) == "枣接诉督〔2027〕1号"


def test_asking_again_gives_the_same_number(records: Records) -> None:
    first = number_paper(records, paper("a"))
    number_paper(records, paper("b"))
    assert number_paper(records, paper("a")) == first


@pytest.mark.parametrize("kind", list(PaperKind))
def test_every_kind_has_numbers_of_its_own(records: Records, kind: PaperKind) -> None:
    others = {number_paper(records, paper(other, other)) for other in PaperKind if other is not kind}
    assert number_paper(records, paper("a", kind)) not in others


def number_in_turn(url: str, ids: list[str]) -> list[str]:
    """Number papers as one worker does."""
    with open_records(url) as records:
        return [come_again(partial(number_paper, records, paper(id))) for id in ids]


def test_several_workers_at_once_never_give_out_a_number_twice(records_url: str) -> None:
    asked = at_once(
        number_in_turn, [(records_url, [f"{worker}-{n}" for n in range(10)]) for worker in range(4)]
    )
    assert len({number for numbers in asked for number in numbers}) == 40


def test_several_workers_at_once_give_one_paper_one_number(records_url: str) -> None:
    asked = at_once(number_in_turn, [(records_url, ["a"])] * 4)
    assert {number for numbers in asked for number in numbers} == {"枣接诉督〔2026〕1号"}
