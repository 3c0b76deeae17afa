"""The mutants chosen by hand, from `telling_mutants.yaml`."""

from pathlib import Path
from typing import Final, NamedTuple

import yaml

from tests.mutation.mutants import Mutant, replacing

FILE: Final = Path(__file__).with_name("telling_mutants.yaml")


class Telling(NamedTuple):
    """A mutant: what would go wrong, and the rule that it breaks; `killed_by`: the beginning of the names of the tests
    that must notice it."""

    why: str
    rule: str
    file: str
    old: str
    new: str
    killed_by: str

    @property
    def mutant(self) -> Mutant:
        """The change of the file."""
        return replacing(self.file, self.old, self.new)

    @property
    def name(self) -> str:
        """What the test's report calls it."""
        return f"{self.rule}: {self.why}"


TELLING: Final = tuple(Telling(**item) for item in yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader))
