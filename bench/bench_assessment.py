"""Speed of assessing and rehearsing a month: `python bench/bench_assessment.py [CLAIMS] [--postgresql]
[--rehearse[=HISTORIES]] [--json]`.

Runs on one core. Prints seconds of wall time, best of three, and of processor time (`_cpu`, including the
database server, for use on a busy machine):

- figures: from recorded facts to the bytes of an edition, on SQLite or a separate PostgreSQL;
- draft: `figures` plus the rows and the basis that are stored with a draft, which is all that the activity
  does;
- sql: plain SQL that groups the same rows into the same figures with their claims: the floor of `figures`;
- copy: plain SQL that copies the same rows into an empty table without an index; `sql` and `copy` are the
  floor of `draft`;
- rehearse: kept histories (default 40) played under another law per second, and the ratio to the bare
  Replayer (`ratio`).
"""

import asyncio
import gc
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from activities.assessment.contents import keep_basis, keep_facts
from activities.assessment.month_facts import month_facts
from assessment.editions.model import canonical
from assessment.editions.monthly import edition_of
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from audit.rehearsal.law import Law
from audit.rehearsal.playthrough import play_under
from audit.replay.replayer import replay_runs
from bench.assessment_month import copied, fill, grouped
from bench.bench_replay import bare, parse, texts
from calendar_rules.loader import load_calendar
from data import load_organisation
from records.contents import ContentStore
from records.database.engine import Records, open_records
from tests.support.dates import beijing
from tests.support.records.postgres import running_cluster

CLAIMS: Final = 2000
HISTORIES: Final = 40
PERIOD: Final = parse_period("2026-11")
UNTIL: Final = beijing("Mon 2026-12-07 09:00")
TIMES: Final = 3


@contextmanager
def records_of(home: Path, *, on_a_server: bool) -> Iterator[tuple[Records, int | None]]:
    """Open an empty database, and yield it with its server's process."""
    if not on_a_server:
        with open_records(f"sqlite:///{home / 'records.db'}") as records:
            yield records, None
        return
    options = ("shared_buffers=256MB", "work_mem=64MB")
    with running_cluster(*options) as cluster, open_records(cluster.create()) as records:
        yield records, cluster.pid


def best(measured: Callable[[], object], server: int | None) -> tuple[float, float]:
    """Return seconds of the fastest run, and the least processor seconds of a run."""
    taken, used = [], []
    for _ in range(TIMES):
        gc.collect()
        began, before = perf_counter(), spent(server)
        measured()
        taken.append(perf_counter() - began)
        used.append(spent(server) - before)
    return min(taken), min(used)


def spent(server: int | None) -> float:
    """Return processor seconds used by this process and the database's; ended processes count with their parents."""
    return process_time() + (sum(map(_ticks, _family(server))) / os.sysconf("SC_CLK_TCK") if server else 0)


def _family(server: int) -> Iterator[list[str]]:
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = file.read_text().rpartition(")")[2].split()
            if file.parent.name == str(server) or fields[1] == str(server):
                yield fields


def _ticks(fields: list[str]) -> int:
    return sum(map(int, fields[11:15]))


def draft(records: Records, contents: ContentStore | None = None) -> bytes:
    """Create a draft's bytes, and the rows stored with it, from the recorded facts."""
    units, scheme = assessed_units(load_organisation()), scheme_for(PERIOD, load_schemes())
    with month_facts(records, PERIOD, load_organisation(), until=UNTIL) as found:
        month = found.pooled(units, ())
        if contents is not None:
            keep_facts(contents, found.to_keep())
            keep_basis(contents, found.basis())
    return canonical(edition_of(PERIOD, month, units, scheme))


def plain_sql(records: Records) -> None:
    with records.reading() as connection:
        grouped(connection, str(PERIOD))


def plain_copy(records: Records) -> None:
    with records.writing() as connection:
        copied(connection, str(PERIOD))


def rehearsed(count: int) -> tuple[float, float, int]:
    histories = parse(texts(-(-count // len(texts(1))))[:count])
    asyncio.run(bare(histories))
    began = process_time()
    asyncio.run(bare(histories))
    floor = process_time() - began
    law = Law(calendar=load_calendar())

    async def again() -> None:
        async for result in replay_runs(histories):
            if result.replayed is not None:
                play_under(result.replayed, law)

    began = process_time()
    asyncio.run(again())
    return floor, process_time() - began, len(histories)


def main() -> None:
    count = next((int(word) for word in sys.argv[1:] if word.isdecimal()), CLAIMS)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with records_of(home, on_a_server="--postgresql" in sys.argv) as (records, server):
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            facts = fill(records, count)
            contents = ContentStore(home / "contents")
            sql = best(lambda: plain_sql(records), server)
            copy = best(lambda: plain_copy(records), server)
            figures = best(lambda: draft(records), server)
            whole = best(lambda: draft(records, contents), server)
    result: dict[str, float] = {"claims": count, "facts": facts}
    for name, (wall, cpu) in {"sql": sql, "copy": copy, "figures": figures, "draft": whole}.items():
        result |= {f"{name}_s": round(wall, 2), f"{name}_cpu_s": round(cpu, 2)}
    for place, suffix in enumerate(("", "_cpu")):
        result |= {
            f"figures{suffix}_to_sql": round(figures[place] / sql[place], 2),
            f"draft{suffix}_to_sql": round(whole[place] / sql[place], 2),
            f"draft{suffix}_to_sql_and_copy": round(whole[place] / (sql[place] + copy[place]), 2),
        }
    wanted = next((word.partition("=")[2] for word in sys.argv if word.startswith("--rehearse")), None)
    if wanted is not None:
        floor, rehearsal, histories = rehearsed(int(wanted or HISTORIES))
        result |= {
            "rehearsed_per_s": round(histories / rehearsal, 1),
            "replayed_per_s": round(histories / floor, 1),
            "ratio": round(floor / rehearsal, 2),
        }
    print(json.dumps(result) if "--json" in sys.argv else "\n".join(f"{k:24}{v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
