"""How fast a month is assessed and rehearsed: `python bench/bench_assessment.py [CLAIMS] [--json]`.

On one core, in one run:

- gather: from claims on record (SQLite) to facts, claims per second;
- edition: from those facts to the edition's bytes, facts per second;
- rows: the same rows read from a table and grouped by plain SQL, facts per second: the floor of `edition`;
- rehearse: kept histories lived again, per second, to the bare Replayer's rate (`ratio`).
"""

import asyncio
import gc
import json
import os
import sqlite3
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from activities.assessment.gathering import Gathered, gather
from assessment.editions.model import canonical
from assessment.editions.monthly import monthly_edition
from assessment.facts.events import JOURNAL_KINDS
from assessment.facts.model import Fact
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from audit.rehearsal.law import Law
from audit.rehearsal.life import live_again
from audit.replay.replayer import replay_runs
from bench.bench_replay import bare, parse, texts
from calendar_rules.loading import load_calendar
from claims.model.claim import Claim
from claims.model.journal import TransitionRecord
from data import load_organisation
from records.database.engine import open_records
from records.writing import write_step
from tests.support.assessment.november import stories
from tests.support.dates import beijing

CLAIMS: Final = 2000
HISTORIES: Final = 40
PERIOD: Final = parse_period("2026-11")
UNTIL: Final = beijing("Mon 2026-12-07 09:00")


def recorded(home: Path, claims: int) -> str:
    """The forty claims of the hand-reckoned month, again and again under other numbers."""
    url = f"sqlite:///{home / 'records.db'}"
    plays = stories()
    for play in plays:
        play.life("Mon 12-07 09:00")
    with open_records(url) as records:
        for n in range(claims):
            paper = plays[n % len(plays)].paper
            fields = {**paper.claim.model_dump(), "number": f"QH{n:08}", "lights": [], "letters": []}
            lines = tuple(entry for entry in paper.journal if entry.kind in JOURNAL_KINDS)
            write_step(records, TransitionRecord(claim=Claim.model_validate(fields), entries=lines))
    return url


def gathered(url: str) -> tuple[Gathered, float]:
    with open_records(url) as records:
        began = process_time()
        found = gather(records, PERIOD, until=UNTIL)
        return found, process_time() - began


def edition(facts: tuple[Fact, ...]) -> float:
    units, scheme = assessed_units(load_organisation()), scheme_for(PERIOD, load_schemes())
    began = process_time()
    canonical(monthly_edition(PERIOD, facts, units, scheme))
    return process_time() - began


def grouped(facts: tuple[Fact, ...]) -> float:
    """Plain SQL over the same rows, which then yields the claims behind each figure, as an edition has them."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE fact (claim, unit, measure, n, of, counted)")
        rows = [(f.claim, f.unit, f.measure.value, f.n, f.of, f.counted) for f in facts]
        connection.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?)", rows)
        began = process_time()
        connection.execute(
            "SELECT unit, measure, SUM(n), SUM(of), json_group_array(claim) FROM fact"
            " WHERE counted GROUP BY unit, measure ORDER BY unit, measure"
        ).fetchall()
        return process_time() - began


def rehearsed(count: int) -> tuple[float, float, int]:
    histories = parse(texts(1)[:count])
    began = process_time()
    asyncio.run(bare(histories))
    floor = process_time() - began
    law = Law(calendar=load_calendar())

    async def again() -> None:
        async for result in replay_runs(histories):
            if result.replayed is not None:
                live_again(result.replayed, law)

    began = process_time()
    asyncio.run(again())
    return floor, process_time() - began, len(histories)


def main() -> None:
    count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), CLAIMS)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        found, gathering = gathered(recorded(Path(folder), count))
    gc.collect()
    reckoning, sql = edition(found.facts), grouped(found.facts)
    floor, lived, histories = rehearsed(HISTORIES)
    told = {
        "claims": count,
        "facts": len(found.facts),
        "gather_claims_per_s": round(count / gathering),
        "edition_facts_per_s": round(len(found.facts) / reckoning),
        "sql_facts_per_s": round(len(found.facts) / sql),
        "edition_to_sql": round(reckoning / sql, 2),
        "rehearsed_per_s": round(histories / lived, 1),
        "replayed_per_s": round(histories / floor, 1),
        "ratio": round(floor / lived, 2),
    }
    print(json.dumps(told) if "--json" in sys.argv else "\n".join(f"{k:24}{v}" for k, v in told.items()))


if __name__ == "__main__":
    main()
