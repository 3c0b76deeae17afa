"""Errors of the records as a whole."""


class RecordsUnavailable(Exception):
    """The database is dead, locked or busy and did not answer within the bound; trying again may help."""


class NotOurRecords(Exception):
    """The database holds something else, or records of another version; trying again does not help."""
