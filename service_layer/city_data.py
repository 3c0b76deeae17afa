"""The city's data in force: those of the release, with the changes that two people have made since."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from calendar_rules import local_day
from claims.lookup.directory import DirectoryEntry
from claims.lookup.knowledge import Article
from claims.lookup.unit_tree import Organisation
from claims.lookup.unit_versions import UnitVersion, organisation_with
from claims.model.terms import Action
from data import load_directory, load_knowledge, load_organisation, load_units
from records.people.city_entries import CityKind, CityVersion, approved_versions
from service_layer.clock import now
from service_layer.records_executor import RecordsExecutor

Entry = TypeVar("Entry", "DirectoryEntry", "Article", "StandardText", "UnitChannels")
RELEASED: Final = date(2021, 4, 6)
"""The plan's date: data that come with the release are in force from then on."""


class StandardText(BaseModel):
    """A text that people put into a reply or an explanation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    action: Action
    text: str = Field(min_length=1, max_length=2000)
    effective_from: date
    effective_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Return whether it is offered on this day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class UnitChannels(BaseModel):
    """The channels of a unit's notices, by their names in `contacts.toml`; without any, nothing is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Of the unit; `default` for those that are not listed, `enterprise` for enterprises."""
    channels: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(max_length=10)
    effective_from: date
    effective_to: date | None = None


MODELS: dict[
    CityKind,
    type[DirectoryEntry] | type[Article] | type[StandardText] | type[UnitChannels] | type[UnitVersion],
] = {
    CityKind.DIRECTORY: DirectoryEntry,
    CityKind.KNOWLEDGE: Article,
    CityKind.STANDARD_TEXT: StandardText,
    CityKind.CHANNELS: UnitChannels,
    CityKind.UNITS: UnitVersion,
}


class CityData:
    """Reads the approved versions now and then; while the records do not answer, the last known are in force."""

    def __init__(self, today: Callable[[], date] = lambda: local_day(now())) -> None:
        self._today = today
        self._versions: Sequence[CityVersion] = ()
        self._built: tuple[date, Sequence[CityVersion], Organisation] | None = None

    async def refresh(self, records: RecordsExecutor) -> None:
        """Read what was approved. Raises RecordsUnavailable."""
        self._versions = await records.run(approved_versions)

    @property
    def directory(self) -> Sequence[DirectoryEntry]:
        """The dispatch directory (R14)."""
        return self.directory_on(self._today())

    def directory_on(self, day: date) -> Sequence[DirectoryEntry]:
        """Return the directory of a day, by the changes approved so far."""
        return self._current(CityKind.DIRECTORY, load_directory(), DirectoryEntry, on=day)

    @property
    def knowledge(self) -> Sequence[Article]:
        """The knowledge base (R12)."""
        return self._current(CityKind.KNOWLEDGE, load_knowledge(), Article)

    @property
    def standard_texts(self) -> Sequence[StandardText]:
        """Standard texts beside those of the forms themselves."""
        return self._current(CityKind.STANDARD_TEXT, (), StandardText)

    @property
    def channels(self) -> Sequence[UnitChannels]:
        """Whose channels are others than `contacts.toml` says (R20)."""
        return self._current(CityKind.CHANNELS, (), UnitChannels)

    @property
    def organisation(self) -> Organisation:
        """The units of today."""
        day, versions = self._today(), self._versions
        if self._built is None or self._built[0] != day or self._built[1] is not versions:
            self._built = (day, versions, self.organisation_on(day))
        return self._built[2]

    def organisation_on(self, day: date, *more: UnitVersion) -> Organisation:
        """Return the units of a day, with further versions of them. Raises BrokenOrganisation."""
        changed = [
            UnitVersion.model_validate(dict(one.content))
            for one in self.unit_changes
            if one.in_force_from <= day
        ]
        if not (changed or more):
            return load_organisation()
        return organisation_with(load_units(), [*changed, *more])

    @property
    def unit_changes(self) -> Sequence[CityVersion]:
        """The approved versions of units, in the order in which they come into force."""
        return [one for one in self._versions if one.kind is CityKind.UNITS]

    @property
    def units(self) -> Sequence[UnitVersion]:
        """Each unit of today, and since when it is as it is."""
        since = {
            one.entry: one.in_force_from for one in self.unit_changes if one.in_force_from <= self._today()
        }
        return [
            UnitVersion(**unit.model_dump(), effective_from=since.get(unit.id, RELEASED))
            for unit in self.organisation.units
        ]

    def _current(
        self, kind: CityKind, released: Sequence[Entry], model: type[Entry], *, on: date | None = None
    ) -> Sequence[Entry]:
        """Return the newest version of each entry that is in force; without one, the release's."""
        changed = {
            one.entry: model.model_validate(one.content)
            for one in self._versions
            if one.kind is kind and one.in_force_from <= (on or self._today())
        }
        if not changed:
            return released
        known = {entry.id: entry for entry in released}
        return tuple({**known, **changed}.values())
