"""Who is assessed, and against whom (R61): the accountable units in their three groups."""

from collections.abc import Iterable, Iterator
from types import MappingProxyType
from typing import Final

from assessment.terms import Group
from claims.lookup.unit_tree import Organisation
from claims.model.organisation import UnitKind
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Value

GROUP_OF: Final = MappingProxyType(
    {
        UnitKind.DISTRICT: Group.DISTRICT,
        UnitKind.DEPARTMENT: Group.DEPARTMENT,
        UnitKind.PARTY: Group.DEPARTMENT,
        UnitKind.AGENCY: Group.AGENCY,
    }
)
"""R61; party departments are assessed with the city's departments ◇."""


class AssessedUnit(Value):
    """A unit under the name that it has at the period's end."""

    id: str
    name: str
    group: Group
    merged_into: str = ""
    """The unit that took over its duties within the period, and answers for its claims ◇."""


class AssessedUnits:
    """The units of one period, by id."""

    def __init__(self, units: Iterable[AssessedUnit]) -> None:
        """Raises `Refused` if units contradict each other."""
        self._units: dict[str, AssessedUnit] = {}
        for unit in units:
            if unit.id in self._units:
                raise _refused(f"考核单位编号重复：{unit.id}")
            self._units[unit.id] = unit
        self._heirs = {id: self._heir(id) for id in self._units}
        self._behind: dict[str, tuple[str, ...]] = {}
        for id, heir in self._heirs.items():
            self._behind[heir.id] = (*self._behind.get(heir.id, ()), id)

    def __iter__(self) -> Iterator[AssessedUnit]:
        return iter(self._units.values())

    def __contains__(self, id: object) -> bool:
        return id in self._units

    def answering_for(self, id: str) -> AssessedUnit:
        """Return the unit itself, or the one that it was merged into. Raises `Refused` for one that is not
        assessed.
        """
        try:
            return self._heirs[id]
        except KeyError:
            raise _refused(f"单位{id}不在本期考核单位之列") from None

    def behind(self, id: str) -> tuple[str, ...]:
        """Return the units whose claims a unit answers for: its own, and those of units merged into it."""
        return self._behind.get(id, (id,))

    def successor_of(self, id: str) -> str:
        """Return who answers for a unit's claims now: itself, where nobody took over or it is not assessed."""
        return self._heirs[id].id if id in self._heirs else id

    def counted_with(self, id: str) -> frozenset[str]:
        """Return the unit and all whose claims stand in one line with its own."""
        return frozenset({id, self.successor_of(id), *self.behind(self.successor_of(id))})

    def _heir(self, id: str) -> AssessedUnit:
        passed = [id]
        unit = self._units[id]
        while unit.merged_into:
            if unit.merged_into in passed:
                raise _refused(f"单位合并成环：{' → '.join([*passed, unit.merged_into])}")
            if unit.merged_into not in self._units:
                raise _refused(f"{unit.id}并入的单位{unit.merged_into}不在本期考核单位之列")
            passed.append(unit.merged_into)
            unit = self._units[unit.merged_into]
        return unit


def _refused(reason: str) -> Refused:
    return Refused("R61", reason, "请核对本期考核单位名单", kind=RefusalKind.INCOMPLETE)


def assessed_units(organisation: Organisation) -> AssessedUnits:
    """Return every unit directly below the city that can be given claims, and those merged into one of them."""
    found = (
        AssessedUnit(id=unit.id, name=unit.short, group=GROUP_OF[unit.kind], merged_into=unit.merged_into)
        for unit in organisation.children(organisation.root)
        if (unit.handles or unit.merged_into) and unit.kind in GROUP_OF
    )
    return AssessedUnits(found)
