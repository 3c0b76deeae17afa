"""One normalisation of text (§1, R10): what is removed, what is equal, what is refused."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claims.model.claim_parts import WorkOrder
from claims.papers.redaction import redact_identity, redact_phones
from claims.text.credit_code import NotACreditCode, credit_code
from claims.text.normalisation import (
    UnreadableText,
    aligned,
    claim_number,
    clean,
    clean_json,
    half_width,
    identifier,
    name_key,
    one_line,
)
from claims.text.phones import NotAPhone, knows, message_number, normalised
from tests.support.claims.credit_codes import check_character, code_of

NOTHING_SEEN = (
    "\u200b\u200d\ufeff\u00ad\u2060\u202e\u2066\u3164\u2800\U000e0041\x07\u115f\ufe0f\U000e0101\u180b"
)


@pytest.mark.rule("R10")
def test_what_shows_nothing_is_dropped_and_line_breaks_stay() -> None:
    assert clean(NOTHING_SEEN) == clean("\u0301\u20e3\uffff\ufdd0\ufffc\U0001d159") == ""
    assert clean(f"枣{NOTHING_SEEN}庄") == "枣庄"
    assert clean("第一行\r\n第二行\u2028第三行\t完") == "第一行\n第二行\n第三行\t完"
    assert one_line(" 枣庄\u3000 某某\n公司 ") == "枣庄 某某 公司"


@pytest.mark.parametrize("text", ["½ 亩，20㎡，①②", "“引号”、（括号）—破折号", "é 和 ñ"])
def test_prose_keeps_its_signs(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", {"名": ["\ud83d"]}, {"a\x00": 1}])
def test_what_no_database_keeps_is_refused(text: object) -> None:
    with pytest.raises(UnreadableText):
        clean_json(text)  # type: ignore[arg-type]


@pytest.mark.rule("§1", "R48")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("枣庄（样例）有限公司", "枣庄(样例)有限公司"),
        ("山东ＡＢＣ科技", "山东abc科技"),
        ("第１２建筑公司", "第12建筑公司"),
        ("枣庄 样例 有限公司", "枣庄样例有限公司"),
        ("枣庄\uf90a属", "枣庄金属"),
        ("枣庄\u200b样例\ufeff", "枣庄样例"),
        ("枣庄【样例】“优品”公司", "枣庄(样例)优品公司"),
        ("A—B 公司", "A-B公司"),
        ("甲·乙公司", "甲•乙公司"),
    ],
)
def test_two_spellings_of_one_name_are_compared_as_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_two_names_stay_two() -> None:
    names = ["枣庄样例有限公司", "枣庄样例股份有限公司", "滕州样例有限公司", "枣庄样列有限公司"]
    assert len({name_key(name) for name in names}) == len(names)


@pytest.mark.rule("R10")
def test_a_channels_number_has_one_form_and_its_capitals_count() -> None:
    assert identifier("ＳＺＸＸ－２０３１－Ａ７") == identifier(" SZXX—2031-A7\u200b") == "SZXX-2031-A7"
    assert identifier("szxx-2031-a7") != "SZXX-2031-A7"


@pytest.mark.rule("§1")
def test_a_work_orders_number_has_one_form() -> None:
    assert claim_number(" ｑｈ2026１１240001\u200b") == claim_number("QH202611240001") == "QH202611240001"


def test_a_letter_has_no_more_marks_than_any_script_gives_it() -> None:
    """Normalisation time grows with the square of a run's length: this would take minutes."""
    assert len(clean("甲" + "\u0301\u0316" * 100_000 + "乙")) == len("甲乙") + 30
    assert len(name_key("\u0344" * 100_000)) < 100


@example("t¨")
@given(st.text())
@example("\u0339\u034f\u0334").via("what kept two marks apart is removed")
@example("a \u0301").via("a space is removed before a mark")
@example("\u1f80").via("folding capitals takes a letter apart")
def test_normalising_again_changes_nothing(text: str) -> None:
    for normalise in (clean, half_width, identifier, name_key, one_line):
        assert normalise(normalise(text)) == normalise(text)
    assert len(aligned(text)) == len(text)
    assert not [char for char in clean(text) if unicodedata.category(char) in ("Cf", "Cs")]


