"""Errors of an audit. Messages are for the auditor, in Chinese."""


class AuditProblem(Exception):
    """The base class of an audit's errors."""


class NoSuchHistory(AuditProblem):
    """Neither the server nor the archive has the history."""


class HistoryCorrupt(AuditProblem):
    """The history is incomplete: something is missing, out of order or unreadable."""


class DoesNotReplay(AuditProblem):
    """The history does not replay: it was altered, or the code changed."""


class WorkerFroze(DoesNotReplay):
    """A worker froze during a task, so the order of the following commands cannot be reproduced. Nothing was
    altered; the history is proven up to that point.
    """


class NeedsLaterVersion(DoesNotReplay):
    """The history has messages of a later version of the programs, which this one does not know. Nothing was altered;
    that version can replay it.
    """


class NotYetRegistered(AuditProblem):
    """The claim did not exist at that instant."""


class NoSuchLimit(AuditProblem):
    """The claim never had this limit, or it was never scheduled."""


class SourceUnavailable(AuditProblem):
    """The server, the archive or the records do not answer. Retrying may help."""


class AuditUsageError(AuditProblem):
    """The question does not apply to any history."""
