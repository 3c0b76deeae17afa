"""The changes of a claim since its last record: journal lines, outcomes, notices, and changed fields.

A record is small whatever the claim holds, so that neither its history nor one activity's input grows with
it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import jsonpatch
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    field_serializer,
    model_serializer,
    model_validator,
)

from claims.model.claim import Claim
from claims.model.journal import Entry, Notice, Outcome
from claims.recording.json_changes import Changes, DoesNotFit, changes_between, with_changes
from claims.recording.short_lines import lengthened, shortened

LARGEST_BATCH: Final = 256 * 1024
"""Bytes of the lines, outcomes and notices of one record, about; a single line is never split."""

NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)
REGISTERED_AT: Final = "/registered_at"
"""In a first record based on the intake: the instant of the registration."""

Patch = tuple[dict[str, JsonValue], ...]
"""Operations as RFC 6902 defines them, as versions up to 0.4 wrote them."""


class BaseLost(Exception):
    """The claim on record is not the one that a patch was made against: the whole claim is needed."""


class BaseNotYetWritten(BaseLost):
    """The claim on record is an earlier one: the record that the patch builds on may still be on its way."""


class ClaimChange(BaseModel):
    """One record of a claim, written in one transaction.

    `changed` and `removed` lead from the claim at line `base` to the claim at line `seq`; `claim` is given instead where
    the whole claim is written. A base of 0 is the claim as the records took it in (`opened`). A batch that is followed by
    another has neither: it only adds lines.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    seq: int
    base: int = 0
    changed: dict[str, JsonValue] = Field(default_factory=dict)
    removed: tuple[str, ...] = ()
    patch: Patch | None = None
    claim: Claim | None = None
    entries: tuple[Entry, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def has_base(self) -> bool:
        """Return whether the change is based on an earlier claim."""
        return bool(self.changed or self.removed or self.patch is not None)

    def after(self, before: Claim) -> Claim:
        """Return the claim after the change. Raises BaseLost where it does not fit the claim before."""
        return Claim.model_validate(self.after_in_short(in_short(before)))

    def after_in_short(self, before: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the same in short. What was before is changed as well."""
        try:
            if self.patch is not None:
                patched: dict[str, JsonValue] = jsonpatch.apply_patch(before, [*self.patch], in_place=True)
                return patched
            return with_changes({**before, "seq": self.seq}, Changes(self.changed, [*self.removed]))
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, DoesNotFit) as error:
            raise BaseLost(self.number) from error

    @model_validator(mode="before")
    @classmethod
    def _lengthened(cls, given: object) -> object:
        return lengthened(given) if isinstance(given, dict) else given

    @model_serializer(mode="wrap")
    def _without_what_is_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        found: dict[str, JsonValue] = serialize(self)
        return shortened({name: value for name, value in found.items() if value not in (None, [], (), {})})

    @field_serializer("claim")
    def _claim_in_short(self, claim: Claim | None) -> dict[str, JsonValue] | None:
        return in_short(claim) if claim is not None else None

    @field_serializer("entries", "outcomes", "notices")
    def _lines_in_short(self, lines: tuple[BaseModel, ...]) -> list[JsonValue]:
        return [in_short(line) for line in lines]


class ChangeRecorded(BaseModel):
    """The result of a record. `base_lost`: nothing was written, the whole claim is needed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    seq: int = 0
    base_lost: bool = False

    @model_serializer(mode="wrap")
    def _without_what_is_usual(self, serialize: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        found: dict[str, JsonValue] = serialize(self)
        return {name: value for name, value in found.items() if value}


def in_short(model: BaseModel) -> dict[str, JsonValue]:
    """Return a model without what it leaves at its default. Defaults of what histories hold never change,
    except a claim's policy: it always stands there, with what it changes in the plan's first numbers.
    """
    if isinstance(model, Claim):
        return _fields_in_short(model, {*Claim.model_fields})
    short: dict[str, JsonValue] = model.model_dump(mode="json", exclude_defaults=True)
    return short


def _fields_in_short(claim: Claim, fields: set[str]) -> dict[str, JsonValue]:
    short: dict[str, JsonValue] = claim.model_dump(mode="json", exclude_defaults=True, include=fields)
    if "policy" in fields:
        short["policy"] = claim.policy.model_dump(mode="json", exclude_defaults=True)
    return short


def claim_changes(before: Claim, after: Claim) -> Changes:
    """Return the changes from one claim to a later one. Beside other changes the number of lines need not be
    named: each record says it (`ClaimChange.seq`).
    """
    fields = {name for name in Claim.model_fields if getattr(before, name) != getattr(after, name)}
    found = changes_between(_fields_in_short(before, fields), _fields_in_short(after, fields))
    if len(found.changed) + len(found.removed) > 1:
        found.changed.pop("/seq", None)
    return found


def opened(claim: Claim) -> Claim:
    """Return a claim as the records took it in (R10), before it had an instant; all else has followed."""
    return Claim(number=claim.number, order=claim.order, registered_at=NEVER, policy=claim.policy)


class Batch(NamedTuple):
    """Lines, outcomes and notices that fit into one record; `last` where nothing follows."""

    entries: tuple[Entry, ...]
    outcomes: tuple[Outcome, ...]
    notices: tuple[Notice, ...]
    last: bool


def in_batches(
    entries: Sequence[Entry],
    outcomes: Sequence[Outcome],
    notices: Sequence[Notice],
    *,
    largest: int = LARGEST_BATCH,
) -> Iterator[Batch]:
    """Cut what has piled up into batches of about so many bytes, in order; at least one."""
    kinds: tuple[Sequence[BaseModel], ...] = (entries, outcomes, notices)
    lots: list[tuple[list[BaseModel], list[BaseModel], list[BaseModel]]] = [([], [], [])]
    size = 0
    for place, items in enumerate(kinds):
        for item in items:
            length = len(item.model_dump_json().encode())
            if size and size + length > largest:
                lots.append(([], [], []))
                size = 0
            lots[-1][place].append(item)
            size += length
    for n, (some_entries, some_outcomes, some_notices) in enumerate(lots, start=1):
        yield Batch(
            tuple(item for item in some_entries if isinstance(item, Entry)),
            tuple(item for item in some_outcomes if isinstance(item, Outcome)),
            tuple(item for item in some_notices if isinstance(item, Notice)),
            n == len(lots),
        )
