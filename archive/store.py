"""Storage of an archive: a folder, or an address for fsspec such as `s3://bucket/archive`.

A file appears whole or not at all. Only `replace` overwrites files.
"""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from archive.errors import ConflictingContent, StoreFailed

_TEMPORARY: Final = "tmp"


class FileSystem(Protocol):
    """The part of fsspec's interface that is used here."""

    def cat_file(self, path: str) -> bytes:
        """Return a file's bytes. Raises FileNotFoundError."""

    def find(self, path: str) -> list[str]:
        """Return all files below a path, at any depth."""

    def rm_file(self, path: str) -> None:
        """Remove a file. Raises FileNotFoundError."""

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite") -> object:
        """Write a whole file; with mode "create", raises FileExistsError if it exists."""


class Store:
    """Reads and writes files by their names below a root. Thread-safe."""

    def __init__(
        self, files: FileSystem, root: str, *, folder: Path | None, failures: tuple[type[Exception], ...]
    ) -> None:
        self._files = files
        self._root = root.rstrip("/")
        self._folder = folder
        self._failures = failures

    def __str__(self) -> str:
        return self._root

    def read(self, name: str) -> bytes:
        """Return a file's bytes. Raises FileNotFoundError, StoreFailed."""
        with self._reporting_failures(name):
            return self._files.cat_file(self._path(name))

    def read_if_there(self, name: str) -> bytes | None:
        """Return a file's bytes, or None if it does not exist."""
        try:
            return self.read(name)
        except FileNotFoundError:
            return None

    def names(self, below: str) -> list[str]:
        """Return all files below a folder, sorted by name; empty if the folder does not exist."""
        with self._reporting_failures(below):
            try:
                found = self._files.find(self._path(below))
            except FileNotFoundError:
                return []
        return sorted(path[path.index(f"{self._root}/") + len(self._root) + 1 :] for path in found)

    def put_new(self, name: str, data: bytes) -> None:
        """Write a new file. A file with the same content is left as it is. The first writer wins. Raises
        ConflictingContent if the file has other content, StoreFailed if it cannot be written.
        """
        with self._reporting_failures(name, writing=True):
            try:
                self._create(name, data)
            except FileExistsError as error:
                if self._files.cat_file(self._path(name)) != data:
                    raise ConflictingContent(f"{self}/{name} 已有不同的内容，没有覆盖") from error

    def replace(self, name: str, data: bytes) -> None:
        """Write a file, overwriting an existing one."""
        with self._reporting_failures(name, writing=True):
            if self._folder is None:
                self._files.pipe_file(self._path(name), data)
                return
            with self._temporary(data) as made:
                target = self._folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                made.replace(target)
                _sync_folder(target.parent)

    def remove(self, name: str) -> None:
        """Remove a file if it exists. Raises StoreFailed."""
        with self._reporting_failures(name, writing=True), suppress(FileNotFoundError):
            if self._folder is None:
                self._files.rm_file(self._path(name))
                return
            (self._folder / name).unlink()
            _sync_folder((self._folder / name).parent)

    def clear_temporary(self, before: datetime) -> None:
        """Remove half-written files that writers abandoned before an instant."""
        if self._folder is None:
            return
        with self._reporting_failures(_TEMPORARY), suppress(FileNotFoundError):
            for left in (self._folder / _TEMPORARY).iterdir():
                with suppress(FileNotFoundError):
                    if left.stat().st_mtime < before.timestamp():
                        left.unlink()

    def _create(self, name: str, data: bytes) -> None:
        if self._folder is None:
            self._files.pipe_file(self._path(name), data, mode="create")
            return
        target = self._folder / name
        if target.exists():
            raise FileExistsError(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._temporary(data) as made:
            os.link(made, target)
            _sync_folder(target.parent)

    @contextmanager
    def _temporary(self, data: bytes) -> Iterator[Path]:
        """Create a file on disk under a temporary name."""
        assert self._folder is not None
        folder = self._folder / _TEMPORARY
        folder.mkdir(parents=True, exist_ok=True)
        made = folder / uuid4().hex
        try:
            with made.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield made
        finally:
            made.unlink(missing_ok=True)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _reporting_failures(self, name: str, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if writing:
                raise StoreFailed(f"归档存储 {self} 不存在：{error}") from error
            raise
        except OSError as error:
            raise StoreFailed(f"归档存储 {self}：{name} {_why(error)}") from error
        except self._failures as error:
            raise StoreFailed(f"归档存储 {self} 没有应答，请检查地址、网络与密钥：{error}") from error


_REASONS: Final[Mapping[int, str]] = {
    errno.ENOSPC: "没有写入：磁盘已满，请腾出空间，下次归档会接着做",
    errno.EDQUOT: "没有写入：磁盘配额已用完，请扩大配额，下次归档会接着做",
    errno.EFBIG: "没有写入：超出允许的文件大小",
    errno.EROFS: "没有写入：磁盘是只读的",
    errno.EACCES: "没有权限",
}


def _why(error: OSError) -> str:
    return _REASONS.get(error.errno or 0, f"不能读写：{error}")


def _sync_folder(folder: Path) -> None:
    """Sync the folder to disk; otherwise a new file's name may be lost in a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_store(url: str) -> Store:
    """Return the store at an address without creating anything. Raises StoreFailed for an invalid address."""
    try:
        files, root = url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
    except (ImportError, ValueError) as error:
        raise StoreFailed(f"不能使用归档地址 {url}：{error}；请核对 ZAOYING_ARCHIVE_URL") from error
    folder = Path(root) if isinstance(files, LocalFileSystem) else None
    return Store(files, root, folder=folder, failures=_failures_of(url))


def _failures_of(url: str) -> tuple[type[Exception], ...]:
    """Return the exceptions that a store's library raises besides OSError."""
    if not url.startswith(("s3:", "s3a:")):
        return ()
    from botocore.exceptions import BotoCoreError, ClientError

    return (BotoCoreError, ClientError)
