"""The errors of an audit. Every message is for the auditor, in Chinese."""


class AuditProblem(Exception):
    """The base class of an audit's errors."""


class NoSuchHistory(AuditProblem):
    """Neither the server nor the archive has it."""


class HistoryCorrupt(AuditProblem):
    """This is no complete history: something is missing, out of order, or cannot be read."""


class DoesNotReplay(AuditProblem):
    """The procedure would not have taken this course: the history was altered, or the code was."""


class WorkerFroze(DoesNotReplay):
    """A worker froze in the middle of a task, and the commands after it came in an order that no program gives
    again. Nobody altered anything; what the history says up to there is proven."""


class NotYetRegistered(AuditProblem):
    """There was no claim at that instant."""


class NoSuchLimit(AuditProblem):
    """The claim never had this limit, or its instants were never fixed."""


class SourceUnavailable(AuditProblem):
    """The server, the archive or the records do not answer; trying again may help."""


class AuditUsageError(AuditProblem):
    """The question makes no sense for any history."""
