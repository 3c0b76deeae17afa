"""The city's own data, beside this module: units, dispatch directory, knowledge base, sample claims.

Each loader reads its file once, checks every row and every unit's name, and says in Chinese what is wrong.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from claims.lookup.directory import OWN_DISTRICT, DirectoryEntry
from claims.lookup.doors import DoorEntry
from claims.lookup.knowledge import Article
from claims.lookup.subcategories import Subcategory
from claims.lookup.unit_tree import BrokenOrganisation, Organisation
from claims.model.organisation import Unit, UnknownUnit
from claims.model.terms import Category, DeclineReason, EnterpriseStatus
from claims.text.file_problems import os_problem
from claims.text.unknown_fields import unknown_field_at

UNITS = "units.json"
DIRECTORY = "directory.json"
KNOWLEDGE = "knowledge.json"
DOORS = "doors.json"
SUBCATEGORIES = "subcategories.json"
SAMPLE_CLAIMS = "claims.json"

Row = TypeVar("Row", bound=BaseModel)


class DataError(ValueError):
    """A data file cannot be used; the message names the file, the row and the problem."""


class SampleClaim(BaseModel):
    """A made-up claim for demonstrations and tests; districts, towns and units by short name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    no: int
    text: str
    enterprise: str
    enterprise_status: EnterpriseStatus
    district: str
    town: str
    category: Category
    subcategory: str
    topic: str
    unit: str
    co_units: tuple[str, ...] = ()
    expect: str
    note: str = ""


def read_rows(path: Path, row: type[Row]) -> tuple[Row, ...]:
    """Return all rows of a JSON list, each valid; raises DataError."""
    try:
        return TypeAdapter(tuple[row, ...]).validate_json(path.read_bytes())  # type: ignore[valid-type]
    except OSError as error:
        raise DataError(f"{path.name}：读不到文件（{os_problem(error)}）") from error
    except ValidationError as error:
        raise DataError(f"{path.name}：{_first_problem(error, row)}") from error


def _first_problem(error: ValidationError, row: type[BaseModel]) -> str:
    problem = error.errors(include_url=False)[0]
    is_unknown = problem["type"] == "extra_forbidden"
    words = unknown_field_at(problem["loc"], row) if is_unknown else problem["msg"]
    place = [
        f"第{step + 1}条" if isinstance(step, int) and at == 0 else str(step)
        for at, step in enumerate(problem["loc"])
    ]
    return f"{' · '.join(place) or '整个文件'}：{words}（共{error.error_count()}处）"


def check_once(file: str, keys: Iterable[str]) -> None:
    """Raise DataError if a key occurs twice in a file."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise DataError(f"{file}：编号 {key} 重复")
        seen.add(key)


def check_recipients(units: Iterable[Unit]) -> None:
    """Every handling unit names who receives its work orders (R20); raises DataError."""
    for unit in units:
        if unit.handles and not unit.recipients:
            raise DataError(f"{UNITS}：{unit.id} {unit.short} 没有写明工单接收人（R20）")


def check_names(file: str, key: str, names: Iterable[str], *, handling: bool) -> None:
    """Every name is a unit of the tree, one that handles claims where it must (R14); raises DataError."""
    organisation = load_organisation()
    for name in names:
        try:
            unit = organisation.find(name)
        except UnknownUnit as error:
            raise DataError(f"{file}：{key} 的{error.reason}") from error
        if handling and not unit.handles:
            raise DataError(f"{file}：{key} 的“{name}”不是承办单位，不能派单（R14）")


@cache
def load_units() -> tuple[Unit, ...]:
    """Return the organisation tree's units, in the order of the file."""
    units = read_rows(Path(__file__).with_name(UNITS), Unit)
    check_recipients(units)
    return units


@cache
def load_organisation() -> Organisation:
    """Return the tree of `load_units()`."""
    try:
        return Organisation(load_units())
    except BrokenOrganisation as error:
        raise DataError(f"{UNITS}：{error}") from error


@cache
def load_directory() -> tuple[DirectoryEntry, ...]:
    """Return the dispatch directory, entries out of force included (R14)."""
    entries = read_rows(Path(__file__).with_name(DIRECTORY), DirectoryEntry)
    check_once(DIRECTORY, (entry.id for entry in entries))
    for entry in entries:
        names = [name for name in (entry.unit, *entry.co_units) if name != OWN_DISTRICT]
        check_names(DIRECTORY, entry.id, names, handling=True)
    return entries


@cache
def load_knowledge() -> tuple[Article, ...]:
    """Return the knowledge base, articles out of force included (R12)."""
    articles = read_rows(Path(__file__).with_name(KNOWLEDGE), Article)
    check_once(KNOWLEDGE, (article.id for article in articles))
    for article in articles:
        check_names(KNOWLEDGE, article.id, [article.unit], handling=True)
    return articles


@cache
def load_doors() -> tuple[DoorEntry, ...]:
    """Return the directory of doors: every reason for declining has one (R13)."""
    entries = read_rows(Path(__file__).with_name(DOORS), DoorEntry)
    check_once(DOORS, (entry.id for entry in entries))
    if without := set(DeclineReason) - {reason for entry in entries for reason in entry.reasons}:
        raise DataError(f"{DOORS}：没有可受理“{'、'.join(sorted(without))}”事项的渠道（R13）")
    return entries


@cache
def load_subcategories() -> tuple[Subcategory, ...]:
    """Return the kinds of each category; every entry of the dispatch directory stands beneath one (R11)."""
    kinds = read_rows(Path(__file__).with_name(SUBCATEGORIES), Subcategory)
    check_once(SUBCATEGORIES, (kind.id for kind in kinds))
    beneath = [matter for kind in kinds for matter in kind.matters]
    check_once(SUBCATEGORIES, beneath)
    entries = {entry.id for entry in load_directory()}
    if wrong := sorted(entries.symmetric_difference(beneath)):
        raise DataError(f"{SUBCATEGORIES}：{'、'.join(wrong)} 与派单目录不一致（R11）")
    return kinds


@cache
def load_sample_claims() -> tuple[SampleClaim, ...]:
    """Return the 25 sample claims."""
    samples = read_rows(Path(__file__).with_name(SAMPLE_CLAIMS), SampleClaim)
    check_once(SAMPLE_CLAIMS, (str(sample.no) for sample in samples))
    for sample in samples:
        names = [sample.unit, sample.district, sample.town, *sample.co_units]
        check_names(SAMPLE_CLAIMS, str(sample.no), names, handling=False)
    return samples
