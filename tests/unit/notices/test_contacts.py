"""The file of channels: its syntax, and what is never disclosed."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from pathlib import Path

import pytest

from calendar_rules.office_hours import OfficeHours
from claims.transition import ENTERPRISE
from notices.contacts import BrokenContacts, ContactBook, read_contacts
from tests.support.notices.outbox_samples import contacts

ROOT = Path(__file__).parents[3]
SECRET = "key-4711"
MAIL = f"mailtos://user:{SECRET}@smtp.example.org?from=a@example.org&to=b@example.org"
SMS = "jsons://sms.example.org/send?:phone={phone}"


def test_a_unit_that_is_not_listed_has_the_default_channels(tmp_path: Path) -> None:
    found = read_contacts(
        contacts(tmp_path, {"总值班": MAIL, "供电": MAIL}, default=["总值班"], ZZ_GD=["供电"])
    )
    assert found.channels_of("ZZ-GD") == ("供电",)
    assert found.channels_of("ZZ-SWJ") == ("总值班",)


@pytest.mark.rule("R70")
def test_word_to_the_enterprise_never_goes_to_the_default_channels(tmp_path: Path) -> None:
    assert read_contacts(contacts(tmp_path, {"总值班": MAIL})).channels_of(ENTERPRISE) == ()


def test_the_phone_number_takes_its_place_in_the_address_as_digits_alone(tmp_path: Path) -> None:
    found = read_contacts(contacts(tmp_path, {"短信": SMS}, enterprise=["短信"]))
    assert (
        found.address("短信", phone="0632-5550004&x=/..") == "jsons://sms.example.org/send?:phone=06325550004"
    )


def test_without_a_file_nobody_has_a_channel(tmp_path: Path) -> None:
    assert read_contacts(tmp_path / "contacts.toml").channels_of("ZZ-GD") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f'[channels]\n"邮箱" = "nosuch://{SECRET}"', "邮箱"),
        (f'[channels]\n"邮箱" = "{MAIL}"\n[contacts]\nZZ-GD = ["微信"]', "微信"),
        (f'[channels]\n"邮箱" = ["{SECRET}"]', "channels"),
        (f'[channels]\n"邮箱" = "{SECRET}', "end of document"),
        (f'[channels]\n"邮箱" = {SECRET}', "line 2"),
        (f'[chanels]\n"邮箱" = "{SECRET}"', "没有名为 chanels 的字段，是否想填 channels？"),
    ],
)
def test_a_broken_file_is_refused_without_naming_an_address(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "contacts.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenContacts, match=says) as refused:
        read_contacts(path)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_changed_file_is_read_again_and_a_broken_one_leaves_the_last_in_force(tmp_path: Path) -> None:
    book = ContactBook(contacts(tmp_path, {"邮箱": MAIL}))
    assert book.refresh()
    assert not book.refresh()
    good = book.contacts
    (tmp_path / "contacts.toml").write_text("[broken", encoding="utf-8")
    with pytest.raises(BrokenContacts):
        book.refresh()
    assert book.contacts == good
    (tmp_path / "contacts.toml").unlink()
    with pytest.raises(BrokenContacts):
        book.refresh()
    assert book.contacts == good
    contacts(tmp_path, {"企业微信": MAIL})
    assert book.refresh()
    assert book.contacts is not None
    assert book.contacts.channels_of("ZZ-GD") == ("企业微信",)


@contextmanager
def no_more_files() -> Iterator[None]:
    """Lower the process's limit of open files."""
    next_one = os.open(os.devnull, os.O_RDONLY)
    os.close(next_one)
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_one, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))


def test_what_could_not_be_read_for_a_moment_is_told_once_and_tried_again(tmp_path: Path) -> None:
    book = ContactBook(contacts(tmp_path, {"邮箱": MAIL}))
    with no_more_files():
        with pytest.raises(BrokenContacts, match="OSError"):
            book.refresh()
        assert not book.refresh()
    assert book.contacts is None
    assert book.refresh()
    assert book.contacts is not None
    assert book.contacts.channels_of("ZZ-GD") == ("邮箱",)


def test_the_example_is_valid_and_the_one_that_the_manual_shows() -> None:
    example = ROOT / "deploy" / "contacts.example.toml"
    assert read_contacts(example).channels_of("ZZ-GD") == ("供电企业微信", "总值班邮箱")
    assert read_contacts(example).channels_of("ZZ-TJJ") == ()
    assert example.read_text(encoding="utf-8") in (ROOT / "docs" / "operations.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.rule("R29")
def test_the_file_says_the_office_hours_and_who_hears_at_once(tmp_path: Path) -> None:
    path = tmp_path / "contacts.toml"
    path.write_text('office_hours = [09:00:00, 17:00:00]\nat_once = ["LG-DD"]\n', encoding="utf-8")
    found = read_contacts(path)
    assert found.office_hours == OfficeHours(time(9), time(17))
    assert found.at_once == {"LG-DD"}
    path.write_text("office_hours = [17:30:00, 08:30:00]\n", encoding="utf-8")
    with pytest.raises(BrokenContacts, match="office_hours"):
        read_contacts(path)
