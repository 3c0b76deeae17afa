"""`zaoying archive verify` without an archive: not yet, or no longer."""

import shutil
from pathlib import Path

from records.archive_heads import NotedHead, note_sweep
from records.database.engine import open_records
from service_layer.clock import now
from tests.support.archive.sample_archives import made_archive
from tests.support.processes.command import zaoying


def test_a_system_that_has_never_archived_has_nothing_wrong(records_file: Path) -> None:
    checked = zaoying("archive", "verify", home=records_file.parent)
    assert (checked.returncode, checked.stdout) == (0, "还没有归档过，没有可核对的\n")
    asked_for = zaoying("archive", "verify", "--head", "a" * 64, home=records_file.parent)
    assert asked_for.returncode == 1


def test_a_lost_archive_is_missed(records_file: Path, tmp_path: Path) -> None:
    home = records_file.parent
    with open_records(f"sqlite:///{records_file}") as records:
        note_sweep(records, NotedHead(installation="x", count=1, hash="a" * 64), None, now())
    assert zaoying("archive", "verify", home=home).returncode == 1
    assert zaoying("archive", "verify", home=tmp_path / "without-records").returncode == 1


def test_what_is_left_of_an_archive_is_checked_though_the_records_know_of_none(
    records_file: Path, tmp_path: Path
) -> None:
    made = made_archive(tmp_path / "made", 2)
    (made / "INSTALLATION.json").unlink()
    shutil.copytree(made, records_file.parent / "archive")
    checked = zaoying("archive", "verify", home=records_file.parent)
    assert checked.returncode == 1
    assert "no-archive" in checked.stdout