@pytest.mark.rule("R10")
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("139 0632 0001", "13906320001"),
        ("139-0632-0001", "13906320001"),
        ("+86 13906320001", "13906320001"),
        ("0086-139-0632-0001", "13906320001"),
        ("(+86)13906320001", "13906320001"),
        ("１３９０６３２０００１", "13906320001"),
        ("(0632)5550001", "0632-5550001"),
        ("（0632）5550001", "0632-5550001"),
        ("0632－5550001", "0632-5550001"),
        ("0632—5550001", "0632-5550001"),
        ("06325550001", "0632-5550001"),
        ("86-632-5550001", "0632-5550001"),
        ("5550001", "0632-5550001"),
        ("0632-5550001-801", "0632-5550001转801"),
        ("0632-5550001 转 801", "0632-5550001转801"),
        ("0632-5550001ext801", "0632-5550001转801"),
        ("0632-5550001,801", "0632-5550001转801"),
        ("4001234567", "400-123-4567"),
        ("010-12345678", "010-12345678"),
        ("+852 23456789", "+852 2345 6789"),
        ("12345", "12345"),
        ("0632-5550001/13906320001", "0632-5550001、13906320001"),
        ("13906320001 0632-5550001", "13906320001、0632-5550001"),
        ("0537-2345678/8765432", "0537-2345678、0537-8765432"),
        ("139 0632 0001（王经理）", "13906320001（王经理）"),
        ("电话：0632-5550001", "0632-5550001"),
        ("139.0632.0001", "13906320001"),
        ("0632-5550001（转801）", "0632-5550001转801"),
        ("0632-5550001(801)", "0632-5550001转801"),
    ],
)
def test_a_phone_number_is_kept_in_one_form_however_it_is_written(written: str, kept: str) -> None:
    assert normalised(written) == kept
    assert normalised(kept) == kept


@pytest.mark.rule("R10")
@pytest.mark.parametrize("written", ["没有电话", "1-----2", "123", "1" * 40, "@13906320001", "、"])
def test_what_is_no_phone_number_is_refused(written: str) -> None:
    with pytest.raises(NotAPhone):
        normalised(written)


@pytest.mark.rule("R39")
@pytest.mark.parametrize(
    ("kept", "asked", "is_known"),
    [
        ("0632-5550001转801", "0001", True),
        ("0632-5550001转801", "1801", True),
        ("0632-5550001转801", "0801", True),
        ("0632-5550001转801", "801", False),
        ("13906320001", "０００１", True),
        ("13906320001", "+86 139-0632-0001", True),
        ("13906320001", "0000", False),
        ("13906320001", "", False),
        ("13906320001", "113906320001", False),
        ("0632-5550001", "5550001", True),
        ("0632-5550001、13906324417", "4417", True),
        ("0632-5550001、13906324417", "0001", True),
        ("0632-5550001、13906324417", "14417", False),
        ("（0632）5550001", "0001", True),
    ],
)
def test_the_last_digits_of_each_number_open_an_enquiry(kept: str, asked: str, is_known: bool) -> None:
    assert knows(asked, kept) == is_known


@pytest.mark.rule("R41")
@pytest.mark.parametrize(
    ("kept", "digits"),
    [
        ("0632-5550001转801、13906324417（王经理）", "13906324417"),
        ("0632-5550001转801", "06325550001"),
        ("", ""),
    ],
)
def test_a_message_goes_to_the_first_mobile(kept: str, digits: str) -> None:
    assert message_number(kept) == digits


@pytest.mark.rule("R54", "R70")
@pytest.mark.parametrize(
    "number",
    [
        "139-0555-0009",
        "0086 139 0555 0009",
        "（+86）13905550009",
        "１３９０５５５０００９",
        "1 3 9 0 5 5 5 0 0 0 9",
        "139.0555.0009",
        "139\u200b05550009",
        "一三九零五五五零零零九",
        "幺三九〇五五五〇〇〇九",
        "４００－１２３－４５６７",
        "(0632)5550001转801",
        "+852 2345 6789",
        "0632 555 0001",
        "139，0555，0009",
        "139/0555/0009",
        "139\n0555\n0009",
        "壹叁玖零伍伍伍零零零玖",
        "١٣٩٠٥٥٥٠٠٠٩",
        "139****0009",
    ],
)
def test_a_phone_number_in_prose_is_found_in_any_spelling(number: str) -> None:
    assert redact_phones(f"请拨{number}找我", "") == "请拨（电话从略）找我"


