"""The contents of papers, and what they withhold."""

import re
from datetime import UTC, datetime

import pytest

from claims.model.terms import Action
from claims.papers import claim_papers
from claims.papers.redaction import redact_phones
from claims.papers.requests import PaperKind
from claims.papers.unit_papers import LONGEST_LINE, Case, material_of
from documents.rendering import render
from tests.support.claims.offline_claim import Paper
from tests.support.claims.paper_samples import (
    DRAWN_UP,
    PHONE,
    TUESDAY,
    late,
    numbered,
    of_accountability,
    of_dispatch,
    of_letter,
    of_review,
    read,
)
from tests.support.claims.people import CALLER, HANDLER, POWER
from tests.support.dates import beijing


@pytest.mark.rule("R31")
def test_a_letter_is_dated_at_the_end_of_its_limit_and_says_what_it_was() -> None:
    request = of_letter()
    assert request.at == beijing("Wed 2026-11-25 24:00")
    assert (request.unit, request.fields["时限"]) == (POWER, "核实时限")
    assert request.fields["截止时间"] == "2026-11-25 24:00"
    assert "2026年11月26日" in read(render(numbered(request)))


@pytest.mark.rule("R14")
def test_a_dispatch_order_has_the_phone_number_that_the_unit_needs() -> None:
    assert PHONE in read(render(numbered(of_dispatch())))


@pytest.mark.parametrize("kind", [kind for kind in PaperKind if kind is not PaperKind.DISPATCH_ORDER])
def test_no_other_paper_has_it_even_where_people_wrote_it(kind: PaperKind) -> None:
    text = read(render(numbered(DRAWN_UP[kind]())))
    assert PHONE not in text
    assert "5550004" not in text


@pytest.mark.parametrize(
    "text",
    [
        "0632-5550004",
        "0632 5550004",
        "06325550004",
        "(0632)5550004",
        "０６３２－５５５０００４",
        "+86 0632-5550004",
    ],
)
def test_a_known_number_is_found_however_it_is_spaced(text: str) -> None:
    assert "555" not in str(redact_phones(f"电{text}话", PHONE)).replace("５", "5")


@pytest.mark.parametrize("text", ["13800001234", "0537-6661234", "010 66612345", "0632-5551234-801"])
def test_whatever_looks_like_a_number_goes_as_well(text: str) -> None:
    assert redact_phones(f"找{text}。", PHONE) == "找（电话从略）。"


@pytest.mark.parametrize(
    "text", ["QH202611240001", "2026-11-24 09:00", "91370400MA3C123456", "枣接诉督〔2026〕1号", "12345热线"]
)
def test_other_numbers_stay(text: str) -> None:
    assert redact_phones(text, PHONE) == text


@pytest.mark.rule("R44")
def test_the_review_form_has_what_both_calls_said_and_can_be_had_before_it_is_filled_in() -> None:
    filled = of_review().fields
    assert (filled["首次办理情况"], filled["再次办理情况"]) == ("已安排验收", "已送电")
    assert str(filled["首次回访"]).startswith("不满意（")
    assert str(filled["再次回访"]).startswith("非常不满意（")
    blank = claim_papers.review_form_paper(Paper().in_review().claim, at=TUESDAY)
    text = read(render(numbered(blank)))
    assert "不满意诉求审核反馈表" in text
    assert (blank.fields["不满意原因"], blank.fields["负责人"]) == ("", "")


@pytest.mark.rule("R36")
def test_an_accountability_file_holds_lights_letters_and_journal() -> None:
    fields = of_accountability().fields
    claim = late().claim
    for field, many in (("亮牌", claim.lights), ("督办", claim.letters)):
        rows = fields[field]
        assert isinstance(rows, list)
        assert len(rows) == len(many)
    lines = fields["日志"]
    assert isinstance(lines, list)
    assert len(lines) == claim.seq


def test_papers_of_different_things_never_have_the_same_id() -> None:
    claim = late().claim
    ids = [claim_papers.letter_paper(claim, letter).id for letter in claim.letters]
    ids += [make().id for make in DRAWN_UP.values()]
    assert len(set(ids)) == len(ids) - 1  # of_letter makes the first letter again


def test_an_unsatisfied_remark_is_quoted() -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied", remark="还没通电")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    blank = claim_papers.review_form_paper(paper.claim, at=datetime(2026, 11, 24, tzinfo=UTC))
    assert str(blank.fields["首次回访"]).endswith("：还没通电")


@pytest.mark.rule("R54")
def test_what_is_cut_short_was_redacted_before_so_that_no_half_of_a_number_stays() -> None:
    paper = Paper().fed_back()
    case = Case(measure="x/1", unit=POWER, unit_name="供电", at=paper.now, reason="", numbers=(), lights=())
    shown = []
    for before in range(LONGEST_LINE - 12, LONGEST_LINE + 1):
        text = f"{'长' * before}13905550009{'长' * 90}"
        line = paper.journal[-1].model_copy(update={"text": text})
        shown += [one.text for one in material_of(case, [(paper.claim, [line])]).journal]
    assert {len(text.rstrip("…")) for text in shown} > {LONGEST_LINE - 5, LONGEST_LINE}
    assert not [text for text in shown if re.search("[0-9]", text)]
    assert not [text for text in shown if "（" in text and "（电话从略）" not in text]
