"""Claims that are probably duplicates."""

import pytest

from claims.lookup.duplicates import SIMILARITY_THRESHOLD, similarity

MATTER = "厂区二期变压器已安装到位一个多月，供电验收一直排不上。"


@pytest.mark.rule("R48")
@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (MATTER, True),
        ("变压器已安装到位，供电验收还是排不上", True),
        ("二期变压器供电验收排不上，请尽快", True),
        ("厂区门前道路积水，请修整", False),
        ("申请高新技术企业补贴一直没有到账", False),
        ("", False),
    ],
)
def test_the_same_matter_in_other_words_is_found(other: str, alike: bool) -> None:
    assert (similarity(MATTER, other) >= SIMILARITY_THRESHOLD) is alike
    assert similarity(MATTER, other) == similarity(other, MATTER)
