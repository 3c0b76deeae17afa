"""Why an archive could not be used; messages are for people."""

from archive.problems import Problem


class ArchiveError(Exception):
    """The message says what is wrong and what to do."""


class StoreFailed(ArchiveError):
    """The store did not do what it was asked: away, full, or not ours to write."""


class ConflictingContent(ArchiveError):
    """Something else lies where something is to be written; nothing is ever overwritten."""


class NotArchived(ArchiveError):
    """The archive has no such workflow."""


class ArchiveDamaged(ArchiveError):
    """What was to be read or continued is not as it was written."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
