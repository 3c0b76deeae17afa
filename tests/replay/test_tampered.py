"""Any change to a history is answered by the claim that it leads to, or by a problem."""

import base64
import copy
import json
import random
from collections.abc import Iterator

import pytest

from audit.histories.parsing import read_history
from audit.problems import AuditProblem
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import replay_run
from tests.support.archive.kept_histories import load, named
from tests.support.polling import patience

TRIES = 20
SUBJECT = named("claim-16")

Place = tuple[str | int, ...]


def places(value: object, place: Place = ()) -> Iterator[Place]:
    """Return the paths of all words and numbers."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from places(below, (*place, name))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from places(below, (*place, index))
    else:
        yield place


def holder(history: object, place: Place) -> dict[str | int, str]:
    for step in place[:-1]:
        assert isinstance(history, dict | list)
        history = history[step]  # type: ignore[index]  # a place fits what it was found in
    assert isinstance(history, dict)
    return history


def swap_for_another(history: object, rng: random.Random, all_places: list[Place]) -> Place:
    """Replace one word by another value of the same field elsewhere."""
    place = rng.choice([one for one in all_places if isinstance(one[-1], str) and one[-1] != "data"])
    other = rng.choice([one for one in all_places if one[-1] == place[-1]])
    holder(history, place)[place[-1]] = holder(history, other)[other[-1]]
    return place


def spoil_payload(history: object, rng: random.Random, all_places: list[Place]) -> Place:
    """Change or remove the content of a signal, result or marker."""
    place = rng.choice([one for one in all_places if one[-1] == "data"])
    data = bytearray(base64.b64decode(holder(history, place)["data"]))
    match rng.randrange(3):
        case 0:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(7)
        case 1:
            data = bytearray(b"null")
        case _:
            data = data[: rng.randrange(len(data))]
    holder(history, place)["data"] = base64.b64encode(bytes(data)).decode()
    return place


async def answer(workflow_id: str, history: object) -> ReplayedRun | AuditProblem:
    async with patience():
        try:
            return await replay_run(read_history(workflow_id, json.dumps(history)))
        except AuditProblem as problem:
            return problem


@pytest.mark.rule("R70")
@pytest.mark.parametrize(
    "seed", [2036, *(pytest.param(seed, marks=pytest.mark.explore) for seed in range(2037, 2047))]
)
async def test_a_history_that_was_tampered_with_is_always_answered(seed: int) -> None:
    kept, rng = load(SUBJECT), random.Random(seed)
    all_places = list(places(kept.history))
    problems = 0
    for n in range(TRIES):
        history = copy.deepcopy(kept.history)
        place = (swap_for_another if n % 2 else spoil_payload)(history, rng, all_places)
        found = await answer(kept.workflow_id, history)
        if isinstance(found, AuditProblem):
            problems += 1
            assert kept.workflow_id in str(found), place
            assert "Traceback" not in str(found), place
    assert problems >= TRIES // 10  # replay does not compare activities' arguments


@pytest.mark.rule("R70")
async def test_an_ending_that_was_cut_off_is_not_taken_for_one() -> None:
    kept = load(SUBJECT)
    for length in range(2, len(kept.events), 17):
        found = await answer(kept.workflow_id, {"events": kept.events[:length]})
        assert isinstance(found, ReplayedRun), (length, found)
        assert not found.run.is_over
