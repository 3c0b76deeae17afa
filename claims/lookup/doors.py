"""The directory of doors 渠道目录 (R13): where a matter belongs that the platform does not accept."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict

from claims.model.door import Door
from claims.model.labels import label
from claims.model.terms import DeclineReason
from claims.text.normalisation import name_key

_WORDS: Final[Mapping[DeclineReason, tuple[str, ...]]] = MappingProxyType(
    {
        DeclineReason.LITIGATION: ("诉讼",),
        DeclineReason.ARBITRATION: ("仲裁",),
        DeclineReason.DISCIPLINE: ("纪律", "纪检监察"),
        DeclineReason.RECONSIDERATION: ("复议", "行政复议"),
        DeclineReason.PETITION: ("信访",),
        DeclineReason.STATE_SECRETS: ("国家秘密",),
        DeclineReason.EMERGENCY: ("紧急", "紧急情况"),
    }
)
"""The rulebook's own words for each reason, beside its code and its Chinese name."""


class DoorEntry(BaseModel):
    """One row of the directory. `also`: other names of the channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    reasons: tuple[DeclineReason, ...]
    also: tuple[str, ...] = ()

    @property
    def door(self) -> Door:
        """The channel without its other names."""
        return Door(id=self.id, name=self.name, reasons=self.reasons)


def decline_reason(text: str) -> DeclineReason | None:
    """Return the reason with this code, Chinese name or word of the rulebook; None where there is none."""
    wanted = name_key(text)
    for reason in DeclineReason:
        if wanted in {reason.value, name_key(label(reason)), *_WORDS[reason]}:
            return reason
    return None


def find_door(text: str, entries: Iterable[DoorEntry]) -> Door | None:
    """Return the channel with this id or name; None where the directory has none."""
    wanted = name_key(text)
    for entry in entries:
        if wanted in map(name_key, (entry.id, entry.name, *entry.also)):
            return entry.door
    return None
