"""The knowledge base: which questions it answers immediately."""

from datetime import date

import pytest

import data
from claims.lookup import knowledge
from claims.lookup.directory import suggest
from claims.lookup.knowledge import Article, found_in, plain, search
from claims.text.normalisation import half_width
from data import SampleClaim
from tests.support.dates import day

ARTICLES = data.load_knowledge()
SAMPLES = {sample.no: sample for sample in data.load_sample_claims()}


def an_article(
    article_id: str, title: str, keywords: tuple[str, ...], *, effective_to: date | None = None
) -> Article:
    return Article(
        id=article_id,
        title=title,
        keywords=keywords,
        answer="答复",
        legal_basis="某法第1条",
        topic="某事",
        unit="市税务局",
        effective_from=day("Sun 2023-01-01"),
        effective_to=effective_to,
        reviewed_on=day("Mon 2026-11-02"),
    )


@pytest.mark.rule("R12")
@pytest.mark.parametrize(("no", "article"), [(1, "KB-001"), (2, "KB-002")])
def test_the_samples_that_can_be_answered_at_once_find_their_article_first(no: int, article: str) -> None:
    assert SAMPLES[no].expect == "即时答复"
    assert search(SAMPLES[no].text, ARTICLES)[0].article == article


@pytest.mark.rule("R12")
def test_which_level_decides_on_a_discharge_permit_is_not_in_the_knowledge_base() -> None:
    assert SAMPLES[3].topic == "排污许可"
    assert search(SAMPLES[3].text, ARTICLES) == []


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    "sample", [s for s in SAMPLES.values() if s.expect != "即时答复"], ids=lambda s: f"{s.no}-{s.topic}"
)
def test_no_other_sample_is_taken_for_answered(sample: SampleClaim) -> None:
    assert search(sample.text, ARTICLES) == []


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    ("q", "article"),
    [
        ("加计扣除", "KB-001"),
        ("研发费备查资料", "KB-001"),
        ("开餐馆要办哪些证", "KB-002"),
        ("注册公司多长时间发照", "KB-003"),
        ("公司换法定代表人多久内要变更登记", "KB-004"),
        ("简易注销公示多少天", "KB-005"),
        ("企业年报哪天截止", "KB-006"),
        ("小微企业所得税有什么优惠", "KB-007"),
        ("高企税率是多少", "KB-008"),
        ("数电票额度不够", "KB-009"),
        ("新员工社保多少天内办", "KB-010"),
        ("工伤认定要多久", "KB-011"),
        ("没签劳动合同赔不赔", "KB-012"),
        ("住房公积金能不能缓缴", "KB-013"),
        ("施工许可证几天能批", "KB-014"),
        ("消防备案和验收有什么不同", "KB-015"),
        ("机关付款期限最长多少天", "KB-016"),
        ("政府采购质疑几天内提", "KB-017"),
        ("抽查不合格怎样申请复检", "KB-018"),
        ("商标到期怎么续展", "KB-019"),
        ("叉车使用登记", "KB-020"),
    ],
)
def test_a_plain_question_finds_its_article_first(q: str, article: str) -> None:
    assert search(q, ARTICLES)[0].article == article


@pytest.mark.rule("R12")
def test_a_hit_carries_the_answer_its_law_and_why_it_was_found() -> None:
    hit = search("预缴时能否享受加计扣除", ARTICLES)[0]
    assert "7月预缴申报第2季度" in hit.answer
    assert "国家税务总局 财政部公告2023年第11号" in hit.legal_basis
    assert hit.reasons == ("提到“加计扣除”",)


@pytest.mark.rule("R12")
@pytest.mark.parametrize("q", ["", "  ", "？！", "请问怎么办理", "需要准备什么材料"])
def test_a_question_without_a_matter_finds_nothing(q: str) -> None:
    assert search(q, ARTICLES) == []


@pytest.mark.rule("R12")
def test_words_close_to_the_title_find_an_article_without_any_keyword() -> None:
    article = an_article("KB-900", "出口退税的申报期限", ("退税率",))
    (hit,) = search("出口退税申报截止", [article])
    assert hit.reasons == ("与标题“出口退税的申报期限”用词相近",)


@pytest.mark.rule("R12")
@pytest.mark.parametrize(
    ("on", "found"),
    [
        (day("Fri 2022-12-30"), []),
        (day("Sun 2023-01-01"), ["KB-900"]),  # first day in force
        (day("Fri 2027-12-31"), ["KB-900"]),  # last day in force
        (day("Mon 2028-01-03"), []),
        (None, ["KB-900"]),
    ],
)
def test_an_article_out_of_force_on_the_day_is_left_out(on: date | None, found: list[str]) -> None:
    article = an_article("KB-900", "优惠", ("减免",), effective_to=day("Fri 2027-12-31"))
    assert [hit.article for hit in search("减免", [article], on=on)] == found


@pytest.mark.rule("R12")
def test_ties_go_by_article_id_and_the_limit_cuts() -> None:
    articles = [an_article(f"KB-90{n}", "优惠", ("减免",)) for n in (3, 1, 2)]
    assert [hit.article for hit in search("减免", articles, limit=2)] == ["KB-901", "KB-902"]


@pytest.mark.rule("R12")
def test_every_article_was_reviewed_after_it_took_effect_and_cites_its_law() -> None:
    assert [a.id for a in ARTICLES if a.reviewed_on < a.effective_from or not a.legal_basis] == []
    assert 12 <= len(ARTICLES) <= 20


def test_a_word_inside_a_longer_found_word_is_not_counted_twice() -> None:
    assert found_in(plain("疏港道路堵"), ["道路", "疏港道路", "港口"]) == ("疏港道路",)


def test_plain_text_folds_width_case_and_drops_punctuation() -> None:
    assert plain("５Ｇ “Ab”，枣 庄") == "5gab枣庄"


@pytest.mark.rule("R12", "R14")
@pytest.mark.parametrize("look_up", ["articles", "units"])
def test_a_long_matter_is_made_comparable_once_and_not_for_each_entry(
    monkeypatch: pytest.MonkeyPatch, look_up: str
) -> None:
    """Pages ask while somebody types, on the thread that answers everybody."""
    matter = "变压器验收排不上。" * 500
    made: list[str] = []

    def noted(text: str) -> str:
        if text == matter:
            made.append(text)
        return half_width(text)

    monkeypatch.setattr(knowledge, "half_width", noted)
    if look_up == "articles":
        search(matter, ARTICLES)
    else:
        suggest(
            matter,
            None,
            on=day("Mon 2026-11-23"),
            entries=data.load_directory(),
            organisation=data.load_organisation(),
        )
    assert len(made) in (1, 2)
