"""Reads the oracles: the golden matrix for one caller and one claim."""

from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from claims.model.terms import Action, Role, Stage

FOLDER: Final = Path(__file__).parent


class Relation(StrEnum):
    """The caller's relation to a claim."""

    CITY = "city"
    OFFICE = "office"
    LEAD = "lead"
    ABOVE = "above"
    DELEGATE = "delegate"
    CO_UNIT = "co-unit"
    FORMER = "former"
    STRANGER = "stranger"
    OWN = "own"
    OTHER = "other"


UNITS: Final = frozenset(
    {Relation.LEAD, Relation.ABOVE, Relation.DELEGATE, Relation.CO_UNIT, Relation.FORMER}
)
"""The units of a claim."""

_DESK: Final = frozenset({Relation.LEAD, Relation.ABOVE, Relation.DELEGATE})
_REACHED: Final = {
    "city": frozenset({Relation.CITY, Relation.OFFICE}),
    "office": frozenset({Relation.OFFICE}),
    "desk": _DESK,
    "lead": _DESK - {Relation.DELEGATE},
    "part": frozenset({Relation.CO_UNIT, Relation.ABOVE}),
    "parts": _DESK | {Relation.CO_UNIT},
    "own": frozenset({Relation.OWN}),
}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Guard(_Strict):
    """A named condition of a claim, and the refusal if it does not hold."""

    means: str
    rule: str
    kind: str = "not-now"


class Line(_Strict):
    """Who may act on whose claims, by which rule, under which guards."""

    who: tuple[Role, ...]
    reach: str
    rule: str
    guards: tuple[str, ...] = ()


class Remark(_Strict):
    """A remark on a cell: a decision, or a difference between the system and the rulebook."""

    cell: str
    decided: str = ""
    today: str = ""
    rulebook: str = ""


def _lines(said: object) -> object:
    return () if said == "none" else said


Cell = Annotated[tuple[Line, ...], BeforeValidator(_lines)]


class LimitLine(_Strict):
    """A line of the rulebook's table of limits."""

    days: int
    ends: date
    starts: str
    met_by: tuple[str, ...] = Field(alias="met by")
    miss: str
    warned: date | Literal["never"]
    cites: tuple[str, ...]
    plan: str


class Refusal(_Strict):
    """The rule and kind of a refusal."""

    rule: str
    kind: str


class Verdict(NamedTuple):
    """The oracle's answer: allowed (no kind) by a rule, or refused."""

    rule: str
    kind: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the action is allowed."""
        return not self.kind


class Matrix(_Strict):
    """The content of golden_matrix.yaml."""

    guards: dict[str, Guard]
    stages: dict[Stage, dict[Action, Cell]]
    decided: tuple[Remark, ...]
    known_departures: tuple[Remark, ...]

    def roles(self, action: Action) -> frozenset[Role]:
        """Return every role that may perform the action in some stage."""
        cells = (cells[action] for cells in self.stages.values())
        return frozenset(role for lines in cells for line in lines for role in line.who)


def _loaded(name: str) -> dict[str, Any]:
    """Return the file next to this one. Uses the fast parser: the slow one takes a second in each test process."""
    found: dict[str, Any] = yaml.load((FOLDER / name).read_text("utf-8"), yaml.CSafeLoader)
    return found


MATRIX: Final = Matrix.model_validate(_loaded("golden_matrix.yaml"))
CITED: Final = _loaded("cited_rules.yaml")
LIMITS: Final = {name: LimitLine.model_validate(line) for name, line in CITED["limits"].items()}


def refusal(name: str) -> Refusal:
    """Return a refusal by its name in cited_rules.yaml."""
    return Refusal.model_validate(CITED["refusals"][name])


def _rule_out_of_stage(stage: Stage, action: Action) -> str:
    exceptions = CITED["out of stage in a redo"] if stage is Stage.REDO else {}
    return str(exceptions.get(action, CITED["out of stage"][action]))


@cache
def verdict(
    stage: Stage,
    action: Action,
    role: Role,
    relation: Relation,
    *,
    holds: frozenset[str],
    over: bool = False,
) -> Verdict:
    """Return the matrix's answer, checked in the order of cited_rules.yaml. `holds` are the guards that hold."""
    if role not in MATRIX.roles(action):
        return Verdict(*_cited("role that may do this in no stage"))
    if relation in (Relation.STRANGER, Relation.OTHER):
        return Verdict(*_cited("claim that is not theirs"))
    lines = () if over else MATRIX.stages[stage][action]
    if not lines:
        return Verdict(_rule_out_of_stage(stage, action), "not-now")
    of_role = [line for line in lines if role in line.who]
    if not of_role:
        return Verdict(lines[0].rule, "wrong-role")
    line = next((line for line in of_role if relation in _REACHED[line.reach]), None)
    if line is None:
        return Verdict(*_cited(_unreached(of_role[0], relation)))
    broken = next((MATRIX.guards[name] for name in line.guards if name not in holds), None)
    return Verdict(line.rule) if broken is None else Verdict(broken.rule, broken.kind)


def _unreached(line: Line, relation: Relation) -> str:
    """Return the refusal of a caller with the right role who cannot act on this claim."""
    if line.reach == "office":
        return "ruling by another office"
    if line.reach == "part":
        return "report by a unit without a part"
    if line.reach == "lead" and relation is Relation.DELEGATE:
        return "return or extension by a delegate"
    return "another unit handles it"


def _cited(name: str) -> tuple[str, str]:
    said = refusal(name)
    return said.rule, said.kind
