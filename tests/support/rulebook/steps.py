"""Assertions, and the passing of time."""

import asyncio
from dataclasses import dataclass
from typing import Final

from tests.support.rulebook.attempts import Attempt
from tests.support.rulebook.instants import played
from tests.support.rulebook.scene import Assertion, Probe, Scene

FORBIDDEN: Final = (403,)


@dataclass(frozen=True)
class Until:
    """Time passes for some claims."""

    at: str
    claims: tuple[str, ...]

    async def play(self, scene: Scene) -> None:
        """All their clocks are moved, side by side."""
        await asyncio.gather(*(scene.until(self.at, claim) for claim in self.claims))


@dataclass(frozen=True)
class UnitUntil:
    """Time passes for a unit."""

    unit: str
    at: str

    async def play(self, scene: Scene) -> None:
        """Its account's clock is moved."""
        await scene.city.forward_unit(self.unit, played(self.at))


@dataclass(frozen=True)
class Tried:
    """Something that somebody tries; a later assertion says what must not have come of it."""

    attempt: Attempt

    async def play(self, scene: Scene) -> None:
        """Whatever the answer is."""
        await self.attempt.send(scene)


def tried(attempt: Attempt) -> Tried:
    """Somebody tries it."""
    return Tried(attempt)


def until(at: str, *claims: str) -> Until:
    """Nothing is done until then."""
    return Until(at, claims or ("it",))


def must(rule: str, says: str, probe: Probe, expected: object) -> Assertion:
    """What is seen must be this, at once or as soon as the records have it."""

    async def check(scene: Scene) -> None:
        clock = asyncio.get_running_loop()
        ends = clock.time() + scene.patience
        while (seen := await _looked(probe, scene)) != expected and clock.time() < ends:
            await asyncio.sleep(0.25)
            scene.forget()
        assert seen == expected, f"seen {seen!r}, expected {expected!r}"

    return Assertion(rule, says, check)


def holds(rule: str, says: str, probe: Probe) -> Assertion:
    """It must be so."""
    return must(rule, says, probe, expected=True)


def never(rule: str, says: str, probe: Probe) -> Assertion:
    """It must not be so."""
    return must(rule, says, probe, expected=False)


def refused(
    rule: str, says: str, attempt: Attempt, *, status: tuple[int, ...] = (409,), cites: str | None = ""
) -> Assertion:
    """It must be refused; the problem cites the rule, another one if `cites` says so, or any if that is None."""

    async def check(scene: Scene) -> None:
        answer = await attempt.send(scene)
        problem = answer.json()
        cited = problem.get("rule", "")
        told = f"answered {answer.status_code}, rule {cited!r}: {problem.get('detail', '')}"
        assert answer.status_code in status, f"{told}; expected {status}"
        assert cites is None or cited == (cites or rule), f"{told}; expected the rule {cites or rule}"

    return Assertion(rule, says, check)


def accepted(rule: str, says: str, attempt: Attempt, status: int = 200) -> Assertion:
    """It must be accepted."""

    async def check(scene: Scene) -> None:
        answer = await attempt.send(scene)
        assert answer.status_code == status, f"answered {answer.status_code} {answer.text[:400]}"

    return Assertion(rule, says, check)


async def _looked(probe: Probe, scene: Scene) -> object:
    """An answer that lacks what is looked for is not what is expected."""
    try:
        return await probe(scene)
    except (LookupError, TypeError, ValueError, AttributeError) as lack:
        return f"{type(lack).__name__}: {lack}"
