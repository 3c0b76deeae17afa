"""The histories that earlier versions have left, each with the claim that it has to lead to."""

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
    """Workflow id, history, and the claim as it stood when the history was kept."""

    workflow_id: str
    history: dict[str, list[Event]]
    claim: Claim

    @property
    def events(self) -> list[Event]:
        """In order; tests may alter them."""
        return self.history["events"]


def named(name: str) -> Path:
    """The newest of a name, such as `claim-17`."""
    return [path for path in KEPT if name_of(path) == name][-1]


def kept_by(version: str, name: str) -> Path:
    """The one that a version has left, such as `0.2.0`: for what is different at other times."""
    return HISTORIES / f"v{version}" / f"{name}.json.gz"


def name_of(path: Path) -> str:
    """Which of its version's histories it is."""
    return path.name.removesuffix(".json.gz")


def load(path: Path) -> Kept:
    """Read one."""
    kept = json.loads(gzip.decompress(path.read_bytes()))
    return Kept(kept["workflow_id"], kept["history"], Claim.model_validate(kept["claim"]))


def load_history(path: Path) -> tuple[str, dict[str, list[Event]]]:
    """Workflow id and history of one that has no claim: an account, an update, or a claim that goes on."""
    kept = json.loads(gzip.decompress(path.read_bytes()))
    return kept["workflow_id"], kept["history"]
