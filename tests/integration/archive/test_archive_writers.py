"""Two writers of one archive, and a check beside one: whatever comes between two operations."""

from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from archive.problems import ProblemKind
from archive.reader import Archive
from archive.store import open_store
from archive.writer import ArchiveWriter, ConcurrentWriter
from tests.support.archive.interleaved import InterleavedStore
from tests.support.archive.sample_archives import NOON, append

pytestmark = pytest.mark.rule("R70")


def written(writer: ArchiveWriter, numbers: Sequence[int]) -> None:
    """Append each execution by itself that is not there yet, as sweeps do."""
    writer.catch_up(NOON)
    for no in numbers:
        while f"run-{no:04}" not in writer.runs:
            try:
                append(writer, [no])
            except ConcurrentWriter:
                writer.catch_up(NOON)


@pytest.mark.parametrize("before", [0, 2], ids=["no archive", "an archive"])
@pytest.mark.parametrize("numbers", [[5], [5, 6], [6, 7]], ids=["one", "the same two", "others"])
def test_a_writer_between_any_two_operations_of_another(
    tmp_path: Path, before: int, numbers: Sequence[int]
) -> None:
    for n in count():
        folder = tmp_path / str(n)
        if before:
            written(ArchiveWriter(open_store(str(folder))), range(before))
        other = ArchiveWriter(open_store(str(folder)))
        store = InterleavedStore(folder, n, partial(written, other, numbers))
        written(ArchiveWriter(store), [5, 6])
        if store.is_over:
            break
        archive = Archive.at(str(folder))
        assert list(archive.check()) == [], n
        assert sorted(entry.run_id for entry in archive.entries()) == [
            f"run-{no:04}" for no in sorted({*range(before), 5, 6, *numbers})
        ]
    assert n > 10


def test_an_archive_that_begins_during_a_check_is_no_damage(tmp_path: Path) -> None:
    for n in count():
        folder = tmp_path / str(n)
        writer = ArchiveWriter(open_store(str(folder)))
        store = InterleavedStore(folder, n, partial(written, writer, [0, 1]))
        found = {problem.kind for problem in Archive(store).check()}
        assert found <= {ProblemKind.NO_ARCHIVE}
        if store.is_over:
            break


def test_many_writers_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    writers = [ArchiveWriter(open_store(str(tmp_path))) for _ in range(4)]
    threads = [Thread(target=written, args=(writer, range(no, 12 + no))) for no, writer in enumerate(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    archive = Archive.at(str(tmp_path))
    assert list(archive.check()) == []
    assert sorted(entry.run_id for entry in archive.entries()) == [f"run-{no:04}" for no in range(15)]
