"""The oracles' claims, played on the real server with today's dates."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from activities.workflow_ids import signal_name
from calendar_rules import local_day
from calendar_rules.loader import load_calendar
from claims.lookup.doors import find_door
from claims.model.journal import Outcome
from claims.model.messages.action_bodies import BODIES, units_named
from claims.model.messages.envelopes import Envelope
from claims.model.terms import Action
from claims.model.values import Actor
from data import load_doors
from tests.oracles.golden import Verdict, refusal
from tests.oracles.refused_acts import ASKED, Tried
from tests.oracles.situations import CALLERS, SITUATIONS, Situation, expected_verdict
from tests.support.claims.offline_claim import Act, Paper, Wait
from tests.support.claims.people import ORGANISATION, ref, usual
from tests.support.workflows.claim_play import A_MOMENT, Play, Stage

Key = tuple[str, str, str, str]
DOORS: Final = load_doors()
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class RefusedAct:
    """An action that must be refused, with the expected rule and kind."""

    action: Action
    actor: Actor
    fields: Mapping[str, object]
    wanted: Verdict


@dataclass
class Script:
    """A claim's steps in the oracles, and the actions refused at its end."""

    name: str
    paper: Paper
    refused: list[RefusedAct] = field(default_factory=list)

    async def play(self, stage: Stage) -> Play:
        """Play the script and check each refusal."""
        paper = self.paper
        play = await stage.register(paper.category, policy=paper.policy)
        look = await play.settled()
        ahead = look.now - paper.started
        for n, step in enumerate(paper.script):
            if isinstance(step, Wait):
                await _let_pass(play, step)
                look = await play.settled()
                continue
            body = {"request_id": f"act-{n}", **usual(step.action, look.now), **step.fields}
            await play.send_sealed(signal_name(step.action), _envelope(step.action, step.actor, body))
            look = await play.settled(f"act-{n}")
            if look.outcome is None or look.outcome.status != "accepted":
                raise AssertionError(f"{self.name}: {step.action} {look.outcome}")
        await self._ask(play, look.now, ahead)
        return play

    async def _ask(self, play: Play, now: datetime, ahead: timedelta) -> None:
        """Send all refused actions concurrently."""
        for n, act in enumerate(self.refused):
            fields = _moved(act.fields, self.paper.started, ahead)
            body = {"request_id": f"refused-{n}", **usual(act.action, now), **fields}
            await play.send_sealed(signal_name(act.action), _envelope(act.action, act.actor, body))
        if self.refused:
            await play.settled(f"refused-{len(self.refused) - 1}")

    def check(self, outcomes: Mapping[str, Outcome]) -> None:
        """Check each refusal against the oracles. Raises AssertionError."""
        for n, act in enumerate(self.refused):
            outcome = outcomes[f"refused-{n}"]
            found = Verdict(outcome.rule, outcome.kind)
            if found != act.wanted:
                raise AssertionError(
                    f"{self.name}: {act.action} by {act.actor.name} {found}, should be {act.wanted}"
                )


async def _let_pass(play: Play, step: Wait) -> None:
    """Advance to the end of the limit that ended, or else by the same number of working days, to the same time."""
    now = (await play.look()).now
    if step.past is not None:
        await play.until(max(await play.due(step.past) + A_MOMENT, now))
    elif step.working_days:
        later = load_calendar().nth_working_day_after(local_day(now), step.working_days)
        await play.wait(later - local_day(now))
    else:
        await play.wait(step.duration)


def _envelope(action: Action, actor: Actor, body: dict[str, object]) -> Envelope:
    try:
        named = units_named(BODIES[action].model_validate(body))
    except ValueError:
        named = ()
    known = {unit.id for unit in ORGANISATION.units}
    units = {unit: ref(unit) for unit in named if unit in known}
    door = find_door(str(body.get("door", "")), DOORS) if action is Action.DECLINE else None
    return Envelope.model_validate({"actor": actor, "units": units, "door": door, "body": body})


