"""Tampers with an archive."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from archive.entries import ArchiveHead, canonical, entry_hash
from archive.problems import Problem, ProblemKind
from archive.reader import Archive

SEGMENTS: Final = (4, 3, 2)
COUNT: Final = sum(SEGMENTS)
ENTRIES: Final = range(COUNT)
LAST: Final = COUNT - 1
SOME: Final = (0, 4, LAST)
"""The first entry, one at the start of a segment, and the last."""

Fields = dict[str, JsonValue]


class Tampered:
    """A copy of an archive, and functions to change it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = Archive.at(str(folder))
        self.original = list(self.archive.entries())
        self.head_file = folder / "HEAD.json"

    def lines(self) -> list[str]:
        return [line for file in self._segments() for line in file.read_text().splitlines()]

    def write(self, lines: list[str]) -> None:
        """Write lines in place of the manifest; segments keep their names as far as there are lines."""
        files = self._segments()
        sizes = [*SEGMENTS[: len(files) - 1], len(lines)]
        for file, size in zip(files, sizes, strict=True):
            part, lines = lines[:size], lines[size:]
            file.write_text("".join(f"{line}\n" for line in part)) if part else file.unlink()

    def edit(self, change: Callable[[list[str]], None]) -> None:
        lines = self.lines()
        change(lines)
        self.write(lines)

    def change(self, index: int, fields: Fields, *, forged: bool) -> None:
        """Change fields of an entry; if `forged`, also its hash."""
        lines = self.lines()
        entry: Fields = {**json.loads(lines[index]), **fields}
        if forged:
            entry["hash"] = entry_hash(entry)
        lines[index] = canonical(entry)
        self.write(lines)

    def rechain(self, index: int, fields: Fields) -> None:
        """Recompute all following hashes, and the head."""
        lines = self.lines()
        previous = json.loads(lines[index])["previous"]
        for at in range(index, len(lines)):
            entry: Fields = {**json.loads(lines[at]), "previous": previous, **(fields if at == index else {})}
            previous = entry["hash"] = entry_hash(entry)
            lines[at] = canonical(entry)
        self.write(lines)
        head = self.original[-1].head.model_copy(update={"hash": previous})
        self.head_file.write_text(canonical(head.model_dump(mode="json")))

    def history(self, index: int) -> Path:
        return self.folder / self.original[index].file

    def found(self, *known: ArchiveHead) -> list[Problem]:
        return list(self.archive.check(known))

    def kinds(self, *known: ArchiveHead) -> set[ProblemKind]:
        return {problem.kind for problem in self.found(*known)}

    def at(self, index: int) -> set[ProblemKind]:
        """Return the problems found at one entry."""
        return {problem.kind for problem in self.found() if problem.index == index}

    def _segments(self) -> list[Path]:
        return sorted((self.folder / "manifest").iterdir())
