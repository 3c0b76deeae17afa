"""Errors of the archive. Their messages are for people."""

from archive.problems import Problem


class ArchiveError(Exception):
    """Base class. The message says what is wrong and what to do."""


class StoreFailed(ArchiveError):
    """The store failed: unreachable, full or read-only."""


class ConflictingContent(ArchiveError):
    """The path to write already holds different content. Nothing is ever overwritten."""


class NotArchived(ArchiveError):
    """The archive has no such workflow."""


class ArchiveDamaged(ArchiveError):
    """The archive was changed since it was written."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
