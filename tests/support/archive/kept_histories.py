"""Kept histories of earlier versions, each with the claim that it must lead to."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from claims.model.claim import Claim
from tests.replay.save_histories import HISTORIES

KEPT: Final = sorted(HISTORIES.glob("v*/claim-*.json.gz"))

Event = dict[str, dict[str, object] | str]


@dataclass
class Kept:
    """A workflow id, its history, and the claim when the history was stored."""

    workflow_id: str
    history: dict[str, list[Event]]
    claim: Claim

    @property
    def events(self) -> list[Event]:
        """The events in order; tests may change them."""
        return self.history["events"]


def named(name: str) -> Path:
    """Return the newest history with a name, such as `claim-17`."""
    return [path for path in KEPT if name_of(path) == name][-1]


def kept_by(version: str, name: str) -> Path:
    """Return the history of a version, such as `0.2.0`."""
    return HISTORIES / f"v{version}" / f"{name}.json.gz"


def name_of(path: Path) -> str:
    """Return the history's name within its version."""
    return path.name.removesuffix(".json.gz")


def load(path: Path) -> Kept:
    """Load one history."""
    kept = json.loads(gzip.decompress(path.read_bytes()))
    return Kept(kept["workflow_id"], kept["history"], Claim.model_validate(kept["claim"]))


def load_history(path: Path) -> tuple[str, dict[str, list[Event]]]:
    """Load workflow id and history of one without a claim: an account, an update, or an open claim."""
    kept = json.loads(gzip.decompress(path.read_bytes()))
    return kept["workflow_id"], kept["history"]
