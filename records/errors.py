"""Errors of the records."""


class RecordsUnavailable(Exception):
    """The database is down, locked or busy and did not answer in time. Retrying may help."""


class NotOurRecords(Exception):
    """The database has another schema or another version of it. Retrying does not help."""
