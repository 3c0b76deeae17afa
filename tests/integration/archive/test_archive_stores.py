"""Stores of an archive: S3-compatible or a folder, and a full disk."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from s3fs import S3FileSystem

from archive.errors import ConflictingContent, StoreFailed
from archive.problems import ProblemKind
from archive.reader import Archive
from archive.store import open_store
from archive.writer import ArchiveWriter, ConcurrentWriter
from tests.support.archive.sample_archives import NOON, append, history_of

ROOT: Final = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3FileSystem]:
    """A local S3-compatible server, configured through the environment."""
    from moto.server import ThreadedMotoServer  # slow to import

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "NO_PROXY": "127.0.0.1",
        }.items():
            environment.setenv(name, value)
        yield S3FileSystem(use_listings_cache=False)
    server.stop()


@pytest.fixture
def bucket(s3: S3FileSystem) -> str:
    name = f"archive-{uuid4().hex[:8]}"
    s3.mkdir(name)
    return name


def test_an_archive_on_s3_is_as_good_as_one_in_a_folder(s3: S3FileSystem, bucket: str) -> None:
    url = f"s3://{bucket}/zaoying"
    writer = ArchiveWriter(open_store(url))
    writer.catch_up(NOON)
    append(writer, [0, 1])
    archive = Archive.at(url)
    assert list(archive.check()) == []
    assert archive.history("QH202611240001") == history_of(1)
    other = ArchiveWriter(open_store(url))
    other.catch_up(NOON)
    append(writer, [2])
    with pytest.raises(ConcurrentWriter):
        append(other, [3])
    other.catch_up(NOON)
    append(other, [3])
    assert list(archive.check()) == []
    s3.pipe_file(f"{bucket}/zaoying/{archive.find('QH202611240002')[0].file}", b"forged")
    s3.rm_file(f"{bucket}/zaoying/HEAD.json")
    found = {problem.kind for problem in archive.check()}
    assert found == {ProblemKind.CHANGED_FILE, ProblemKind.HEAD_MISSING}


def test_on_s3_nothing_is_overwritten_either(bucket: str) -> None:
    store = open_store(f"s3://{bucket}")
    store.put_new("a", b"1")
    store.put_new("a", b"1")
    with pytest.raises(ConflictingContent):
        store.put_new("a", b"2")
    assert store.read("a") == b"1"


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_said_so() -> None:
    with pytest.raises(StoreFailed, match="不存在"):
        ArchiveWriter(open_store("s3://nowhere/zaoying")).catch_up(NOON)


WRITER = """
import sys
from archive.store import open_store
from archive.writer import ArchiveWriter
from tests.support.archive.sample_archives import NOON, append
{before}
writer = ArchiveWriter(open_store(sys.argv[1]))
writer.catch_up(NOON)
while writer.head.count < {count}:
    append(writer, range(writer.head.count, writer.head.count + 2))
"""
FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
"""
KILLED = """
import os, signal
left = {events}
def count(event, arguments):
    global left
    if event in ("open", "os.link", "os.rename", "os.mkdir", "os.remove") and sys.argv[1] in str(arguments[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
"""


def write(folder: Path, before: str, count: int) -> "subprocess.CompletedProcess[str]":
    """Write an archive in a separate process."""
    program = WRITER.format(before=before, count=count)
    return subprocess.run(
        [sys.executable, "-c", program, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_a_store_that_takes_no_more_is_told_and_gone_on_with_later(tmp_path: Path) -> None:
    """The kernel refuses to write the manifest's lines after the histories: half of them are on the disk and
    are not trusted.
    """
    assert write(tmp_path, "", 2).returncode == 0
    refused = write(tmp_path, FULL, 4)
    assert refused.returncode == 1
    assert "StoreFailed" in refused.stderr
    assert "manifest/000000002.jsonl 没有写入" in refused.stderr
    archive = Archive.at(str(tmp_path))
    assert [problem.kind for problem in archive.check()] == [ProblemKind.STRAY_FILE, ProblemKind.STRAY_FILE]
    assert not list((tmp_path / "tmp").iterdir())
    assert len(list(archive.entries())) == 2
    assert write(tmp_path, "", 4).returncode == 0
    assert list(archive.check()) == []
    assert len(list(archive.entries())) == 4


EVENTS: Final = range(1, 60, 5)
"""The file system calls at which a writer dies: creating folders and files, renaming, removing."""


def test_a_writer_killed_anywhere_leaves_what_the_next_completes(tmp_path: Path) -> None:
    def die(events: int) -> int:
        folder = tmp_path / str(events)
        return write(folder, KILLED.format(events=events), 4).returncode

    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        codes = list(side_by_side.map(die, EVENTS))
    assert set(codes) == {-9}
    for events in EVENTS:
        archive = Archive.at(str(tmp_path / str(events)))
        left = {problem.kind for problem in archive.check()}
        assert left <= {
            ProblemKind.NO_ARCHIVE,
            ProblemKind.HEAD_MISSING,
            ProblemKind.HEAD_BEHIND,
            ProblemKind.STRAY_FILE,
        }, events
        writer = ArchiveWriter(open_store(str(tmp_path / str(events))))
        writer.catch_up(NOON)
        append(writer, range(writer.head.count, 4))
        assert list(archive.check()) == [], events
        assert [archive.history(entry.number) for entry in archive.entries()] == [
            history_of(n) for n in range(4)
        ]
