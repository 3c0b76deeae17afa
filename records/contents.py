"""The contents of attachments, stored by hash in `<root>/ab/abcdef…`: written atomically, verified on reading."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import BaseModel, ConfigDict

CHUNK: Final = 1024 * 1024
_INCOMING: Final = ".incoming"
_FORGOTTEN_SECONDS: Final = 24 * 3600
_JUST_PUT_SECONDS: Final = 3600
"""How long a new content may have no attachment row yet."""


class ContentLost(Exception):
    """The content under a hash is missing or was changed."""


class Content(BaseModel):
    """A content's hash and size in bytes."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    size: int


class ContentStore:
    """Files in one folder, created on first use. Safe for concurrent threads and processes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, source: BinaryIO) -> Content:
        """Store a file's content from its current position. It is on disk when this returns."""
        incoming = self._root / _INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        _forget_old(incoming)
        written, name = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(written, "wb") as target:
                content = _copy(source, target)
            place = self._place(content.sha256)
            place.parent.mkdir(exist_ok=True)
            # Overwrites what is there: the same bytes, or damaged ones.
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for folder in (place.parent, self._root):
            _sync_folder(folder)
        return content

    def get(self, sha256: str) -> bytes:
        """Return the bytes. Raises ContentLost if they are missing or changed."""
        try:
            data = self._place(sha256).read_bytes()
        except OSError as error:
            raise ContentLost(f"{sha256}: {error.strerror}") from error
        if (found := hashlib.sha256(data).hexdigest()) != sha256:
            raise ContentLost(f"{sha256}: holds {found}")
        return data

    def remove(self, sha256: str) -> None:
        """Remove a content, unless it was just stored again."""
        place = self._place(sha256)
        try:
            if time.time() - place.stat().st_mtime > _JUST_PUT_SECONDS:
                place.unlink()
        except FileNotFoundError:
            return

    def size(self, sha256: str) -> int:
        """Return the size in bytes; 0 if the content does not exist."""
        place = self._place(sha256)
        return place.stat().st_size if place.is_file() else 0

    def _place(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256


def _copy(source: BinaryIO, target: BinaryIO) -> Content:
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(source):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    target.flush()
    os.fsync(target.fileno())
    return Content(sha256=digest.hexdigest(), size=size)


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def _forget_old(incoming: Path) -> None:
    """Remove temporary files of a killed process."""
    for left in incoming.iterdir():
        try:
            if time.time() - left.stat().st_mtime > _FORGOTTEN_SECONDS:
                left.unlink()
        except FileNotFoundError:
            continue


def _sync_folder(folder: Path) -> None:
    """Sync the folder to disk, which makes a new name durable."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
