"""The histories that earlier versions have left, each with the claim that it has to lead to."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from claims.model import Claim
from tests.replay.save_histories import HISTORIES

KEPT: Final = sorted(HISTORIES.glob("v*/claim-*.json"))

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


def load(path: Path) -> Kept:
    """Read one."""
    kept = json.loads(path.read_text())
    return Kept(kept["workflow_id"], kept["history"], Claim.model_validate(kept["claim"]))
