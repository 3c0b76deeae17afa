"""Stories, and how one is played: acts at exact instants, and what must be seen between them."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx
from temporalio.service import RPCError

from tests.support.rulebook.city import City
from tests.support.rulebook.instants import Json, played
from tests.support.rulebook.people import Person

PATIENT: Final = 30.0
IMPATIENT: Final = 2.0
Verdicts = dict[str, str]
"""What was wrong with each assertion; empty: it held."""


class Failed(Exception):
    """An act that the story needs was not possible."""


@dataclass
class Scene:
    """A story while it is played: the numbers of its claims and papers, by the names that it gives them."""

    city: City
    story: str
    claims: dict[str, str] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    patience: float = PATIENT
    """Seconds within which one workflow has told another, and the records know."""
    _answers: dict[tuple[Person, str], httpx.Response] = field(default_factory=dict)

    def number(self, claim: str) -> str:
        """A claim's number."""
        return self.claims[claim]

    async def get(self, person: Person, path: str) -> httpx.Response:
        """What somebody is shown; `{it}` in the path is that claim's number. It is asked for once between two acts."""
        written = path.format(**self.claims)
        if (person, written) not in self._answers:
            self._answers[person, written] = await self.city.ask(person, "GET", written)
        return self._answers[person, written]

    async def post(
        self,
        person: Person,
        path: str,
        *,
        body: Json | None = None,
        form: Json | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> httpx.Response:
        """Send something."""
        self.forget()
        return await self.city.ask(person, "POST", path, body=body, form=form, file=file)

    def forget(self) -> None:
        """What was shown may be another now."""
        self._answers.clear()

    async def until(self, instant: str, claim: str) -> None:
        """Move a claim's clock to an instant; an empty one is now."""
        self.forget()
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


async def outcome(city: City, told: Story, known: Collection[str] = ()) -> Verdicts:
    """Play a story; an act that is not possible ends it, and nothing after it held. What is known to be wrong is not
    waited for."""
    scene, verdicts, ended = Scene(city, told.name), {}, ""
    ids = {id(one): name for name, one in told.assertions()}
    for step in told.steps:
        name = ids.get(id(step), "")
        scene.patience = IMPATIENT if name in known else PATIENT
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
        except (Failed, RPCError, TimeoutError) as failure:
            ended = f"{type(failure).__name__} {failure}"
            if name:
                verdicts[name] = ended
    return verdicts
