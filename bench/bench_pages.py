"""Speed of the claim list page: `python bench/bench_pages.py [--claims N] [--rounds N]`.

Writes N open claims (default 10,000) into a new SQLite file. Requests the page of the 50 most urgent
repeatedly (40 times), within the API's process, without a network. Prints milliseconds at the 95th
percentile, those of the query alone, and the page's size.
"""

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
import structlog
from sqlalchemy import update

from bench.search.data import build
from claims.model.terms import Stage
from records import tables
from records.database.engine import open_records
from records.queries.claims import find_claims
from records.queries.filters import ClaimFilter
from records.queries.paging import ClaimSort, PageRequest
from runtime.settings import Settings
from web.app import create_site

_NOBODY: Final = "127.0.0.1:1"


async def main() -> None:
    """Build the data, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="zaoying-bench-") as folder:
        settings = Settings(home=Path(folder), temporal_address=_NOBODY, actor_requests=100_000)
        query = _query(settings, options.claims, options.rounds)
        page, size = await _page(settings, options.rounds)
    print(f"claims {options.claims}  query p95 {query:.0f} ms  page p95 {page:.0f} ms  {size / 1024:.0f} KB")


def _query(settings: Settings, claims: int, rounds: int) -> float:
    urgent = PageRequest(sort=ClaimSort.DUE_FIRST, limit=50, with_total=True)
    with open_records(settings.records_url) as records:
        build(records, claims)
        with records.writing() as connection:
            open_again = {"stage": Stage.HANDLING, "next_due": tables.CLAIM.c.registered_at}
            connection.execute(update(tables.CLAIM).values(open_again))
        times = []
        for _ in range(rounds):
            began = perf_counter()
            find_claims(records, ClaimFilter(), urgent)
            times.append(perf_counter() - began)
    return _p95(times)


async def _page(settings: Settings, rounds: int) -> tuple[float, int]:
    site = create_site(settings)
    transport = httpx.ASGITransport(site)
    times, size = [], 0
    async with (
        site.router.lifespan_context(site),
        httpx.AsyncClient(transport=transport, base_url="http://site") as http,
    ):
        await http.post("/app/login", data={"person": "supervisor"})
        for _ in range(rounds):
            began = perf_counter()
            answer = await http.get("/app/claims")
            times.append(perf_counter() - began)
            size = len(answer.raise_for_status().content)
    return _p95(times), size


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1000


if __name__ == "__main__":
    asyncio.run(main())