@pytest.mark.rule("R53", "R54")
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("王经理（13905550009）来电", "王经理（电话从略）来电"),
        ("（0632-5550004）", "（电话从略）"),
        ("（0632 5550004 或来信", "（电话从略） 或来信"),
        ("(0632)5550004(转801)", "（电话从略）"),
        ("见附件(2)13905550009(李)", "见附件(2)（电话从略）(李)"),
        ("（电话：0632-5550004）", "（电话：（电话从略））"),
    ],
)
def test_no_bracket_is_left_alone_beside_a_number_that_is_masked(written: str, shown: str) -> None:
    assert redact_phones(written, "0632-5550004") == shown
    assert redact_phones(shown, "0632-5550004") == shown


@pytest.mark.parametrize(
    "text",
    ["QH202611240001 于2026-11-24 10:00 办结", "投资15000万元，面积1200.5亩", "共3件，第2次", "0.5%，2026年"],
)
def test_numbers_that_are_no_phones_stay(text: str) -> None:
    assert redact_phones(text, "0632-5550001") == text


@pytest.mark.rule("R53", "R54")
@pytest.mark.parametrize(
    "text",
    [
        "枣庄（样例）精密铸造有限公司反映",
        "枣庄(样例) 精密铸造有限公司反映",
        "（样例）精密铸造反映",
        "枣庄样例精密铸造公司反映",
        "样例公司反映",
        "枣庄样例反映",
        "王总反映",
        "代码9137 0400 MA00反映".replace("9137 0400 MA00", "{code}"),
        "王经理反映",
        "拨5550001反映",
        "尾号0001反映",
        "6325550001反映",
    ],
)
def test_words_that_give_an_enterprise_away_are_masked(text: str) -> None:
    name = "枣庄（样例）精密铸造有限公司"
    code = code_of(name)
    order = WorkOrder.model_validate(
        {"channel": "desk", "category": "help", "matter": "x", "enterprise": name, "contact": "王经理"}
        | {"phone": "0632-5550001", "credit_code": code}
    )
    masked = str(redact_identity(text.format(code=code.lower()), order))
    for secret in ("样例", "铸造", code, code.lower(), "王", "0001"):
        assert secret not in masked
    assert masked.endswith("反映")


@pytest.mark.rule("§1")
def test_a_credit_code_has_a_check_character() -> None:
    code = code_of("枣庄样例有限公司")
    assert credit_code(f" {code.lower()[:9]} {code[9:]}") == code
    assert credit_code("91110000600037341L") == "91110000600037341L"  # a published code
    wrong = "0" if check_character(code[:-1]) != "0" else "1"
    for text in (code[:-1] + wrong, code[:-1], f"{code}0", "不是代码", code.replace("9", "O", 1)):
        with pytest.raises(NotACreditCode):
            credit_code(text)


def visible_one_by_one(text: str) -> str:
    """The oracle, of the few characters below: what is hidden goes, and of a run of marks all beyond the thirtieth."""
    kept: list[str] = []
    run = 0
    for char in text:
        if char in HIDDEN:
            continue
        run = run + 1 if char in MARKS else 0
        if run <= 30:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept).lstrip("".join(MARKS)))


HIDDEN = frozenset("\u200b\u202e\ufe0f\u115f")
MARKS = frozenset("\u0301\u0323")
PARTS = st.sampled_from(["a", "枣", "]", "^", "-", "\\", "\n", *HIDDEN, *MARKS, "\u0301\u0323" * 20])


@given(st.lists(PARTS, max_size=30).map("".join))
def test_a_text_is_cleaned_as_if_each_character_were_looked_at(text: str) -> None:
    assert clean(text) == visible_one_by_one(text)
