"""Stories and how they are played: actions at exact instants, and assertions between them."""

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
"""The problem of each assertion; empty if it held."""


class Failed(Exception):
    """A necessary action of the story was not possible."""


@dataclass
class Scene:
    """A story while it is played: the numbers of its claims and papers, by their names in the story."""

    city: City
    story: str
    claims: dict[str, str] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    patience: float = PATIENT
    """Seconds within which workflows have notified each other and the records are up to date."""
    _answers: dict[tuple[Person, str], httpx.Response] = field(default_factory=dict)

    def number(self, claim: str) -> str:
        """Return a claim's number."""
        return self.claims[claim]

    async def get(self, person: Person, path: str) -> httpx.Response:
        """GET a path, in which `{it}` is that claim's number. Cached until the next action."""
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
        """POST a body."""
        self.forget()
        return await self.city.ask(person, "POST", path, body=body, form=form, file=file)

    def forget(self) -> None:
        """Clear the cached answers."""
        self._answers.clear()

    async def until(self, instant: str, claim: str) -> None:
        """Move a claim's clock to an instant; empty means now."""
        self.forget()
        if instant:
            await self.city.forward(self.number(claim), played(instant))


Probe = Callable[[Scene], Awaitable[object]]
"""Reads a value from the system."""


class Step(Protocol):
    """A part of a story."""

    async def play(self, scene: Scene) -> None:
        """Run the step. An assertion raises AssertionError, an action Failed."""


@dataclass(frozen=True)
class Assertion:
    """A sentence of the rulebook, and whether it holds."""

    rule: str
    says: str
    check: Callable[[Scene], Awaitable[None]]

    async def play(self, scene: Scene) -> None:
        """Raises AssertionError with the actual value."""
        await self.check(scene)


@dataclass(frozen=True)
class Story:
    """Actions and assertions in order. Each story has its own claims, and units whose lights no other story
    counts.
    """

    name: str
    steps: tuple[Step, ...]

    def assertions(self) -> Iterator[tuple[str, Assertion]]:
        """Return each assertion with its id."""
        found = [step for step in self.steps if isinstance(step, Assertion)]
        return ((f"{self.name}-{number}", one) for number, one in enumerate(found, 1))


def story(name: str, *steps: Step) -> Story:
    """Return a story of these steps."""
    return Story(name, steps)


async def outcome(city: City, told: Story, known: Collection[str] = ()) -> Verdicts:
    """Play a story. If an action fails, the story ends and the remaining assertions fail. Known failures are
    not waited for.
    """
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
