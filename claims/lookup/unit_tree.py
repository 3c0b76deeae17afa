"""The tree of the city's units: their hierarchy, who handles claims, who is accountable.

R14 (only units of this tree are dispatched to), R21 (three levels), R33 (the light is the unit's at city level). The tree
is data; nothing here reads a file.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from claims.model.organisation import Unit, UnitKind, UnitLevel, UnitRef, UnknownUnit
from claims.text.normalisation import half_width


class BrokenOrganisation(ValueError):
    """The units do not make one tree."""


def _plain(text: str) -> str:
    return half_width(text).replace(" ", "")


class Organisation:
    """The tree of units. Immutable once built; building refuses anything that is not one tree."""

    def __init__(self, units: Iterable[Unit], former: Mapping[str, str] = MappingProxyType({})) -> None:
        """`former`: names that units had before, with their ids; a unit that has such a name now comes first."""
        self._units: dict[str, Unit] = {}
        self._children: dict[str, list[Unit]] = {}
        self._by_name: dict[str, Unit] = {}
        for unit in units:
            self._add(unit)
        roots = [unit.id for unit in self._units.values() if unit.parent is None]
        if len(roots) != 1:
            raise BrokenOrganisation(f"组织目录须有且只有一个顶层单位，现有：{'、'.join(roots) or '无'}")
        self.root = roots[0]
        for text, unit_id in former.items():
            self._by_name.setdefault(_plain(text), self._units[unit_id])
        self._paths = {unit_id: self._climb(unit_id) for unit_id in self._units}

    def _add(self, unit: Unit) -> None:
        if unit.id in self._units:
            raise BrokenOrganisation(f"单位编号重复：{unit.id}")
        self._units[unit.id] = unit
        if unit.parent is not None:
            self._children.setdefault(unit.parent, []).append(unit)
        for text in {_plain(unit.id), _plain(unit.short), _plain(unit.name)}:
            if text in self._by_name:
                raise BrokenOrganisation(f"{unit.id} 与 {self._by_name[text].id} 的名称重复：{text}")
            self._by_name[text] = unit

    def _climb(self, unit_id: str) -> tuple[str, ...]:
        path: list[str] = []
        step: str | None = unit_id
        while step is not None:
            if step in path:
                raise BrokenOrganisation(f"上下级关系成环：{' → '.join([*path, step])}")
            if step not in self._units:
                raise BrokenOrganisation(f"{path[-1]} 的上级 {step} 不在组织目录中")
            path.append(step)
            step = self._units[step].parent
        return tuple(path)

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units, in the order of the data."""
        return tuple(self._units.values())

    def get(self, unit_id: str) -> Unit:
        """Return the unit with this id; raises UnknownUnit."""
        try:
            return self._units[unit_id]
        except KeyError:
            raise UnknownUnit(unit_id) from None

    def find(self, text: str) -> Unit:
        """Return the unit with this id, short name or full name; raises UnknownUnit."""
        try:
            return self._by_name[_plain(text)]
        except KeyError:
            raise UnknownUnit(text) from None

    def path(self, unit_id: str) -> tuple[str, ...]:
        """Return ids from the unit itself up to the city."""
        self.get(unit_id)
        return self._paths[unit_id]

    def ref(self, unit_id: str) -> UnitRef:
        """Return the unit as a claim's history keeps it."""
        unit, accountable = self.get(unit_id), self.accountable(unit_id)
        return UnitRef(
            id=unit.id,
            name=unit.short,
            path=self.path(unit_id),
            accountable=accountable.id,
            accountable_name=accountable.short,
        )

    def is_at_or_below(self, unit_id: str, ancestor_id: str) -> bool:
        """Is the unit the ancestor itself or anywhere under it? Both must exist."""
        return self.get(ancestor_id).id in self.path(unit_id)

    def merged_into(self, unit_id: str) -> tuple[Unit, ...]:
        """Return the units that were merged into it, and into those (R61)."""
        found: list[Unit] = []
        into = [unit_id]
        while into:
            one = into.pop()
            merged = [unit for unit in self._units.values() if unit.merged_into == one and unit not in found]
            found += merged
            into += [unit.id for unit in merged]
        return tuple(found)

    def children(self, unit_id: str) -> tuple[Unit, ...]:
        """Return the units directly below, in the order of the data."""
        self.get(unit_id)
        return tuple(self._children.get(unit_id, ()))

    def accountable(self, unit_id: str) -> Unit:
        """Whose light it is (R33): the unit directly below the city that this one is, or belongs to."""
        path = self.path(unit_id)
        return self._units[path[-2] if len(path) > 1 else path[-1]]

    def can_handle(self, unit_id: str) -> bool:
        """May a claim be dispatched to it (R14)? Leadership, platforms, arbiter and discipline may not."""
        return self.get(unit_id).handles

    def acts_for(self, unit_id: str) -> str:
        """Whose claims the unit's staff work on: a district's platform receives for its district (R21)."""
        unit = self.get(unit_id)
        if unit.kind is UnitKind.PLATFORM and unit.level is UnitLevel.DISTRICT and unit.parent is not None:
            return unit.parent
        return unit.id

    def districts(self) -> tuple[Unit, ...]:
        """Return the districts, in the order of the data."""
        return tuple(unit for unit in self._units.values() if unit.kind is UnitKind.DISTRICT)

    def district_of(self, text: str) -> Unit:
        """Return the district that a district, bureau or town (id or name) is or lies in; raises UnknownUnit."""
        for step in self.path(self.find(text).id):
            if self._units[step].kind is UnitKind.DISTRICT:
                return self._units[step]
        raise UnknownUnit(text, "不在任何区（市）之内", "请填写区（市）或镇（街）")

    def towns_of(self, district: str) -> tuple[Unit, ...]:
        """Return the towns of a district (id or name); raises UnknownUnit."""
        below = self.children(self.district_of(district).id)
        return tuple(unit for unit in below if unit.kind is UnitKind.TOWN)
