"""Probes for notices and for units' accounts."""

from tests.support.rulebook.instants import Json, shown
from tests.support.rulebook.people import AUDITOR
from tests.support.rulebook.probes import found
from tests.support.rulebook.scene import Probe, Scene


def notified(*units: str, kind: str, claim: str = "it") -> Probe:
    """Return the units among these that got a notice of a kind about the claim."""

    async def probe(scene: Scene) -> object:
        there = {one["unit"] for one in await notices(scene, claim) if one["kind"] == kind}
        return [unit for unit in units if unit in there]

    return probe


def times_notified(unit: str, claim: str = "it") -> Probe:
    """Return the number of notices to a unit about a claim."""

    async def probe(scene: Scene) -> object:
        return sum(one["unit"] == unit for one in await notices(scene, claim))

    return probe


def notified_again(unit: str, instant: str, claim: str = "it") -> Probe:
    """Return whether a unit got a notice of any kind about an event at an instant."""

    async def probe(scene: Scene) -> object:
        return any(one["unit"] == unit and shown(one["at"]) == instant for one in await notices(scene, claim))

    return probe


def notices_of(kind: str, unit: str, field: str, claim: str = "it") -> Probe:
    """Return a field of each notice of a kind to a unit."""

    async def probe(scene: Scene) -> object:
        those = [one for one in await notices(scene, claim) if (one["kind"], one["unit"]) == (kind, unit)]
        return [_written(field, one[field]) for one in those]

    return probe


async def notices(scene: Scene, claim: str) -> list[Json]:
    """Return all deliveries about a claim."""
    path = f"/notices?claim={scene.number(claim)}&limit=200"
    listed: list[Json] = (await found(scene, AUDITOR, path))["notices"]
    return listed


def measures(unit: str, kind: str, *fields: str) -> Probe:
    """Return fields of each interview or accountability file of a unit."""

    async def probe(scene: Scene) -> object:
        those = [one for one in await measures_of(scene, unit) if one["kind"] == kind]
        return [tuple(_written(name, one[name]) for name in fields) for one in those]

    return probe


async def measures_of(scene: Scene, unit: str) -> list[Json]:
    """Return a unit's interviews and accountability files."""
    listed: list[Json] = (await found(scene, AUDITOR, f"/units/{unit}"))["measures"]
    return listed


def _written(name: str, value: object) -> object:
    return shown(value) if name.endswith("_at") else value
