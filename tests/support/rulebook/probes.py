"""Probes for `must`: values from the API, written as stories write them."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from zipfile import ZipFile, is_zipfile

from tests.support.rulebook.instants import Json, dated, shown, written
from tests.support.rulebook.people import AUDITOR, NOBODY, Person
from tests.support.rulebook.scene import Probe, Scene


def seen(pick: Callable[[Json], object], claim: str = "it", by: Person = AUDITOR) -> Probe:
    """Return a probe for a value of a claim's view."""

    async def probe(scene: Scene) -> object:
        return pick(await found(scene, by, f"/claims/{scene.number(claim)}"))

    return probe


async def found(scene: Scene, person: Person, path: str) -> Json:
    """Return the answer to a GET."""
    answer = await scene.get(person, path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    told: Json = answer.json()
    return told


def stage(claim: str = "it") -> Probe:
    """Return the stage; for a closed claim with the reason and instant of closing."""
    return seen(lambda view: ended(view) or view["stage"], claim)


def ended(view: Json) -> object:
    """Return reason and instant of closing, if closed."""
    closed = view["closed"]
    return (closed["reason"], shown(closed["at"])) if closed else None


def close_reason(claim: str = "it") -> Probe:
    """Return the close reason, or the stage."""
    return seen(lambda view: view["closed"]["reason"] if view["closed"] else view["stage"], claim)


def limit_of(view: Json, kind: str, of: str | None = None) -> Json | None:
    """Return the latest limit of a kind; supervised feedback may be identified by the limit it supervises."""
    several = [one for one in view["limits"] if one["kind"] == kind and (of is None or one["of"] == of)]
    return several[-1] if several else None


def limit(kind: str, claim: str = "it", of: str | None = None) -> Probe:
    """Return state and end of the latest limit of a kind, or None."""

    def pick(view: Json) -> object:
        latest = limit_of(view, kind, of)
        return latest and (latest["status"], shown(latest["due_at"]))

    return seen(pick, claim)


def limits(*kinds: str, claim: str = "it") -> Probe:
    """Return state and end of several limits by kind."""

    def pick(view: Json) -> object:
        latest = {kind: limit_of(view, kind) for kind in kinds}
        return {kind: one and (one["status"], shown(one["due_at"])) for kind, one in latest.items()}

    return seen(pick, claim)


def statuses(*kinds: str, claim: str = "it") -> Probe:
    """Return the states of several limits by kind."""

    def pick(view: Json) -> object:
        latest = {kind: limit_of(view, kind) for kind in kinds}
        return {kind: one and one["status"] for kind, one in latest.items()}

    return seen(pick, claim)


def of_limit(kind: str, name: str, claim: str = "it") -> Probe:
    """Return a field of the latest limit of a kind."""
    return seen(lambda view: (limit_of(view, kind) or {}).get(name), claim)


def lights(claim: str = "it") -> Probe:
    """Return limit, colour and instant of each light, ordered by instant."""
    return seen(
        lambda view: [
            (one["limit"], one["colour"], shown(one["at"]))
            for one in sorted(view["lights"], key=lambda one: one["at"])
        ],
        claim,
    )


def colours(colour: str, claim: str = "it") -> Probe:
    """Return limit and instant of the lights of a colour."""
    return seen(
        lambda view: [(one["limit"], shown(one["at"])) for one in view["lights"] if one["colour"] == colour],
        claim,
    )


def letters(claim: str = "it") -> Probe:
    """Return limit and instant of each supervision letter."""
    return seen(lambda view: [(one["limit"], shown(one["at"])) for one in view["letters"]], claim)


def letter_says(words: str, claim: str = "it") -> Probe:
    """Return whether these words are in the first filed supervision letter, a Word document."""

    async def probe(scene: Scene) -> object:
        view = await found(scene, AUDITOR, f"/claims/{scene.number(claim)}")
        answer = await scene.get(AUDITOR, f"/attachments/{view['letters'][0]['paper']}")
        if answer.status_code != 200 or not is_zipfile(BytesIO(answer.content)):
            return (answer.status_code, answer.headers.get("content-type"))
        return words in ZipFile(BytesIO(answer.content)).read("word/document.xml").decode()

    return probe


def dispatches(claim: str = "it") -> Probe:
    """Return the units in order of their dispatches."""
    return seen(lambda view: [one["unit"] for one in view["dispatches"]], claim)


def revoked(claim: str = "it", by: Person = AUDITOR) -> Probe:
    """Return limit and colour of each revoked light."""
    return seen(
        lambda view: [(one["limit"], one["colour"]) for one in view["lights"] if one["revoked"]], claim, by
    )


def allows(person: Person, *actions: str, claim: str = "it") -> Probe:
    """Return which of these actions somebody may perform next."""
    return seen(lambda view: [one for one in actions if one in view["allowed_actions"]], claim, person)


def events(*kinds: str, claim: str = "it") -> Probe:
    """Return kind and instant of each journal entry of these kinds."""

    async def probe(scene: Scene) -> object:
        entries = await journal(scene, claim)
        return [(one["kind"], shown(one["at"])) for one in entries if one["kind"] in kinds]

    return probe


def counted(kind: str, claim: str = "it") -> Probe:
    """Return the number of journal entries of a kind."""

    async def probe(scene: Scene) -> object:
        return sum(one["kind"] == kind for one in await journal(scene, claim))

    return probe


def happened(*kinds: str, claim: str = "it") -> Probe:
    """Return which of these kinds are in the journal."""

    async def probe(scene: Scene) -> object:
        there = {one["kind"] for one in await journal(scene, claim)}
        return [kind for kind in kinds if kind in there]

    return probe


def days_of(kind: str, claim: str = "it") -> Probe:
    """Return the days of journal entries of a kind, including repetitions."""

    async def probe(scene: Scene) -> object:
        entries = await journal(scene, claim)
        return [shown(one["at"]).rpartition(" ")[0] for one in entries if one["kind"] == kind]

    return probe


def twice_a_day(kind: str, claim: str = "it") -> Probe:
    """Return the days with more than one journal entry of a kind."""

    async def probe(scene: Scene) -> object:
        days = [
            shown(one["at"]).rpartition(" ")[0] for one in await journal(scene, claim) if one["kind"] == kind
        ]
        return sorted({day for day in days if days.count(day) > 1})

    return probe


async def journal(scene: Scene, claim: str) -> list[Json]:
    """Return the journal entries in order."""
    entries: list[Json] = (await found(scene, AUDITOR, f"/claims/{scene.number(claim)}/journal"))["entries"]
    return entries


def answered(person: Person, path: str, pick: Callable[[Json], object] = lambda told: None) -> Probe:
    """Return status and a value of the answer to any GET; `{it}` in its path is that claim's number."""

    async def probe(scene: Scene) -> object:
        answer = await scene.get(person, path)
        told = answer.json()
        return (answer.status_code, pick(told) if answer.status_code == 200 else told.get("rule", ""))

    return probe


def status_of(person: Person, path: str) -> Probe:
    """Return the status of the answer to any GET."""

    async def probe(scene: Scene) -> object:
        return (await scene.get(person, path)).status_code

    return probe


def opens(person: Person, path: str) -> Probe:
    """Return whether a path exists."""

    async def probe(scene: Scene) -> object:
        return (await scene.get(person, path)).status_code == 200

    return probe


def is_one_claim(first: str, second: str) -> Probe:
    """Return whether two registrations of the story have the same number."""

    async def probe(scene: Scene) -> object:
        return scene.number(first) == scene.number(second)

    return probe


def limit_end(start: str, days: int) -> Probe:
    """Return the last day, the end, and whether it is provisional, of a number of working days from a real
    instant (RFC 3339).
    """

    async def probe(scene: Scene) -> object:
        escaped = start.replace("+", "%2B")
        told = await found(scene, AUDITOR, f"/deadlines/explain?start={escaped}&days={days}")
        return (dated(date.fromisoformat(told["last_day"])), written(told["due_at"]), told["provisional"])

    return probe


def track(
    phone: str, pick: Callable[[Json], object] = lambda told: told["stage"], claim: str = "it"
) -> Probe:
    """Return the track page for the number and these digits."""

    async def probe(scene: Scene) -> object:
        answer = await scene.get(NOBODY, f"/track/{scene.number(claim)}?phone={phone}")
        return (answer.status_code, pick(answer.json()) if answer.status_code == 200 else None)

    return probe
