"""The city's data as they are in force: what the release brought, with what two people have changed since."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from calendar_rules import local_day
from claims.lookup.directory import DirectoryEntry
from claims.lookup.knowledge import Article
from claims.model.terms import Action
from data import load_directory, load_knowledge
from records.people.city_entries import CityKind, CityVersion, approved_versions
from service_layer.clock import now
from service_layer.records_executor import RecordsExecutor

Entry = TypeVar("Entry", "DirectoryEntry", "Article", "StandardText", "UnitChannels")


class StandardText(BaseModel):
    """A text that people put into a reply or an explanation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    action: Action
    text: str = Field(min_length=1, max_length=2000)
    effective_from: date
    effective_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Is it offered on this day?"""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


class UnitChannels(BaseModel):
    """Over which channels a unit is told, by their names in `contacts.toml`; without any it is told nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """Of the unit; `default` for those that are not listed, `enterprise` for enterprises."""
    channels: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(max_length=10)
    effective_from: date
    effective_to: date | None = None


MODELS: dict[CityKind, type[DirectoryEntry] | type[Article] | type[StandardText] | type[UnitChannels]] = {
    CityKind.DIRECTORY: DirectoryEntry,
    CityKind.KNOWLEDGE: Article,
    CityKind.STANDARD_TEXT: StandardText,
    CityKind.CHANNELS: UnitChannels,
}


class CityData:
    """Reads the approved versions now and then; while the records do not answer, the last known are in force."""

    def __init__(self, today: Callable[[], date] = lambda: local_day(now())) -> None:
        self._today = today
        self._versions: Sequence[CityVersion] = ()

    async def refresh(self, records: RecordsExecutor) -> None:
        """Read what was approved. Raises RecordsUnavailable."""
        self._versions = await records.run(approved_versions)

    @property
    def directory(self) -> Sequence[DirectoryEntry]:
        """The dispatch directory (R14)."""
        return self._current(CityKind.DIRECTORY, load_directory(), DirectoryEntry)

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

    def _current(self, kind: CityKind, released: Sequence[Entry], model: type[Entry]) -> Sequence[Entry]:
        """The newest version of each entry that is in force; without one, what the release brought."""
        changed = {
            one.entry: model.model_validate(one.content)
            for one in self._versions
            if one.kind is kind and one.in_force_from <= self._today()
        }
        if not changed:
            return released
        known = {entry.id: entry for entry in released}
        return tuple({**known, **changed}.values())
