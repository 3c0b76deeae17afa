"""Assertions, and the passing of time."""

import asyncio
from dataclasses import dataclass
from typing import Final

from tests.support.rulebook.attempts import Attempt
from tests.support.rulebook.instants import played
from tests.support.rulebook.scene import Assertion, Probe, Scene

FORBIDDEN: Final = (403,)
POLL_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Until:
    """Time passes for some claims."""

    at: str
    claims: tuple[str, ...]

    async def play(self, scene: Scene) -> None:
        """Move all their clocks concurrently."""
        await asyncio.gather(*(scene.until(self.at, claim) for claim in self.claims))


@dataclass(frozen=True)
class UnitUntil:
    """Time passes for a unit."""

    unit: str
    at: str

    async def play(self, scene: Scene) -> None:
        """Move its account's clock."""
        await scene.city.forward_unit(self.unit, played(self.at))


@dataclass(frozen=True)
class Tried:
    """A request whose answer does not matter; a later assertion checks that it had no effect."""

    attempt: Attempt

    async def play(self, scene: Scene) -> None:
        """Send it, ignoring the answer."""
        await self.attempt.send(scene)


def tried(attempt: Attempt) -> Tried:
    """Return a step that sends a request."""
    return Tried(attempt)


def until(at: str, *claims: str) -> Until:
    """Return a step that advances time to an instant."""
    return Until(at, claims or ("it",))


def must(rule: str, says: str, probe: Probe, expected: object) -> Assertion:
    """Return an assertion that a value is this, at once or when the records are up to date."""

    async def check(scene: Scene) -> None:
        clock = asyncio.get_running_loop()
        ends = clock.time() + scene.patience
        while (seen := await _looked(probe, scene)) != expected and clock.time() < ends:
            await asyncio.sleep(POLL_SECONDS)
            scene.forget()
        assert seen == expected, f"seen {seen!r}, expected {expected!r}"

    return Assertion(rule, says, check)


def holds(rule: str, says: str, probe: Probe) -> Assertion:
    """Return an assertion that something is true."""
    return must(rule, says, probe, expected=True)


def never(rule: str, says: str, probe: Probe) -> Assertion:
    """Return an assertion that something is false."""
    return must(rule, says, probe, expected=False)


def refused(
    rule: str, says: str, attempt: Attempt, *, status: tuple[int, ...] = (409,), cites: str | None = ""
) -> Assertion:
    """Return an assertion of a refusal that cites the story's rule; `cites` names another one, or None for any."""

    async def check(scene: Scene) -> None:
        answer = await attempt.send(scene)
        problem = answer.json()
        cited = problem.get("rule", "")
        told = f"answered {answer.status_code}, rule {cited!r}: {problem.get('detail', '')}"
        assert answer.status_code in status, f"{told}; expected {status}"
        assert cites is None or cited == (cites or rule), f"{told}; expected the rule {cites or rule}"

    return Assertion(rule, says, check)


def accepted(rule: str, says: str, attempt: Attempt, status: int = 200) -> Assertion:
    """Return an assertion that a request is accepted."""

    async def check(scene: Scene) -> None:
        answer = await attempt.send(scene)
        assert answer.status_code == status, f"answered {answer.status_code} {answer.text[:400]}"

    return Assertion(rule, says, check)


async def _looked(probe: Probe, scene: Scene) -> object:
    """Return the value, treating a missing one as different from the expected."""
    try:
        return await probe(scene)
    except (LookupError, TypeError, ValueError, AttributeError) as lack:
        return f"{type(lack).__name__}: {lack}"
