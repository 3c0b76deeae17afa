"""README.md and README.zh.md agree: the same commands, pictures, links and paths."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
READMES = ("README.md", "README.zh.md")
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)


def links(text: str) -> Counter[str]:
    """Return the links and pictures, except those to the other README."""
    found = re.findall(r"\]\(([^)]+)\)", text)
    return Counter(target for target in found if target not in READMES)


def commands(text: str) -> list[str]:
    """Return the commands without trailing comments."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [re.sub(r"\s+# .*", "", block) for block in blocks]


def places(text: str) -> Counter[str]:
    """Return files, addresses and names in the text, without placeholders, which are translated."""
    found = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return Counter(re.sub(r"[<{].*?[>}]", "{}", place) for place in found)


def test_they_link_to_the_same_and_show_the_same_pictures() -> None:
    assert links(ENGLISH) == links(CHINESE)


def test_their_commands_are_the_same() -> None:
    assert commands(ENGLISH) == commands(CHINESE)
    assert len(commands(ENGLISH)) == 4


def test_they_name_the_same_places() -> None:
    assert places(ENGLISH) == places(CHINESE)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=READMES)
def test_they_open_with_a_picture_and_no_command_needs_a_number_typed_by_hand(text: str) -> None:
    assert text.index("![") < text.index("## ")
    assert not [block for block in commands(text) if "QH" in block]


@pytest.mark.parametrize("target", sorted(links(ENGLISH)))
def test_what_is_linked_is_there(target: str) -> None:
    path, _, heading = target.partition("#")
    if "://" in path:
        return
    assert (ROOT / path).exists()
    if heading:
        titles = re.findall(r"^#+ (.*)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
        assert heading in {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}
