"""Errors of the records."""


class RecordsUnavailable(Exception):
    """The database is down, locked or busy and did not answer in time. Retrying may help."""


class RowNotReadable(RecordsUnavailable):
    """A row that somebody has edited by hand. Its claim's next record, or `zaoying db rebuild`, puts it right."""


class NotOurRecords(Exception):
    """The database has another schema or another version of it. Retrying does not help."""
