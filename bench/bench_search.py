"""Speed of finding claims: `python bench/bench_search.py [--claims N] [--rounds N] [--json] [--url URL]`.

Writes N claims (default 200,000) of five years into a new SQLite file: real units with all units above them,
several thousand enterprises, matters of common and rare words; nine of ten are closed, the others are from
the last weeks. Runs each kind of search repeatedly (40 times) with different values, as `GET /claims` does:
one page of 50 with all its content. Prints milliseconds at the median and the 95th percentile, and the ratio
to the floor: reading one row by its key from the same file.

`--url`: use another, empty database, such as one on PostgreSQL.
"""

import argparse
import json
import platform
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import select

from bench.search.data import build
from bench.search.queries import searches
from records import tables
from records.database.engine import Records, open_records
from records.queries.claims import find_claims
from records.queries.filters import ClaimFilter
from records.queries.paging import ClaimSort, PageRequest

BOUND_MS: Final = 50.0


def main() -> None:
    """Build the data, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--url", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zaoying-bench-") as folder:
        url = options.url or f"sqlite:///{folder}/records.db"
        with open_records(url) as records:
            began = perf_counter()
            build(records, options.claims)
            built = perf_counter() - began
            found = measure(records, options.rounds)
    report = {
        "claims": options.claims,
        "seconds_to_build": round(built, 1),
        "machine": platform.machine(),
        **found,
    }
    print(json.dumps(report, ensure_ascii=False, indent=2) if options.json else as_text(report))


def measure(records: Records, rounds: int) -> dict[str, object]:
    """Return milliseconds of each kind of search, and of the floor."""
    chance = random.Random(11)
    floor = statistics.median(timed(lambda: by_key(records, chance)) for _ in range(rounds * 5))
    figures: dict[str, Mapping[str, float]] = {}
    for name, make in searches(records, chance):
        taken = sorted(ask(records, *make()) for _ in range(rounds))
        p50, p95 = statistics.median(taken), taken[min(len(taken) - 1, int(len(taken) * 0.95))]
        figures[name] = {
            "p50_ms": round(p50, 2),
            "p95_ms": round(p95, 2),
            "p95_to_floor": round(p95 / floor, 1),
        }
    return {"floor_ms": round(floor, 3), "kinds": figures, "bound_ms": BOUND_MS}


def ask(records: Records, wanted: ClaimFilter, sort: ClaimSort) -> float:
    """Return milliseconds for the first page."""
    return timed(lambda: find_claims(records, wanted, PageRequest(sort=sort)))


def by_key(records: Records, chance: random.Random) -> None:
    """Read one row by its key; the floor."""
    number = f"QH20261124{chance.randrange(200_000):07d}"
    with records.reading() as connection:
        connection.execute(select(tables.CLAIM.c.matter).where(tables.CLAIM.c.number == number)).all()


def timed(work: Callable[[], object]) -> float:
    """Return milliseconds of a call."""
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


def as_text(report: Mapping[str, object]) -> str:
    """Return the result as a table."""
    kinds_of = report["kinds"]
    if not isinstance(kinds_of, dict):
        raise TypeError("kinds")
    lines: Sequence[str] = [
        f"{name:40} {f['p50_ms']:8.2f} {f['p95_ms']:8.2f} {f['p95_to_floor']:8.1f}"
        for name, f in kinds_of.items()
    ]
    head = (
        f"{report['claims']:,} claims, built in {report['seconds_to_build']} s; floor {report['floor_ms']} ms"
    )
    return "\n".join([head, f"{'kind':40} {'p50 ms':>8} {'p95 ms':>8} {'/floor':>8}", *lines])


if __name__ == "__main__":
    main()
