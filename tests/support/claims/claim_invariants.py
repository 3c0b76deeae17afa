"""Invariants of every claim after every step."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from claims import procedure
from claims.deadlines.moments import moments
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.limit import Light
from claims.model.terms import Colour, LimitKind, Stage
from claims.transition import Transition
from tests.support.claims.random_actors import a_way_on

Stretch = tuple[datetime, datetime | None]
"""The start and end of a clock's pause; None while it lasts."""


def check_step(before: Claim, after: Claim, step: Transition) -> None:
    """Check one step: its journal, that lights stay, and that a refusal changes nothing but a journal line."""
    assert [entry.seq for entry in step.entries] == list(range(before.seq + 1, after.seq + 1))
    known = {light.id: light for light in before.lights}
    revoked = {entry.data["light"] for entry in step.entries if entry.kind is EventKind.LIGHT_REVOKED}
    for light in after.lights:
        if (old := known.pop(light.id, None)) is not None:
            assert light == old.model_copy(update={"revoked": old.revoked or light.id in revoked})
    assert not known, "a light has vanished"
    if step.entries and step.entries[-1].kind is EventKind.REFUSED:
        waited = procedure.pass_time(before, now=step.at).claim if step.request_id else before
        assert after == waited.model_copy(update={"seq": after.seq, "refusals": after.refusals})


def check_claim(claim: Claim, journal: Sequence[Entry], now: datetime, *, away: bool) -> None:
    """Check the claim's state."""
    assert [entry.seq for entry in journal] == list(range(1, claim.seq + 1))
    assert Claim.model_validate_json(claim.model_dump_json()) == claim
    for ids in ([x.id for x in claim.limits], [x.id for x in claim.lights], [x.id for x in claim.letters]):
        assert len(ids) == len(set(ids)), ids
    _check_lights(claim, journal)
    ahead = [moment for moment in moments(claim) if away or moment.at > now]
    way_on = a_way_on(claim, now)
    unwatched = way_on if not claim.policy.standstill_days else None
    assert claim.over or ahead or unwatched, f"{claim.stage}: it would wait for ever"
    if claim.over:
        assert claim.closed is not None
        assert not moments(claim)
        assert not any(limit.is_live for limit in claim.limits)
    elif claim.closed is None:
        assert way_on, f"{claim.stage}: nobody's turn"
    else:
        assert claim.stage in (Stage.ANSWERED, Stage.CLOSED)
        assert ahead or away, f"{claim.stage}: it would wait for ever"


def _check_lights(claim: Claim, journal: Sequence[Entry]) -> None:
    yellow = Counter(letter.id.removeprefix(f"{claim.number}/") for letter in claim.letters)
    lit = Counter(light.id.removeprefix(f"{claim.number}/") for light in claim.lights)
    instances = {limit.id for limit in claim.limits if limit.of is None}
    for id, times in lit.items():
        limit, colour = id.rsplit("/", 1)
        assert limit in instances, id
        assert times == 1, f"{times} lights {id}"
        assert yellow[limit] == 1
        assert colour == Colour.YELLOW or f"{limit}/{Colour.YELLOW}" in lit, "a red light was yellow first"
    closed = _stretches(journal, {EventKind.CLOSED}, {EventKind.REOPENED})
    for light in claim.lights:
        stretches = [*closed, *_paused(light, journal)]
        assert not any(_within(light.at, stretch) for stretch in stretches), f"{light.id} at {light.at}"


def _within(at: datetime, stretch: Stretch) -> bool:
    since, until = stretch
    return since < at and (until is None or at <= until)


def _paused(light: Light, journal: Sequence[Entry]) -> list[Stretch]:
    """R5, R17: return the pauses according to the journal alone. A dispatch's clocks pause from its return to
    the decision; its resolve limit pauses from the application for an extension to the decision or the
    feedback.
    """
    own = _of_dispatch(journal, light.dispatch)
    decided = {EventKind.RETURN_CONFIRMED, EventKind.WITHDRAWN, EventKind.MERGED}
    paused = _stretches(own, {EventKind.RETURNED}, decided)
    if light.limit is LimitKind.RESOLVE:
        answered = {EventKind.EXTENSION_APPROVED, EventKind.EXTENSION_REFUSED, EventKind.FED_BACK}
        paused += _stretches(own, {EventKind.EXTENSION_REQUESTED}, answered | decided)
    return paused


def _of_dispatch(journal: Sequence[Entry], n: int) -> list[Entry]:
    count, found = 0, []
    for entry in journal:
        count += entry.kind is EventKind.DISPATCHED
        if count == n:
            found.append(entry)
    return found


def _stretches(journal: Sequence[Entry], begins: set[EventKind], ends: set[EventKind]) -> list[Stretch]:
    found: list[Stretch] = []
    since: datetime | None = None
    for entry in journal:
        if entry.kind in ends and since is not None:
            found.append((since, entry.at))
            since = None
        elif entry.kind in begins:
            since = entry.at
    return [*found, (since, None)] if since is not None else found
