"""Speed of verifying an archive: `python bench/bench_archive.py [--json] [--histories N]`.

The archive consists of kept histories of real claims (`tests/replay/histories`), repeated under new ids.
Measures in one run on the same files: `check` (chain, heads, all files, strays), and the floor for reading
every byte: read, SHA-256, gunzip, SHA-256 again. Prints histories per minute, best and median of the rounds,
and the time to append them.
"""

import argparse
import gzip
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pydantic import JsonValue

from archive.entries import ClosedRun, canonical
from archive.facts import closed_run
from archive.reader import Archive
from archive.store import open_store
from archive.writer import ArchiveWriter
from tests.support.archive.kept_histories import KEPT, load

ROUNDS: Final = 5
BATCH: Final = 50
NOW: Final = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def histories(count: int) -> list[tuple[ClosedRun, bytes]]:
    """Return this many histories, each under its own ids."""
    kept: list[dict[str, JsonValue]] = [json.loads(json.dumps(load(path).history)) for path in KEPT]
    found = []
    for no in range(count):
        chosen = kept[no % len(kept)]
        number = f"QH{NOW + timedelta(days=no // 500):%Y%m%d}{no % 500:04}"
        run = closed_run(chosen, workflow_id=f"claim-{number}", run_id=f"run-{no}", number=number)
        found.append((run, canonical(chosen).encode()))
    return found


def append(folder: Path, runs: Sequence[tuple[ClosedRun, bytes]]) -> float:
    """Return seconds to append all histories in batches, each synced to disk."""
    writer = ArchiveWriter(open_store(str(folder)))
    writer.catch_up(NOW)
    began = perf_counter()
    for start in range(0, len(runs), BATCH):
        writer.append(runs[start : start + BATCH], at=NOW)
    return perf_counter() - began


def check(folder: Path) -> None:
    problems = list(Archive.at(str(folder)).check())
    if problems:
        raise SystemExit(f"the bench's own archive is not whole: {problems[0].message}")


def floor(folder: Path) -> None:
    for path in sorted((folder / "histories").rglob("*.gz")):
        stored = path.read_bytes()
        sha256(stored).hexdigest()
        sha256(gzip.decompress(stored)).hexdigest()


def per_minute(work: Callable[[Path], None], folder: Path, count: int) -> dict[str, float]:
    rates = []
    for _ in range(ROUNDS):
        began = perf_counter()
        work(folder)
        rates.append(count / (perf_counter() - began) * 60)
    return {"best": round(max(rates)), "median": round(statistics.median(rates))}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--histories", type=int, default=2000)
    options = parser.parse_args()
    runs = histories(options.histories)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        seconds = append(folder, runs)
        found = {
            "histories": len(runs),
            "events": sum(run.events for run, _ in runs),
            "megabytes": round(sum(len(content) for _, content in runs) / 1e6, 1),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "check_per_minute": per_minute(check, folder, len(runs)),
            "floor_per_minute": per_minute(floor, folder, len(runs)),
            "append_per_minute": round(len(runs) / seconds * 60),
        }
    if options.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name:20} {value}")


if __name__ == "__main__":
    main()
