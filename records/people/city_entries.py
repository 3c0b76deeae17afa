"""Versions of the city's data: proposed by one person, approved or refused by another."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import select, update

from claims.lookup.unit_versions import UnitVersion
from records.database import dialects
from records.database.engine import Records
from records.tables import CITY_ENTRY


class CityKind(StrEnum):
    """The kinds of entries."""

    DIRECTORY = "directory"
    KNOWLEDGE = "knowledge"
    STANDARD_TEXT = "standard-text"
    CHANNELS = "channels"
    """A unit's notification channels (R20): their names, not their addresses."""
    UNITS = "units"
    """The organisation: a unit's name, position, duties, and the unit it was merged into."""


KIND_NAMES: Final = {
    CityKind.UNITS: "组织机构",
    CityKind.DIRECTORY: "派单目录",
    CityKind.KNOWLEDGE: "知识库",
    CityKind.STANDARD_TEXT: "常用语",
    CityKind.CHANNELS: "通知通道",
}


class VersionState(StrEnum):
    """The state of a version."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


STATE_NAMES: Final = {
    VersionState.PROPOSED: "待核准",
    VersionState.APPROVED: "已核准",
    VersionState.REFUSED: "未核准",
}


class CityVersion(BaseModel):
    """One version of an entry. If approved, it takes effect on a day. `proposed_by` and `decided_by` are
    subjects; `proposer` and `decider` are names.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: CityKind
    entry: str
    content: Mapping[str, JsonValue]
    in_force_from: date
    reason: str
    state: VersionState = VersionState.PROPOSED
    proposed_by: str
    proposer: str
    proposed_at: datetime
    decided_by: str = ""
    decider: str = ""
    decided_at: datetime | None = None
    decision: str = ""


_MOST: Final = 500


def propose(records: Records, version: CityVersion) -> None:
    """Store a version once per id. Raises RecordsUnavailable."""
    row: dialects.Row = {
        **version.model_dump(exclude={"kind", "state"}),
        "content": dict(version.content),
        "kind": version.kind.value,
        "state": version.state.value,
    }
    with records.writing() as connection:
        dialects.insert_missing(connection, CITY_ENTRY, [row])


def decide(records: Records, decided: CityVersion) -> bool:
    """Store the decision and the effective day; return False if it was already decided. Raises RecordsUnavailable."""
    waits = (CITY_ENTRY.c.id == decided.id) & (CITY_ENTRY.c.state == VersionState.PROPOSED.value)
    names = {"state", "in_force_from", "decided_by", "decider", "decided_at", "decision"}
    change = {**decided.model_dump(include=names), "state": decided.state.value}
    with records.writing() as connection:
        done = connection.execute(update(CITY_ENTRY).where(waits).values(change))
        return done.rowcount == 1


def version_of(records: Records, id: str) -> CityVersion | None:
    """Return one version. Raises RecordsUnavailable."""
    with records.reading() as connection:
        found = connection.execute(select(CITY_ENTRY).where(CITY_ENTRY.c.id == id)).mappings().first()
    return CityVersion.model_validate(dict(found)) if found else None


def versions(
    records: Records, *, kind: CityKind | None = None, state: VersionState | None = None
) -> list[CityVersion]:
    """Return versions of a kind and state, newest first. Raises RecordsUnavailable."""
    wanted = [CITY_ENTRY.c.kind == kind.value] if kind else []
    wanted += [CITY_ENTRY.c.state == state.value] if state else []
    newest = select(CITY_ENTRY).where(*wanted).order_by(CITY_ENTRY.c.proposed_at.desc(), CITY_ENTRY.c.id)
    with records.reading() as connection:
        found = connection.execute(newest.limit(_MOST)).mappings()
        return [CityVersion.model_validate(dict(row)) for row in found]


def approved_versions(records: Records, *, kind: CityKind | None = None) -> list[CityVersion]:
    """Return all approved versions, of one kind or of all, in order of their effective days. Raises
    RecordsUnavailable.
    """
    columns = CITY_ENTRY.c
    approved = select(CITY_ENTRY).where(columns.state == VersionState.APPROVED.value)
    approved = approved.where(columns.kind == kind.value) if kind else approved
    order = (columns.in_force_from, columns.decided_at, columns.id)
    with records.reading() as connection:
        found = connection.execute(approved.order_by(*order)).mappings()
        return [CityVersion.model_validate(dict(row)) for row in found]


def unit_versions(records: Records, on: date) -> list[UnitVersion]:
    """Return the unit versions in effect on a day, in order of their effective days. Raises RecordsUnavailable."""
    approved = approved_versions(records, kind=CityKind.UNITS)
    return [UnitVersion.model_validate(dict(one.content)) for one in approved if one.in_force_from <= on]


def channels_by_addressee(records: Records, on: date) -> dict[str, tuple[str, ...]]:
    """Return the channels of addressees that differ from `contacts.toml`. Raises RecordsUnavailable."""
    found: dict[str, tuple[str, ...]] = {}
    for one in approved_versions(records, kind=CityKind.CHANNELS):
        ends, names = one.content.get("effective_to"), one.content.get("channels")
        has_ended = isinstance(ends, str) and date.fromisoformat(ends) < on
        if one.in_force_from > on or not isinstance(names, list):
            continue
        found.pop(one.entry, None)
        if not has_ended:
            found[one.entry] = tuple(str(name) for name in names)
    return found
