"""Dates and ordinals in papers (GB/T 9704)."""

import pytest

from documents.wording import chinese_dates, ordinal


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ("解决时限将于 2026-12-08 24:00 到期", "解决时限将于2026年12月8日24时到期"),
        ("派单时限 2026-11-25 24:00；完", "派单时限2026年11月25日24时；完"),
        ("渠道 12345，2026-11-24 09:05", "渠道 12345，2026年11月24日9时5分"),
        ("2026-11-24 by post", "2026年11月24日 by post"),
    ],
)
def test_a_date_among_chinese_words_has_no_spaces_around_it(recorded: str, said: str) -> None:
    assert chinese_dates(recorded) == said


@pytest.mark.parametrize(
    ("n", "said"), [(1, "（一）"), (10, "（十）"), (12, "（十二）"), (20, "（二十）"), (35, "（三十五）")]
)
def test_parts_below_a_numbered_heading_are_counted_in_chinese(n: int, said: str) -> None:
    assert ordinal(n) == said
