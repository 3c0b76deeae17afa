"""Stories, and how one is played: acts at exact instants, and what must be seen between them."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tests.support.rulebook.city import City
from tests.support.rulebook.instants import played

Verdicts = dict[str, str]
"""What was wrong with each assertion; empty: it held."""


class Failed(Exception):
    """An act that the story needs was not possible."""


@dataclass
class Scene:
    """A story while it is played: its claims, by the names that it gives them, and its papers."""

    city: City
    story: str
    claims: dict[str, str] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    enterprises: dict[str, str] = field(default_factory=dict)

    def number(self, claim: str) -> str:
        """A claim's number."""
        return self.claims[claim]

    async def until(self, instant: str, claim: str) -> None:
        """Move a claim's clock to an instant; an empty one is now."""
        if instant:
            await self.city.forward(self.number(claim), played(instant))


Probe = Callable[[Scene], Awaitable[object]]
"""What somebody looks at."""


class Step(Protocol):
    """A part of a story."""

    async def play(self, scene: Scene) -> None:
        """Do it. An assertion raises AssertionError, an act Failed."""


@dataclass(frozen=True)
class Assertion:
    """A sentence of the rulebook, and whether it held."""

    rule: str
    says: str
    check: Callable[[Scene], Awaitable[None]]

    async def play(self, scene: Scene) -> None:
        """Raises AssertionError with what was seen instead."""
        await self.check(scene)


@dataclass(frozen=True)
class Story:
    """Acts and assertions in order. Each has claims of its own, and units that no other story counts lights of."""

    name: str
    steps: tuple[Step, ...]

    def assertions(self) -> Iterator[tuple[str, Assertion]]:
        """Each with its id."""
        found = [step for step in self.steps if isinstance(step, Assertion)]
        return ((f"{self.name}-{number}", one) for number, one in enumerate(found, 1))


def story(name: str, *steps: Step) -> Story:
    """A story of these steps."""
    return Story(name, steps)


async def outcome(city: City, told: Story) -> Verdicts:
    """Play a story; an act that is not possible ends it, and nothing after it held."""
    scene, verdicts, ended = Scene(city, told.name), {}, ""
    ids = {id(one): name for name, one in told.assertions()}
    for step in told.steps:
        name = ids.get(id(step), "")
        if ended:
            if name:
                verdicts[name] = f"not reached: {ended}"
            continue
        try:
            await step.play(scene)
            if name:
                verdicts[name] = ""
        except AssertionError as wrong:
            if name:
                verdicts[name] = str(wrong)
            else:
                ended = str(wrong)
        except Failed as failure:
            ended = str(failure)
            if name:
                verdicts[name] = ended
    return verdicts
