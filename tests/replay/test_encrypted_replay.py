"""A program with encryption reads earlier, unencrypted histories."""

import json
from pathlib import Path

import pytest

from audit.histories.parsing import read_history
from audit.replay.replayer import replay_run
from tests.support.archive.kept_histories import KEPT, load
from tests.support.payload_keys import converter

pytestmark = pytest.mark.rule("R70")


@pytest.mark.parametrize("path", KEPT[:: len(KEPT) // 8], ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_a_history_of_before_replays_to_the_same_claim(path: Path) -> None:
    kept = load(path)
    history = read_history(kept.workflow_id, json.dumps(kept.history))
    with_keys, without = await replay_run(history, converter()), await replay_run(history)
    assert with_keys.claim == without.claim
    assert with_keys.journal == without.journal
    assert with_keys.claim is not None
    assert with_keys.claim.seq == kept.claim.seq
