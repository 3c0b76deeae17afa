"""Many claims are played randomly while their archiver is killed again and again; then the records are
rebuilt from the archive alone: `python -m tests.support.archive.archive_chaos COUNT [SEED]` runs it once and
prints the result.

Units' accounts never close: the archive contains only their closed runs. So claims are compared with the
archive alone, and accounts with archive and server together.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final

from pydantic import JsonValue
from sqlalchemy import func, select

from records import tables
from records.database.engine import Records, open_records
from records.queries.claims import find_claims
from records.queries.filters import ClaimFilter
from records.reconciliation.comparison import Difference, compare_claim, compare_document_numbers, numbers
from runtime.connection import connect
from runtime.local_stack import LocalStack
from runtime.settings import Settings
from tests.support.api.city_desk import Desk, desk_of
from tests.support.api.http_random_walk import RandomClaim, Town
from tests.support.archive.archiver_process import sweep_once
from tests.support.processes import command
from tests.support.processes.forked_processes import FORKED, kill

AT_ONCE: Final = 48
"""Concurrent claims."""
BATCH: Final = 20
"""Maximum histories waiting for an archiver, so that its death falls among them."""
JsonObject = Mapping[str, JsonValue]


class KilledArchiver:
    """Starts `tests.support.archive.archiver_process` whenever there is something to archive, and kills it
    half-way.
    """

    def __init__(self, settings: Settings, town: Town, batch: int) -> None:
        """`batch` is the number of closed histories at which an archiver starts; it is killed among them."""
        self.kills = 0
        self.sweeps = 0
        self._settings = settings
        self._town = town
        self._batch = batch
        self._random = Random(town.seed)
        self._manifest = Path(settings.archive) / "manifest"

    async def work(self) -> None:
        """Run until cancelled."""
        while True:
            while self._town.ended < self._archived() + self._batch:
                await asyncio.sleep(0.05)
            await self._sweep_and_die()

    def _archived(self) -> int:
        return len(list(self._manifest.iterdir())) if self._manifest.exists() else 0

    async def _sweep_and_die(self) -> None:
        until = self._archived() + self._random.randint(1, self._batch - 1)
        archiver = FORKED.Process(target=sweep_once, args=(self._settings,))
        archiver.start()
        try:
            while archiver.is_alive() and self._archived() < until:
                await asyncio.sleep(0.001)
            await asyncio.sleep(self._random.random() / 20)  # anywhere within the next history
        finally:
            kill(archiver)
        code = archiver.exitcode
        assert code in (0, -9), code
        self.kills += code != 0
        self.sweeps += code == 0


@asynccontextmanager
async def archiving(settings: Settings, town: Town, count: int) -> AsyncIterator[KilledArchiver]:
    """Run an archiver that is killed repeatedly during this block."""
    archiver = KilledArchiver(settings, town, batch=min(6 + count // 60, BATCH))
    working = asyncio.create_task(archiver.work())
    try:
        yield archiver
        if working.done():
            working.result()
    finally:
        working.cancel()
        await asyncio.wait([working])


async def play_many(city: LocalStack, desk: Desk, count: int, seed: int) -> tuple[Town, KilledArchiver]:
    """Play all claims to their ends."""
    town = Town(desk, await connect(city.settings), seed)
    slots = asyncio.Semaphore(AT_ONCE)

    async def play(n: int) -> None:
        async with slots:
            await RandomClaim(town, n).play()

    async with archiving(city.settings, town, count) as archiver, asyncio.TaskGroup() as group:
        for n in range(count):
            group.create_task(play(n))
    return town, archiver


async def zaoying(settings: Settings, *arguments: str) -> JsonObject:
    """Run a command that must succeed; return its output."""
    done = await asyncio.to_thread(command.zaoying, *arguments, "--json", settings=settings.environment())
    assert done.returncode == 0, (arguments, done.stdout[-4000:], done.stderr[-4000:])
    found: JsonObject = json.loads(done.stdout)
    return found


async def rebuilt_elsewhere(settings: Settings, home: Path) -> list[Difference]:
    """Rebuild the records in an empty home from the archive alone; return both sets of rows."""
    elsewhere = Settings(
        home=home,
        archive_url=settings.archive,
        temporal_address="127.0.0.1:1",
        payload_keys_file=settings.payload_keys,
    )
    await zaoying(elsewhere, "db", "rebuild", "--archive-only")
    with open_records(settings.records_url) as old, open_records(elsewhere.records_url) as new:
        assert numbers(old) == numbers(new)
        assert _last_numbers(old) == _last_numbers(new)
        assert _found(old) == _found(new)
        found = [difference for number in numbers(old) for difference in compare_claim(new, old, number)]
        return found + list(compare_document_numbers(old, new))


def _last_numbers(records: Records) -> dict[str, int]:
    table = tables.NUMBER_SEQUENCE
    with records.reading() as connection:
        return {str(day): last for day, last in connection.execute(select(table.c.day, table.c.last))}


def _found(records: Records) -> set[str]:
    """Return the claims that a search finds."""
    return {row.number for row in find_claims(records, ClaimFilter(text="枣庄第1机械")).rows}


def rows_of(settings: Settings) -> dict[str, int]:
    """Return the number of rows of the claims."""
    with open_records(settings.records_url) as records, records.reading() as connection:
        counted = (tables.CLAIM, tables.JOURNAL, tables.LIMIT, tables.LIGHT, tables.NOTICE)
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in counted
        }


async def prove(city: LocalStack, desk: Desk, count: int, *, seed: int, home: Path) -> dict[str, object]:
    """Play, archive, rebuild and compare; return the figures. Raises AssertionError for any difference."""
    began = monotonic()
    town, archiver = await play_many(city, desk, count, seed)
    played = monotonic()
    swept = await zaoying(city.settings, "archive", "sweep")
    archive = await zaoying(city.settings, "archive", "verify")
    assert (archive["ok"], town.ended) == (True, count)
    differences, live, audited = await asyncio.gather(
        rebuilt_elsewhere(city.settings, home),
        zaoying(city.settings, "db", "check"),
        zaoying(city.settings, "audit", "verify", "--all"),
    )
    assert differences == []
    assert (live["claims"], live["differences"], live["unproven"]) == (count, [], [])
    assert audited["ok"] is True
    return {
        "claims": town.ended,
        "ends": {str(reason): n for reason, n in sorted(town.reasons.items())},
        "acts": {"accepted": town.accepted, "refused": town.refused, "waits": town.waits},
        "lights": {"lit": town.lights, "revoked": town.revoked},
        "archiver": {"killed": archiver.kills, "finished": archiver.sweeps, "left": swept["archived"]},
        "archived": archive["entries"],
        "replayed": audited["histories"],
        "units": live["units"],
        "rows": rows_of(city.settings),
        "seconds": {
            "claims": round(played - began, 1),
            "sweep, rebuild, audit": round(monotonic() - played, 1),
        },
    }


async def main(count: int, seed: int) -> None:
    """Run on a temporary system."""
    with tempfile.TemporaryDirectory(prefix="zaoying-claims-") as folder:
        settings = Settings(
            home=Path(folder, "city"), api_port=0, temporal_port=0, ui_port=0, virtual_time=True
        )
        async with LocalStack(settings, say=print) as city, desk_of(city) as desk:
            result = await prove(city, desk, count, seed=seed, home=Path(folder, "anew"))
            print(json.dumps(result, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    asyncio.run(main(given[0] if given else 1000, given[1] if given[1:] else 1))
