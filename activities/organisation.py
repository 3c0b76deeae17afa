"""The organisation of a day: the release's data, with the changes that two people have made since."""

from datetime import date

from claims.lookup.unit_tree import Organisation
from claims.lookup.unit_versions import organisation_with
from data import load_organisation, load_units
from records.database.engine import Records
from records.people.city_entries import unit_versions


def organisation_on(records: Records, day: date) -> Organisation:
    """Return the tree as it is in force on a day. Raises RecordsUnavailable."""
    changed = unit_versions(records, day)
    return organisation_with(load_units(), changed) if changed else load_organisation()