def _moved(fields: Mapping[str, object], began: datetime, ahead: timedelta) -> dict[str, object]:
    """Return the fields with today's dates: instants before the claim are a day earlier, later ones as far
    from now.
    """

    def moved(value: object) -> object:
        if isinstance(value, dict):
            return {name: moved(inner) for name, inner in value.items()}
        if isinstance(value, str) and _DATE.fullmatch(value):
            later = date.fromisoformat(value) - local_day(began)
            return (local_day(began + ahead) + later).isoformat()
        if not isinstance(value, str) or not value.startswith("20") or "T" not in value:
            return value
        instant = datetime.fromisoformat(value)
        return (instant + ahead - timedelta(days=instant < began)).isoformat()

    return {name: moved(value) for name, value in fields.items()}


def _summary(paper: Paper) -> list[str]:
    """Return a summary of a claim that is equal for equally driven claims."""
    facts = [
        f"{step.action} {step.actor.sub} {step.fields}" if isinstance(step, Act) else f"{step}"
        for step in paper.script
    ]
    return [f"{paper.category} {paper.policy.model_dump_json()}", *facts]


def scripts() -> list[Script]:
    """Return every situation of the golden matrix, each refusal of a stage once, and each of cited_rules.yaml."""
    found: dict[str, Script] = {}
    seen: set[Key] = set()
    for situation in SITUATIONS:
        script = _script(found, f"{situation.stage}-{situation.name}", situation.build)
        script.refused += [] if situation.over else _refusals(situation, seen)
    for name, tried in ASKED.items():
        if isinstance(tried, Tried) and name not in _PLAYED_OTHERWISE:
            wanted = Verdict(**refusal(name).model_dump())
            script = _script(found, f"refused-{name}", tried.build)
            script.refused.append(RefusedAct(tried.action, tried.actor, tried.fields, wanted))
    kept = [script for script in found.values() if not _merges(script.paper)]
    summaries = {script.name: _summary(script.paper) for script in kept}
    return [
        script
        for script in kept
        if script.refused or not _is_beginning(summaries[script.name], summaries.values())
    ]


def _is_beginning(summary: list[str], summaries: Iterable[list[str]]) -> bool:
    """Return whether a longer script starts with the same steps, so that its history contains the same commands."""
    return any(len(summary) < len(other) and summary == other[: len(summary)] for other in summaries)


_PLAYED_OTHERWISE = {
    "reopening after ten working days",  # the claim is closed and takes no signals
    "second merge while one waits for its answer",
    "merging into itself",
}


def _merges(paper: Paper) -> bool:
    """Return whether the script needs a second claim to merge into (`tests.replay.plays.special`)."""
    return any(isinstance(step, Act) and step.action is Action.MERGE for step in paper.script)


def _script(found: dict[str, Script], name: str, build: Callable[[], Paper]) -> Script:
    paper = build()
    return found.setdefault(str(_summary(paper)), Script(_slug(name), paper))


def _slug(name: str) -> str:
    return name.replace("'", "").replace(" ", "-")


def _refusals(situation: Situation, seen: set[Key]) -> list[RefusedAct]:
    found: list[RefusedAct] = []
    for action in Action:
        for caller in CALLERS:
            wanted = expected_verdict(situation, action, caller)
            key = (situation.stage, action, wanted.rule, wanted.kind)
            if not wanted.allowed and key not in seen:
                seen.add(key)
                found.append(RefusedAct(action, caller.actor, {}, wanted))
    return found


Keep = Callable[[str, Play], Awaitable[Sequence[Outcome]]]
"""Stores a play's history under a name and returns its outcomes."""


async def play_all(stage: Stage, keep: Keep, *, at_once: int = 6) -> None:
    """Play all scripts, some concurrently, and store their histories. Raises AssertionError if an outcome
    differs from the oracles.
    """
    few = asyncio.Semaphore(at_once)

    async def played(script: Script) -> None:
        async with few:
            outcomes = await keep(script.name, await script.play(stage))
        script.check({outcome.request_id: outcome for outcome in outcomes})

    async with asyncio.TaskGroup() as group:
        for script in scripts():
            group.create_task(played(script))
