"""The demonstration, and rebuilding its records from the histories by command, on the running system. `make
explore` plays all 25 stories.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from pydantic import JsonValue
from sqlalchemy import func, insert, select

from records import tables
from records.database.engine import Records, open_records
from runtime.settings import Settings
from tests.support.hypothesis_profile import EFFORT
from tests.support.polling import PATIENCE
from tests.support.processes.command import ROOT, until_output, zaoying
from tests.support.records.damage import READ_MODEL, damage

STORIES: Final = () if EFFORT > 1 else (1, 5, 6, 8, 11, 17, 19, 22, 23, 24)
"""All stories, or those that end in different ways, with lights, letters and papers of every kind."""
COUNT: Final = len(STORIES) or 25
KEPT = re.compile(r"ZAOYING_HOME=(?P<home>\S+) ZAOYING_TEMPORAL_PORT=(?P<port>\d+)")


async def db(settings: Settings, *arguments: str) -> tuple[int, dict[str, JsonValue]]:
    """Return exit code and output of `zaoying db …`."""
    done = await asyncio.to_thread(zaoying, "db", *arguments, "--json", settings=settings.environment())
    return done.returncode, json.loads(done.stdout or "{}")


def rows(found: dict[str, JsonValue]) -> set[tuple[str, str]]:
    """Return kind and table of each difference."""
    differences = found["differences"]
    assert isinstance(differences, list)
    return {(str(one["kind"]), str(one["table"])) for one in differences if isinstance(one, dict)}


def counts(records: Records) -> dict[str, int | None]:
    """Return the row counts of the read model, which excludes uploads."""
    with records.reading() as connection:
        found = {
            table.name: connection.scalar(select(func.count()).select_from(table)) for table in READ_MODEL
        }
        made = select(func.count()).select_from(tables.ATTACHMENT).where(tables.ATTACHMENT.c.kind != "")
        return {**found, tables.ATTACHMENT.name: connection.scalar(made)}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demonstration(temporal_cli: Path) -> AsyncIterator[list[str]]:
    """The output of `zaoying demo --keep`, whose system keeps running. It must exit with 0."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "demo", "--keep", *(f"--story={number}" for number in STORIES)),
        cwd=ROOT,
        env={**os.environ, "ZAOYING_TEMPORAL_CLI": str(temporal_cli)},
        stdout=asyncio.subprocess.PIPE,
    )
    yield await until_output(process, "ZAOYING_HOME", within=5 * PATIENCE)
    process.send_signal(signal.SIGINT)
    await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def demonstrated(demonstration: list[str]) -> Settings:
    """The settings of the demonstration's system."""
    kept = KEPT.search(demonstration[-1])
    assert kept
    return Settings(home=Path(kept["home"]), temporal_port=int(kept["port"]))


def test_the_demonstration_tells_all_its_stories(demonstration: list[str]) -> None:
    assert [line for line in demonstration if "✗" in line] == []
    assert f"{COUNT} 件诉求全部按预期走完" in "\n".join(demonstration)
    assert sum("QH20" in line for line in demonstration) == COUNT


@pytest.mark.rule("R70")
async def test_the_records_are_what_the_histories_say(demonstrated: Settings) -> None:
    code, found = await db(demonstrated, "check")
    assert found["differences"] == []
    assert (code, found["problems"], found["unproven"]) == (0, [], [])
    assert found["claims"] == COUNT
    with open_records(demonstrated.records_url) as records:
        assert found["units"] == counts(records)[tables.UNIT_ACCOUNT.name]
        assert all(counts(records).values())


@pytest.mark.rule("R70")
async def test_rows_lost_altered_and_forged_are_named_and_made_anew(demonstrated: Settings) -> None:
    with open_records(demonstrated.records_url) as records:
        wrong = {damage(records, table) for table in READ_MODEL}
        with records.writing() as connection:
            light = dict(connection.execute(select(tables.LIGHT).limit(1)).mappings().one())
            connection.execute(insert(tables.LIGHT).values({**light, "id": f"{light['id']}-forged"}))
    code, found = await db(demonstrated, "check")
    assert (code, rows(found)) == (1, wrong | {("surplus", "light")})
    assert (await db(demonstrated, "rebuild"))[0] == 0
    assert await db(demonstrated, "check") == (0, {**found, "differences": []})


@pytest.mark.rule("R10", "R70")
async def test_lost_records_come_back_whole_and_no_number_is_given_twice(
    demonstrated: Settings, tmp_path: Path
) -> None:
    shutil.copytree(demonstrated.attachments, tmp_path / "attachments")
    empty = demonstrated.model_copy(update={"home": tmp_path})
    assert (await db(empty, "rebuild"))[0] == 0
    code, found = await db(empty, "check")
    assert (code, found["differences"]) == (0, [])
    with open_records(demonstrated.records_url) as before, open_records(empty.records_url) as after:
        assert counts(after) == counts(before)
        sequences = (tables.NUMBER_SEQUENCE, tables.DOCUMENT_SEQUENCE)
        for table in sequences:
            with before.reading() as here, after.reading() as there:
                assert set(there.execute(select(table))) == set(here.execute(select(table)))


async def test_a_claim_without_a_history_is_named_and_only_taken_out_when_asked(
    demonstrated: Settings,
) -> None:
    with open_records(demonstrated.records_url) as records:
        with records.writing() as connection:
            claim = dict(connection.execute(select(tables.CLAIM).limit(1)).mappings().one())
            forged = {**claim, "number": "QH209901010001"}
            connection.execute(insert(tables.CLAIM).values(forged))
        for command in ("check", "rebuild"):
            code, found = await db(demonstrated, command)
            assert (code, found["unproven"]) == (1, ["QH209901010001"])
        assert (await db(demonstrated, "rebuild", "--forget"))[0] == 0
        assert (await db(demonstrated, "check"))[0] == 0


async def test_without_a_server_and_without_an_archive_nothing_is_touched(tmp_path: Path) -> None:
    away = Settings(home=tmp_path, temporal_address="127.0.0.1:1")
    assert (await db(away, "rebuild"))[0] == 1
    code, found = await db(away, "rebuild", "--archive-only")
    assert (code, found["claims"]) == (0, 0)
