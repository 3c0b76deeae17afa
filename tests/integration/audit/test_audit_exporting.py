"""The package of a claim, also when the server, the archive or a paper is lost."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from audit.histories.parsing import read_history
from audit.histories.sources import Origin, Sources
from audit.replay.replayer import replay_run
from audit.reports.package import gather, package
from audit.verification.verify import Holdings
from records.attachments import attachments_of
from records.database.engine import Records
from tests.support.archive.audited_installation import installation
from tests.support.archive.kept_histories import load, named

LATE = named("claim-17")
NUMBER = load(LATE).workflow_id.removeprefix("claim-")
SOON = datetime(2026, 12, 31, tzinfo=UTC)


@pytest.fixture
async def holdings(tmp_path: Path, records: Records) -> Holdings:
    return await installation(tmp_path, records, [LATE])


async def packed(holdings: Holdings, now: datetime = SOON) -> dict[str, bytes]:
    found = await holdings.sources.claim(NUMBER)
    life = await replay_run(found.history)
    with zipfile.ZipFile(io.BytesIO(package(gather(found, life, holdings, now=now)))) as whole:
        return {name.removeprefix(f"{NUMBER}/"): whole.read(name) for name in whole.namelist()}


def with_server(holdings: Holdings, home: Path) -> Holdings:
    """Return the installation with a server that still has the claim."""
    kept = load(LATE)

    async def fetch(name: str) -> WorkflowHistory | None:
        return read_history(name, json.dumps(kept.history))

    return Holdings(Sources(fetch, str(home / "archive")), holdings.records, holdings.contents)


@pytest.mark.rule("R70")
async def test_from_the_server_it_holds_the_history_as_it_was_archived(
    holdings: Holdings, tmp_path: Path
) -> None:
    both = with_server(holdings, tmp_path)
    assert (await both.sources.claim(NUMBER)).origin is Origin.SERVER
    assert await packed(both) == await packed(holdings)


async def test_a_damaged_archive_is_said_in_the_package_of_the_server(
    holdings: Holdings, tmp_path: Path
) -> None:
    next((tmp_path / "archive" / "histories").rglob("*.json.gz")).unlink()
    files = await packed(with_server(holdings, tmp_path))
    assert "不能附上 archive" in files["README.txt"].decode()
    assert json.loads(files["history.json"])["events"]


async def test_a_lost_paper_is_named(holdings: Holdings, records: Records, tmp_path: Path) -> None:
    paper = attachments_of(records, NUMBER)[0]
    (tmp_path / "attachments" / paper.sha256[:2] / paper.sha256).unlink()
    files = await packed(holdings)
    assert f"不能附上 {paper.id}" in files["README.txt"].decode()
    assert not [name for name in files if paper.id in name]


@pytest.mark.rule("R70")
async def test_years_later_the_report_shows_no_phone_number(holdings: Holdings) -> None:
    phone = load(LATE).claim.order.phone
    assert phone in (await packed(holdings))["report.html"].decode()
    later = await packed(holdings, SOON + timedelta(days=3 * 366))
    for name in ("report.html", "claim.json", "timeline.json"):
        assert phone not in later[name].decode(), name
