"""Units as they are from a day on: two people change them, and the tree of a day is the release's with what was changed."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from claims.lookup.unit_tree import Organisation
from claims.model.organisation import Recipient, Unit

_BY_VERSION: Final = {"effective_from", "effective_to"}
_BY_RELEASE: Final = ("recipients", "code", "sample", "source")
"""What no change says: it stays."""
_SOMEBODY: Final = Recipient(name="工单接收人", title="经办岗")


class UnitVersion(Unit):
    """A unit from a day on. It does not end: it is merged into another, or handles claims no more."""

    parent: str | None = None
    effective_from: date
    effective_to: None = None

    def as_unit(self, before: Unit | None) -> Unit:
        """Return the unit itself; `before`: as it was."""
        given = self.model_dump(exclude=_BY_VERSION)
        kept = {name: getattr(before, name) for name in _BY_RELEASE if before and not given[name]}
        unit = Unit.model_validate(given | kept)
        return unit.model_copy(update={"recipients": unit.recipients or (_SOMEBODY,)})


def organisation_with(units: Iterable[Unit], versions: Iterable[UnitVersion]) -> Organisation:
    """Return the tree with these versions in the order given. A unit is found by its former names, too.
    Raises BrokenOrganisation.
    """
    known = {unit.id: unit for unit in units}
    former: dict[str, str] = {}
    for version in versions:
        before = known.get(version.id)
        if before is not None:
            former |= {before.short: before.id, before.name: before.id}
        known[version.id] = version.as_unit(before)
    return Organisation(known.values(), former)
